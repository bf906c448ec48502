//! Which part of the input made the output: one method per file, all of them give an [`Attribution`].
//!
//! ```text
//! Model + Sequences --saliency, gradient_x_input, smooth_grad, saturation_mutagenesis----> Attribution (n, letters, length)
//! and References    --integrated_gradients, expected_gradients--> the same, and what it leaves unexplained
//! ```
//!
//! | here | elsewhere |
//! |---|---|
//! | [`saliency`] | captum `Saliency` |
//! | [`gradient_x_input`] | captum `InputXGradient` |
//! | [`smooth_grad`] | captum `NoiseTunnel(Saliency)` |
//! | [`integrated_gradients`] | captum `IntegratedGradients` |
//! | [`expected_gradients`] | captum `GradientShap` |
//! | [`saturation_mutagenesis`] | tangermeme `saturation_mutagenesis` |
//! | [`infidelity`], [`sensitivity`] | captum `infidelity`, `sensitivity_max` |
//!
//! # Examples
//!
//! ```
//! use genolens::{attribution, network, sequence::Sequences};
//! # fn main() -> genolens::Result<()> {
//! let peaks = Sequences::dna(["ACGTACGTAC", "TTTTCCCCAA"])?;
//! let scores = attribution::saturation_mutagenesis(&network::deepbind(4), &peaks)?;
//! assert_eq!(scores.scores().dim(), (2, 4, 10));
//! # Ok(()) }
//! ```

#[expect(
    clippy::module_inception,
    reason = "the type `Attribution` lives in a file named after it"
)]
mod attribution;
mod benchmark;
mod expected_gradients;
mod explainable;
mod filter_motifs;
mod gradient;
mod gradient_x_input;
mod integrated_gradients;
mod method;
mod mutagenesis;
mod path;
mod references;
mod saliency;
mod smooth_grad;

pub use attribution::Attribution;
pub use benchmark::{
    Benchmark, BenchmarkResult, Differences, Infidelity, Randomised, Sensitivity,
    WeightRandomisation, infidelity, sensitivity, weight_randomisation,
};
pub use expected_gradients::{ExpectedGradients, expected_gradients};
pub use explainable::Explainable;
pub use filter_motifs::{FilterMotifs, filter_motifs};
pub use gradient_x_input::{GradientXInput, gradient_x_input};
pub use integrated_gradients::{IntegratedGradients, Rule, integrated_gradients};
pub use method::Method;
pub use mutagenesis::{Effect, SaturationMutagenesis, saturation_mutagenesis};
pub use references::References;
pub use saliency::{Saliency, saliency};
pub use smooth_grad::{SmoothGrad, Smoothing, smooth_grad};
