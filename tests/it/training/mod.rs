//! Tests of the room `training`.

mod fitting;
mod golden;
mod gradients;
mod interruption;
mod tasks;
