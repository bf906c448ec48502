//! Variational models: a position for every cell with its uncertainty, and how likely counts are from there.
//!
//! ```text
//! Vae --Plan (what the model reads), layers--> Architecture --training::Fit--> FittedVae
//! layers: Select, Variance, Draw, PerGene, and those of learned library sizes
//! pulls on positions: Classifier, Clusters, Discrepancy, Neighbourhoods
//! FittedVae --> Latent, Evidence, PredictiveCheck, Differential
//! ```

mod classifier;
mod clusters;
mod differential;
mod dispersion;
mod draw;
mod evidence;
mod fitted_vae;
mod library;
mod neighbourhoods;
mod parameters;
mod per_gene;
mod plan;
mod posterior;
mod predictive_check;
mod vae;
mod variance;

pub use differential::{Differential, DifferentialGenes, DifferentialMode, differential};
pub use dispersion::Dispersion;
pub use evidence::Evidence;
pub use fitted_vae::FittedVae;
pub use predictive_check::{CheckedGenes, PredictiveCheck, predictive_check};
pub use vae::{Vae, vae};
