//! Tests of the room `sequence`.

mod letters;
mod one_hot;
mod reading;
mod shuffling;
