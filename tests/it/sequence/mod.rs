//! Tests of the room `sequence`.

mod editing;
mod letters;
mod one_hot;
mod reading;
mod shuffling;
mod variants;
