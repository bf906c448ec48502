//! One insertion or deletion in all sequences.

use super::indels::{deleted, inserted};
use super::{BeforeAndAfter, Change, Edit};
use crate::network::Model;
use crate::sequence::{Sequences, Side, legal};
use crate::{Error, Result};
use std::ops::Range;

/// Puts letters into all sequences, or takes some out, at one place; they keep their length.
///
/// As an [`Edit`] it can be seen through any method: [`Change::explain`] tells what becomes of an explanation. For all places at once there
/// are [`Insertions`](super::Insertions) and [`Deletions`](super::Deletions).
///
/// # Examples
///
/// ```
/// use genolens::{attribution::{Edit, Indel}, sequence::{Sequences, Side}};
/// # fn main() -> genolens::Result<()> {
/// let x = Sequences::dna(["ACGTTGCA"])?;
/// assert_eq!(Indel::insert(2, "AA").apply(&x)?.text(0), "ACAAGTTG");
/// assert_eq!(Indel::delete(2..4).side(Side::Left).apply(&x)?.text(0), "NNACTGCA");
/// # Ok(()) }
/// ```
///
/// # References
///
/// tangermeme's `insertion_effect` and `deletion_effect`.
#[derive(Clone, Debug)]
pub struct Indel {
    what: What,
    side: Side,
    flanks: Option<Sequences>,
    batch: usize,
}

#[derive(Clone, Debug)]
enum What {
    Insert(usize, String),
    Delete(Range<usize>),
}

impl Indel {
    /// Puts letters in front of a position, counted from 0; what passes the right end is cut off.
    pub fn insert(position: usize, letters: &str) -> Self {
        Self::new(What::Insert(position, letters.into()))
    }

    /// Takes out positions (counted from 0, the end excluded); unknown letters move in from the right.
    pub fn delete(positions: Range<usize>) -> Self {
        Self::new(What::Delete(positions))
    }

    fn new(what: What) -> Self {
        Self {
            what,
            side: Side::Right,
            flanks: None,
            batch: 64,
        }
    }

    /// Sets which end gives: at which letters are cut off or move in.
    pub fn side(mut self, side: Side) -> Self {
        self.side = side;
        self
    }

    /// Sets the letters that move in after a deletion: for every sequence those that follow it, or for [`Side::Left`] those in front.
    pub fn flanks(mut self, flanks: &Sequences) -> Self {
        self.flanks = Some(flanks.clone());
        self
    }

    /// Sets the number of sequences that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Computes all outputs before and after.
    ///
    /// # Errors
    ///
    /// Fails when the place is not inside all sequences, letters are missing or not of their alphabet, there is not one flank of the same
    /// alphabet for each, the model cannot read them, or the user interrupts.
    pub fn run(&self, model: &dyn Model, sequences: &Sequences) -> Result<Change> {
        let run = BeforeAndAfter::new().batch(self.batch);
        run.run(model, sequences, self)
    }
}

impl Edit for Indel {
    fn name(&self) -> String {
        match &self.what {
            What::Insert(position, letters) => format!("+{letters} at {position}"),
            What::Delete(positions) => {
                format!("\u{2212}{} at {}", positions.len(), positions.start)
            }
        }
    }

    fn apply(&self, sequences: &Sequences) -> Result<Sequences> {
        let alphabet = sequences.alphabet();
        match &self.what {
            What::Insert(position, letters) => {
                let new = legal(alphabet, "letters", letters)?;
                sequences.edited(|index| {
                    let old = sequences.letters(index);
                    if *position > old.len() {
                        let (name, length) = (sequences.name(index), old.len());
                        let expected = format!("at most {length}, the length of `{name}`");
                        return Err(Error::value("position", expected, position));
                    }
                    Ok(inserted(old, (*position, &new), self.side))
                })
            }
            What::Delete(positions) => {
                flanks_fit(self.flanks.as_ref(), sequences)?;
                sequences.edited(|index| {
                    let old = sequences.letters(index);
                    if positions.is_empty() || positions.end > old.len() {
                        let (name, length) = (sequences.name(index), old.len());
                        let expected = format!("some of 0..{length}, `{name}`");
                        let got = format!("{positions:?}");
                        return Err(Error::value("positions", expected, got));
                    }
                    let flank = self
                        .flanks
                        .as_ref()
                        .map_or(&[][..], |own| own.letters(index));
                    let unknown = alphabet.unknown();
                    Ok(deleted(old, positions.clone(), (flank, unknown, self.side)))
                })
            }
        }
    }
}

/// Checks that there is a flank of the same alphabet for every sequence, if there are any.
pub(super) fn flanks_fit(flanks: Option<&Sequences>, sequences: &Sequences) -> Result<()> {
    let Some(flanks) = flanks else { return Ok(()) };
    if flanks.len() != sequences.len() {
        let expected = format!("one for each of {} sequences", sequences.len());
        return Err(Error::value("flanks", expected, flanks.len()));
    }
    if flanks.alphabet() != sequences.alphabet() {
        let expected = format!("{}, as the sequences", sequences.alphabet());
        return Err(Error::value("flanks", expected, flanks.alphabet()));
    }
    Ok(())
}
