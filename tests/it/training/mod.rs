//! Tests of the room `training`.

mod augmenting;
mod checkpoints;
mod comparing;
mod fitting;
mod golden;
mod gradients;
mod interruption;
mod intervals;
mod measuring;
mod metrics;
mod splitting;
mod steps;
mod tasks;
