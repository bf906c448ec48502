//! How the values of all rooms look in a notebook, one file a room.

mod foreign;
mod motif;
mod network;
mod sequence;
mod training;
mod value;

pub use value::{Show, show};
