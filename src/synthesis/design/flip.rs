//! The fewest letters that turn a call around.

use super::{Designs, Goal, Substitution};
use crate::Result;
use crate::network::Model;
use crate::sequence::Explainable;

/// Replaces letters one after another until the sign of an output turns: adversarial sequences.
///
/// A sequence with a raw score above 0 is taken to 0 or below, another one to 0 or above. Each step takes the letter that helps most, so that the edits are few, but
/// not always the fewest; [`Substitution`] with a width and [`Goal::at_most`] looks further. [`Designs::reached`] tells which calls have turned.
///
/// # Errors
///
/// As [`Substitution::run`].
///
/// # Examples
///
/// ```
/// use genolens::{network, sequence::Sequences, synthesis};
/// # fn main() -> genolens::Result<()> {
/// let x = Sequences::dna(["ACGTACGTACGTACG", "GATTACAGATTACAG"])?;
/// let flipped = synthesis::flip(&network::deepbind(4), &x, 0)?;
/// assert_eq!(flipped.len(), 2);
/// # Ok(()) }
/// ```
pub fn flip(model: &dyn Model, x: &dyn Explainable, output: usize) -> Result<Designs> {
    Substitution::new().goal(Goal::turned(output)).run(model, x)
}
