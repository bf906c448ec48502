//! Which part of the input made the output: one method per file, all of them give an [`Attribution`].
//!
//! ```text
//! Model + Sequences --saliency, gradient_x_input, saturation_mutagenesis--> Attribution (n, letters, length)
//! ```
//!
//! | here | elsewhere |
//! |---|---|
//! | [`saliency`] | captum `Saliency` |
//! | [`gradient_x_input`] | captum `InputXGradient` |
//! | [`saturation_mutagenesis`] | tangermeme `saturation_mutagenesis` |
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
mod explainable;
mod filter_motifs;
mod gradient;
mod gradient_x_input;
mod mutagenesis;
mod saliency;

pub use attribution::Attribution;
pub use explainable::Explainable;
pub use filter_motifs::{FilterMotifs, filter_motifs};
pub use gradient_x_input::{GradientXInput, gradient_x_input};
pub use mutagenesis::{Effect, SaturationMutagenesis, saturation_mutagenesis};
pub use saliency::{Saliency, saliency};
