//! Tests of the room `motif`.

mod comparing;
mod matrices;
mod reading;
mod scanning;
