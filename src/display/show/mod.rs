//! How the values of all rooms look in a notebook, one file a room.

mod attribution;
mod benchmark;
mod black_box;
mod calibration;
mod catalogue;
mod causal;
mod clusters;
mod edits;
mod embedding;
mod expression;
mod foreign;
mod generative;
mod genes;
mod grouping;
mod image;
mod layers;
mod max_entropy;
mod motif;
mod network;
mod sequence;
mod shift;
mod simulate;
mod stream;
mod sufficiency;
mod sufficient;
mod svm;
mod synthesis;
mod training;
mod value;

pub use value::Show;
