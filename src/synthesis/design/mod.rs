//! Sequences with few letters changed, so that a model says what is wanted.
//!
//! ```text
//! model, sequences, Goal --Substitution (greedy, beam), GradientDesign (Ledidi), SeqProp--> Designs
//!                             \-- Constraints
//! ```

mod candidate;
mod constraints;
mod designs;
mod flip;
mod goal;
mod gradient_design;
mod sampled;
mod seq_prop;
mod substitution;

pub use constraints::Constraints;
pub use designs::Designs;
pub use flip::flip;
pub use goal::Goal;
pub use gradient_design::{GradientDesign, gradient_design};
pub use seq_prop::{SeqProp, seq_prop};
pub use substitution::{Substitution, beam_design, greedy_design};
