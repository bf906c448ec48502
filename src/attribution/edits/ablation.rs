//! Stretches replaced by shuffled letters.

use super::stretch::Stretch;
use super::{BeforeAndAfter, Change, Edit};
use crate::motif::Motif;
use crate::network::Model;
use crate::progress;
use crate::random::Seed;
use crate::sequence::{Sequences, Shuffle};
use crate::{Error, Result};
use rayon::prelude::*;
use std::ops::Range;

/// Computes the outputs before and after a stretch (counted from 0, the end excluded) is replaced by shuffled letters, 20 times.
///
/// # Errors
///
/// As [`Ablation::run`].
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACCGGAAGTGCATTGACA", "TTGACCATGGAATTCCAG"])?;
/// let change = attribution::ablation(&network::deepbind(4), &peaks, 2..9)?;
/// assert_eq!(change.after().dim(), (2, 20, 1));
/// # Ok(()) }
/// ```
///
/// # References
///
/// tangermeme's `ablate` shuffles the letters of the stretch itself: [`Ablation::inside`] with [`Shuffle::uniform`] does the same.
pub fn ablation(
    model: &dyn Model,
    sequences: &Sequences,
    positions: Range<usize>,
) -> Result<Change> {
    Ablation::new(positions).run(model, sequences)
}

/// Replaces a stretch, or the hits of a motif, by shuffled letters, with options.
///
/// The new letters are those at the same positions of a shuffle of the whole sequence that keeps its pairs of letters: a stretch as short
/// as a motif has hardly another order with the same pairs, and its own letters in another order are still unlike their
/// surroundings. The shuffles of a sequence follow from the seed and its letters.
#[derive(Clone, Debug)]
pub struct Ablation {
    stretch: Stretch,
    shuffle: Shuffle,
    inside: bool,
    batch: usize,
}

impl Ablation {
    /// Takes a stretch (counted from 0, the end excluded) with the defaults: 20 dinucleotide shuffles of the sequence, batches of 64.
    pub fn new(positions: Range<usize>) -> Self {
        Self::with(Stretch::Positions(positions))
    }

    /// Takes the window of every sequence that a motif likes best, on either strand, by its weights in bits.
    pub fn motif(motif: &Motif) -> Self {
        Self::with(Stretch::Hits {
            motif: motif.clone(),
            at_least: None,
        })
    }

    fn with(stretch: Stretch) -> Self {
        Self {
            stretch,
            shuffle: Shuffle::dinucleotide().copies(20),
            inside: false,
            batch: 64,
        }
    }

    /// Takes all hits of the motif with at least so many bits instead of the best one; they do not overlap, and a sequence without a hit
    /// stays as it is.
    ///
    /// A stretch that was given as positions has no hits, and stays.
    pub fn at_least(mut self, bits: f64) -> Self {
        if let Stretch::Hits { at_least, .. } = &mut self.stretch {
            *at_least = Some(bits);
        }
        self
    }

    /// Sets the number of shuffles for every sequence.
    pub fn copies(mut self, copies: usize) -> Self {
        self.shuffle = self.shuffle.copies(copies);
        self
    }

    /// Sets the kind, the number and the seed of the shuffles.
    pub fn shuffle(mut self, shuffle: Shuffle) -> Self {
        self.shuffle = shuffle;
        self
    }

    /// Sets the seed of the shuffles; default 0.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.shuffle = self.shuffle.seed(seed);
        self
    }

    /// Sets whether the letters of the stretch are shuffled among themselves instead.
    pub fn inside(mut self, inside: bool) -> Self {
        self.inside = inside;
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
    /// Fails when the stretch is empty or passes the end of a sequence, the motif is of another alphabet, there are no shuffles or too
    /// many, the model cannot read the sequences, or the user interrupts.
    pub fn run(&self, model: &dyn Model, sequences: &Sequences) -> Result<Change> {
        let run = BeforeAndAfter::new().batch(self.batch);
        run.run(model, sequences, self)
    }

    /// Returns all variants of one sequence.
    fn variants(&self, sequences: &Sequences, index: usize) -> Result<Vec<(String, Vec<u8>)>> {
        let (copies, seed) = self.shuffle.parts();
        let stretches = self.stretch.of(sequences, index)?;
        let one = sequences.select(&[index])?;
        let seed = seed.named(one.text(0));
        let shuffle = self.shuffle.clone().seed(seed);
        let mut texts = vec![one.letters(0).to_vec(); copies];
        let mut write = |shuffled: &Sequences, from: usize, to: &Range<usize>| {
            for (copy, text) in texts.iter_mut().enumerate() {
                let letters = &shuffled.letters(copy)[from..from + to.len()];
                text[to.clone()].copy_from_slice(letters);
            }
        };
        if self.inside {
            for stretch in &stretches {
                let shuffle = shuffle.clone().seed(seed.indexed(stretch.start));
                write(&shuffle.run(&one.slice(stretch.clone())?)?, 0, stretch);
            }
        } else if !stretches.is_empty() {
            let whole = shuffle.run(&one)?;
            for stretch in &stretches {
                write(&whole, stretch.start, stretch);
            }
        }
        let name = one.name(0);
        let texts = texts.into_iter().enumerate();
        Ok(texts
            .map(|(copy, text)| (format!("{name}_ablation{}", copy + 1), text))
            .collect())
    }
}

impl Edit for Ablation {
    fn name(&self) -> String {
        match &self.stretch {
            Stretch::Positions(positions) => {
                format!("{}..{} shuffled", positions.start, positions.end)
            }
            Stretch::Hits { motif, .. } => format!("{} shuffled", motif.name()),
        }
    }

    fn apply(&self, sequences: &Sequences) -> Result<Sequences> {
        const MOST: usize = 10_000;
        let copies = self.shuffle.parts().0;
        if !(1..=MOST).contains(&copies) {
            return Err(Error::value("copies", format!("1 to {MOST}"), copies));
        }
        let variants = (0..sequences.len()).into_par_iter().map(|index| {
            progress::check("ablation", index, sequences.len())?;
            self.variants(sequences, index)
        });
        // Of several sequences that fail the first is named, for any number of threads.
        let variants = variants.collect::<Vec<_>>().into_iter();
        let variants = variants.collect::<Result<Vec<_>>>()?;
        let alphabet = sequences.alphabet();
        Ok(Sequences::from_legal(
            alphabet,
            variants.into_iter().flatten(),
        ))
    }
}
