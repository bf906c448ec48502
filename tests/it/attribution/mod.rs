//! Tests of the room `attribution`.

mod benchmark;
mod edits;
mod golden;
mod importance;
mod indels;
mod interruption;
mod methods;
mod paths;
mod shown;
