//! The integration tests, one module per room.

mod attribution;
mod data;
mod display;
mod embedding;
mod motif;
mod network;
mod sequence;
mod simulate;
mod training;
