//! Tests of the room `attribution`.

mod benchmark;
mod drawn;
mod edits;
mod golden;
mod importance;
mod incremental;
mod indels;
mod interruption;
mod methods;
mod pairs;
mod paths;
mod shown;
