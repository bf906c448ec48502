//! Letters taken out at every position.

use super::IndelEffects;
use super::indel::flanks_fit;
use super::indels::{Indels, deleted};
use crate::network::Model;
use crate::sequence::{Sequences, Side};
use crate::{Error, Result};

/// Computes what taking out every single letter does to the first output.
///
/// # Errors
///
/// As [`Deletions::run`].
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let effects = attribution::deletion_effects(&network::deepbind(4), &peaks)?;
/// assert_eq!(effects.values().dim(), (1, 1, 10));
/// # Ok(()) }
/// ```
///
/// # References
///
/// With flanks, an effect is that of tangermeme's `deletion_effect`.
pub fn deletion_effects(model: &dyn Model, sequences: &Sequences) -> Result<IndelEffects> {
    Deletions::new().run(model, sequences)
}

/// Takes letters out at every position, with options.
///
/// The sequence keeps its length: letters move in from one side, those of a flank that is given, or unknown ones.
#[derive(Clone, Debug)]
pub struct Deletions {
    longest: usize,
    side: Side,
    flanks: Option<Sequences>,
    target: usize,
    batch: usize,
}

impl Deletions {
    /// Takes the defaults: single letters, unknown ones that move in from the right, the first output, batches of 64.
    pub fn new() -> Self {
        Self {
            longest: 1,
            side: Side::Right,
            flanks: None,
            target: 0,
            batch: 64,
        }
    }

    /// Sets how many letters are taken out at most; every number from 1 to this is tried.
    pub fn longest(mut self, letters: usize) -> Self {
        self.longest = letters;
        self
    }

    /// Sets from which side letters move in.
    pub fn side(mut self, side: Side) -> Self {
        self.side = side;
        self
    }

    /// Sets the letters that move in: for every sequence those that follow it, or for [`Side::Left`] those in front of it. Unknown ones
    /// come where a flank ends.
    pub fn flanks(mut self, flanks: &Sequences) -> Self {
        self.flanks = Some(flanks.clone());
        self
    }

    /// Sets which output is meant, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.target = target;
        self
    }

    /// Sets the number of sequences that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Computes the effects.
    ///
    /// # Errors
    ///
    /// Fails when the model cannot read the sequences, there is no such output, no or all letters would be taken out, there is not one
    /// flank of the same alphabet for each sequence, or the user interrupts.
    pub fn run(&self, model: &dyn Model, sequences: &Sequences) -> Result<IndelEffects> {
        let (alphabet, length) = (sequences.alphabet(), sequences.length()?);
        if !(1..length).contains(&self.longest) {
            let most = length - 1;
            let expected = format!("1 to {most}, one less than the sequences have");
            return Err(Error::value("longest", expected, self.longest));
        }
        flanks_fit(self.flanks.as_ref(), sequences)?;
        let indels = Indels {
            task: "deletions",
            target: self.target,
            batch: self.batch,
            kinds: (1..=self.longest)
                .map(|count| format!("\u{2212}{count}"))
                .collect(),
        };
        let unknown = alphabet.unknown();
        indels.run((model, sequences), |index, kind, position| {
            let letters = sequences.letters(index);
            let end = position + kind + 1;
            if end > letters.len() {
                return None;
            }
            let flank = self
                .flanks
                .as_ref()
                .map_or(&[][..], |own| own.letters(index));
            Some(deleted(letters, position..end, (flank, unknown, self.side)))
        })
    }
}

impl Default for Deletions {
    fn default() -> Self {
        Self::new()
    }
}
