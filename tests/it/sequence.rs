//! Tests of the room `sequence`.
