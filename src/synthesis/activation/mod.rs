//! Activation maximisation: inputs that raise an output or a layer.

mod activation_maximisation;
mod ascent;
mod class_motif;
mod deep_dream;
mod dreams;
mod objective;
mod penalties;
mod space;

pub use activation_maximisation::{ActivationMaximisation, dream, dream_sequence};
pub use class_motif::{ClassMotif, class_motif};
pub use deep_dream::deep_dream;
pub use dreams::Dreams;
pub use objective::Objective;
pub use space::Space;

pub(in crate::synthesis) use objective::log_sigmoid;
pub(in crate::synthesis) use space::largest;
