//! What is done to sequences.

use crate::Result;
use crate::sequence::Sequences;

/// Something that is done to sequences; an edit of your own becomes one.
///
/// # Examples
///
/// ```
/// use genolens::{attribution::{self, Edit}, network, sequence::Sequences};
///
/// /// Cuts nothing, inserts nothing: reads the other strand.
/// struct Flipped;
///
/// impl Edit for Flipped {
///     fn name(&self) -> String {
///         "flipped".into()
///     }
///     fn apply(&self, sequences: &Sequences) -> genolens::Result<Sequences> {
///         sequences.reverse_complement()
///     }
/// }
///
/// # fn main() -> genolens::Result<()> {
/// let x = Sequences::dna(["ACGTTGCATC"])?;
/// let change = attribution::before_and_after(&network::deepbind(4), &x, &Flipped)?;
/// assert_eq!(change.edited().text(0), "GATGCAACGT");
/// # Ok(()) }
/// ```
pub trait Edit: Send + Sync {
    /// Says in a few words what is done.
    fn name(&self) -> String;

    /// Returns the edited sequences: one for each, or the same number of variants for each, those of the first sequence first.
    ///
    /// # Errors
    ///
    /// Fails when a sequence cannot be edited in this way.
    fn apply(&self, sequences: &Sequences) -> Result<Sequences>;
}

impl<E: Edit + ?Sized> Edit for &E {
    fn name(&self) -> String {
        (**self).name()
    }

    fn apply(&self, sequences: &Sequences) -> Result<Sequences> {
        (**self).apply(sequences)
    }
}
