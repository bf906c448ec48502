//! Tests of the room `motif`.
