//! Models that make cells: autoencoders, variational ones, and what they keep of a cell.
//!
//! ```text
//! Cells --Autoencoder--> FittedAutoencoder --codes--> Latent --> embedding::umap
//!                              \--reconstructed--> Cells
//! Cells --Gan--> FittedGan --sample, sample_of--> Cells
//! LatentModel + treated and untreated Cells --Perturbation--> Response, beside simpler ways
//! LatentModel + Cells --KnockDown--> KnockedDown
//! LatentModel + Cells --LatentPath--> Trajectory
//! real Cells + generated Cells --collapse--> Collapse (coverage of every kind)
//! Cells --Vae--> FittedVae --latent--> Latent
//!                    \--normalised, batch_free, evidence, units, ...
//! LatentModel (both): encode, decode
//! ```
//!
//! # Examples
//!
//! ```
//! use genolens::ndarray::Array2;
//! use genolens::{expression::Cells, generative};
//! # fn main() -> genolens::Result<()> {
//! // Two kinds of cells, of which each has two genes of its own.
//! let counts = Array2::from_shape_fn((60, 4), |(cell, gene)| if cell % 2 == gene / 2 { 5.0 } else { 0.0 });
//! let names = (0..60).map(|cell| format!("cell {cell}"));
//! let cells = Cells::new(counts, names, ["CD3D", "CD3E", "MS4A1", "CD79A"])?;
//! let model = generative::Autoencoder::new(2).hidden(&[]).run(&cells)?;
//! assert_eq!(model.codes(&cells)?.coordinates().dim(), (60, 2));
//! # Ok(()) }
//! ```

mod adage;
mod autoencoder;
mod collapse;
mod corruption;
mod covariates;
mod discrepancy;
mod fitted;
mod gan;
mod graph_comparison;
mod graph_control;
mod information;
mod latent;
mod latent_model;
mod noise;
mod path;
mod penalty;
mod perturbation;
mod reader;
mod select;
mod sparsity;
mod tied;
mod variational;

pub use adage::{Adage, Side, Signature, Signatures, ZeroOne};
pub use autoencoder::{Autoencoder, dca};
pub use collapse::{Collapse, CollapseCheck, collapse};
pub use corruption::Noise;
pub use fitted::FittedAutoencoder;
pub use gan::{FittedGan, Gan, GanHistory, wgan};
pub use graph_comparison::GraphComparison;
pub use graph_control::{GraphControl, graph_control};
pub use latent::Latent;
pub use latent_model::LatentModel;
pub use path::{LatentPath, Trajectory};
pub use perturbation::{
    EnergyDistance, KnockDown, KnockedDown, Perturbation, Response, e_distance,
};
pub use variational::{
    CheckedGenes, Differential, DifferentialGenes, DifferentialMode, Dispersion, Evidence,
    FittedVae, PredictiveCheck, Vae, differential, predictive_check, vae,
};
