//! Tests of the room `attribution`.

mod benchmark;
mod black_box;
mod black_box_careless;
mod black_box_sequences;
mod codes;
mod deep_lift;
mod deep_lift_golden;
mod described_network;
pub(crate) mod drawn;
mod drawn_network;
mod edits;
mod genes;
mod golden;
mod importance;
mod incremental;
mod indels;
mod interruption;
mod layer_methods;
mod layers_golden;
mod methods;
mod pairs;
mod paths;
mod permutation_importance;
mod saturation;
mod shown;
