//! Motifs written into backgrounds.

use super::{BeforeAndAfter, Change, Edit};
use crate::network::Model;
use crate::sequence::{Sequences, legal};
use crate::{Error, Result};

/// Computes the outputs of backgrounds before and after a motif is written over the letters in their middle.
///
/// # Errors
///
/// As [`Marginalisation::run`].
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, random::Seed, sequence::{self, Sequences}};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTTGCATCAAACGT", "GGATTACCATTGGGCA"])?;
/// let backgrounds = sequence::dinucleotide_shuffle(&peaks, Seed::new(0));
/// let change = attribution::marginalisation(&network::deepbind(4), &backgrounds, "TGACTCA")?;
/// assert_eq!(change.edited().slice(5..12)?.text(1), "TGACTCA");
/// # Ok(()) }
/// ```
///
/// # References
///
/// The definition and the place are those of tangermeme's `marginalize`, and with several motifs of its `multisubstitute`.
pub fn marginalisation(model: &dyn Model, backgrounds: &Sequences, motif: &str) -> Result<Change> {
    Marginalisation::new(motif).run(model, backgrounds)
}

/// Writes one or several motifs into backgrounds, with options.
///
/// An unknown letter in a motif keeps the letter of the background. As an [`Edit`] it can be used wherever one is taken.
///
/// # Examples
///
/// ```
/// use genolens::{attribution::{Edit, Marginalisation}, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let two = Marginalisation::new("GATA").and(3, "CCC").at(1);
/// assert_eq!(two.apply(&Sequences::dna(["TTTTTTTTTTTT"])?)?.text(0), "TGATATTTCCCT");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marginalisation {
    /// The gap in front of each motif, and the motif.
    motifs: Vec<(usize, String)>,
    at: Option<usize>,
    reversed: bool,
    batch: usize,
}

impl Marginalisation {
    /// Takes a motif with the defaults: in the middle (the motif begins at half the length less half its own, both rounded down), as it
    /// is written, batches of 64.
    pub fn new(motif: &str) -> Self {
        Self {
            motifs: vec![(0, motif.into())],
            at: None,
            reversed: false,
            batch: 64,
        }
    }

    /// Adds a motif so many letters after the end of the one before; the whole is put in the middle.
    pub fn and(mut self, gap: usize, motif: &str) -> Self {
        self.motifs.push((gap, motif.into()));
        self
    }

    /// Sets where the first motif begins, counted from 0.
    pub fn at(mut self, position: usize) -> Self {
        self.at = Some(position);
        self
    }

    /// Writes the whole on the other strand, at the same place.
    pub fn reversed(mut self, reversed: bool) -> Self {
        self.reversed = reversed;
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
    /// Fails when a motif is empty or has letters that the backgrounds have not, does not fit into them, the model cannot read them, or
    /// the user interrupts.
    pub fn run(&self, model: &dyn Model, backgrounds: &Sequences) -> Result<Change> {
        let run = BeforeAndAfter::new().batch(self.batch);
        run.run(model, backgrounds, self)
    }

    /// Returns all motifs as one text, the unknown letter between them.
    fn text(&self, sequences: &Sequences) -> Result<String> {
        let alphabet = sequences.alphabet();
        let longest = sequences.lengths().iter().copied().max().unwrap_or(0);
        let mut text = Vec::new();
        for (gap, motif) in &self.motifs {
            let motif = legal(alphabet, "motif", motif)?;
            let room = longest.checked_sub(text.len() + motif.len());
            if room.is_none_or(|room| room < *gap) {
                let expected = format!("to fit into {longest} letters, the longest sequence");
                return Err(Error::value("motif", expected, self.name()));
            }
            text.resize(text.len() + gap, alphabet.unknown());
            text.extend(motif);
        }
        if self.reversed {
            if !alphabet.has_complement() {
                return Err(Error::value(
                    "reversed",
                    "sequences of DNA or RNA",
                    alphabet,
                ));
            }
            text = (text.iter().rev())
                .map(|&letter| alphabet.complement(letter))
                .collect();
        }
        Ok(text.into_iter().map(char::from).collect())
    }
}

impl Edit for Marginalisation {
    fn name(&self) -> String {
        let mut name = String::new();
        for (place, (gap, motif)) in self.motifs.iter().enumerate() {
            if place > 0 {
                name += &format!(" +{gap} ");
            }
            name += motif;
        }
        if self.reversed {
            name += " reversed";
        }
        name
    }

    fn apply(&self, sequences: &Sequences) -> Result<Sequences> {
        let text = self.text(sequences)?;
        let position = match self.at {
            Some(position) => position,
            None => (sequences.length()? / 2).saturating_sub(text.len() / 2),
        };
        sequences.replace(position, &text)
    }
}
