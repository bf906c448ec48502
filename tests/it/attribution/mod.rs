//! Tests of the room `attribution`.

mod benchmark;
mod golden;
mod interruption;
mod methods;
mod paths;
