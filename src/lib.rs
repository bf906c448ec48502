//! See what deep models of the genome and the transcriptome have learned.

pub mod attribution;
pub mod calibration;
pub mod catalogue;
pub mod causal;
pub mod display;
mod distribution;
pub mod embedding;
mod error;
pub mod expression;
pub mod generative;
pub mod image;
mod input;
mod linear;
pub mod motif;
pub mod network;
pub mod progress;
pub mod random;
pub mod sequence;
pub mod shift;
pub mod simulate;
pub mod sparse;
mod storage;
pub mod stream;
pub mod sufficient;
pub mod synthesis;
mod text;
pub mod training;

pub use error::{Error, Result};
pub use input::Input;
pub use {candle_core, candle_nn, ndarray, plotters, polars};
