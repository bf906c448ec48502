//! Tests of the room `attribution`.

mod golden;
mod interruption;
mod methods;
mod paths;
