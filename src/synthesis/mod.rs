//! Inputs that a model makes up.
//!
//! What would a model like to see? Dreams start from noise or from real inputs and follow the gradient; designs change as few letters as they can;
//! adversarial inputs change the call while nobody sees the difference.
//!
//! ```text
//! model, start --ActivationMaximisation(Objective, Space)--> Dreams --logos, curve--> screen
//! model        --ClassMotif--> Motif
//! model, input --MaxEntropy(Energy)--> MaxEntropySamples --logos, saliency--> screen
//! ```
//!
//! # Examples
//!
//! ```
//! use genolens::{network, synthesis};
//! # fn main() -> genolens::Result<()> {
//! let model = network::deepbind(4);
//! let dreams = synthesis::dream_sequence(&model, 30, 0)?;
//! assert!(dreams.values()[0] >= dreams.start_values()[0]);
//! # Ok(()) }
//! ```

mod activation;
mod adversarial;
mod design;
mod max_entropy;

pub use activation::{
    ActivationMaximisation, ClassMotif, Dreams, Objective, Space, class_motif, deep_dream, dream,
    dream_sequence,
};
pub use adversarial::{Adversarial, AdversarialExamples, adversarial};
pub use design::{
    Constraints, Designs, Goal, GradientDesign, SeqProp, Substitution, beam_design, flip,
    gradient_design, greedy_design, seq_prop,
};
pub use max_entropy::{Energy, MaxEntropy, MaxEntropySamples, max_entropy};
