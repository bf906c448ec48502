//! The integration tests, one module per room.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that goes wrong"
)]

mod alone;
mod architecture;
mod architectures;
mod attribution;
mod calibration;
mod calibration_plots;
mod careless;
mod catalogue;
mod causal;
mod chunk_tree;
mod composition;
mod data;
mod device;
mod display;
mod effect_plots;
mod embedding;
mod expression;
mod expression_plots;
mod filter_motifs;
mod generative;
mod golden;
mod image;
mod kernels;
mod latent_plots;
mod layers;
mod motif;
mod network;
mod pictures;
mod sequence;
mod shift;
mod simulate;
mod sparse;
mod stream;
mod sufficient;
mod synthesis;
mod training;
mod velocity_plots;
mod weights;
