//! Tests of the room `training`.

mod augmenting;
mod checkpoints;
mod comparing;
mod fitting;
mod golden;
mod gradients;
mod interruption;
mod splitting;
mod steps;
mod tasks;
