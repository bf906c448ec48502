//! Tests of the room `attribution`.

mod benchmark;
mod black_box;
mod black_box_careless;
mod black_box_sequences;
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
mod permutation_importance;
mod shown;
