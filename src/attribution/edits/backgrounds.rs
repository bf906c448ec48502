//! Sequences without a signal of their own.

use crate::progress;
use crate::random::Seed;
use crate::sequence::{Alphabet, Sequences, Shuffle};
use crate::{Error, Result};
use ndarray::{Array2, Axis};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// How null sequences are made from data: they keep something of it, and lose its motifs.
///
/// # Examples
///
/// ```
/// use genolens::{attribution::Backgrounds, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTTGCATCAA", "GGATTACCATTG"])?;
/// let nulls = Backgrounds::dinucleotide_shuffles().count(100).run(&peaks)?;
/// assert_eq!((nulls.len(), nulls.length()?), (100, 12));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Backgrounds {
    kind: Kind,
    count: usize,
    seed: Seed,
}

#[derive(Clone, Debug)]
enum Kind {
    Shuffled(Shuffle),
    Profile,
    Composition,
    Uniform,
}

impl Backgrounds {
    /// Shuffles sequences of the data so that each letter follows each other as often as before.
    pub fn dinucleotide_shuffles() -> Self {
        Self::of(Kind::Shuffled(Shuffle::dinucleotide()))
    }

    /// Shuffles the letters of sequences of the data.
    pub fn shuffles() -> Self {
        Self::of(Kind::Shuffled(Shuffle::uniform()))
    }

    /// Draws every letter with the shares that it has at its position in the data.
    pub fn profile() -> Self {
        Self::of(Kind::Profile)
    }

    /// Draws every letter with the share that it has in the data.
    pub fn composition() -> Self {
        Self::of(Kind::Composition)
    }

    /// Draws every letter with equal chance.
    pub fn uniform() -> Self {
        Self::of(Kind::Uniform)
    }

    fn of(kind: Kind) -> Self {
        Self {
            kind,
            count: 1000,
            seed: Seed::default(),
        }
    }

    /// Sets how many are made; default 1000. Sequences of the data take turns in being shuffled.
    pub fn count(mut self, count: usize) -> Self {
        self.count = count;
        self
    }

    /// Sets the seed; default 0. A shuffle follows from it and from the letters of the sequence that is shuffled.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Makes null sequences of the length of the data, named `null1` and so on.
    ///
    /// # Errors
    ///
    /// Fails when there are no sequences or they have several lengths, none or too many nulls are asked for, or the user interrupts.
    pub fn run(&self, sequences: &Sequences) -> Result<Sequences> {
        const MOST: usize = 10_000_000;
        let (length, alphabet) = (sequences.length()?, sequences.alphabet());
        if !(1..=MOST).contains(&self.count) {
            return Err(Error::value("count", format!("1 to {MOST}"), self.count));
        }
        let sums = match self.kind {
            Kind::Profile => running_sums(&profile(sequences, length)),
            Kind::Composition => {
                let shares = sequences.composition().insert_axis(Axis(0));
                running_sums(&shares)
            }
            Kind::Uniform | Kind::Shuffled(_) => running_sums(&Array2::ones((1, alphabet.size()))),
        };
        let nulls = (0..self.count).into_par_iter().map(|place| {
            progress::check("null sequences", place, self.count)?;
            let letters = match &self.kind {
                Kind::Shuffled(shuffle) => {
                    let one = sequences.select(&[place % sequences.len()])?;
                    let seed = self.seed.named(one.text(0));
                    let seed = seed.indexed(place / sequences.len());
                    shuffle.clone().seed(seed).run(&one)?.letters(0).to_vec()
                }
                _ => drawn(&sums, (alphabet, length), self.seed.indexed(place)),
            };
            Ok((format!("null{}", place + 1), letters))
        });
        let nulls = nulls.collect::<Result<Vec<_>>>();
        let nulls = nulls.inspect_err(|error| {
            if error.is_interrupted() {
                progress::clear_interrupt();
            }
        })?;
        Ok(Sequences::from_legal(alphabet, nulls))
    }
}

/// Counts the letters at every position, shape `(length, letters)`; a position without known letters counts all once.
fn profile(sequences: &Sequences, length: usize) -> Array2<f64> {
    let alphabet = sequences.alphabet();
    let mut counts = Array2::zeros((length, alphabet.size()));
    for index in 0..sequences.len() {
        for (position, &letter) in sequences.letters(index).iter().enumerate() {
            if let Some(letter) = alphabet.index(letter) {
                counts[[position, letter]] += 1.0;
            }
        }
    }
    counts
}

/// Adds up shares along the letters; rows without any become equal shares.
fn running_sums(shares: &Array2<f64>) -> Array2<f64> {
    let mut sums = shares.clone();
    for mut row in sums.rows_mut() {
        if row.sum() <= 0.0 {
            row.fill(1.0);
        }
        let mut sum = 0.0;
        for share in &mut row {
            sum += *share;
            *share = sum;
        }
    }
    sums
}

/// Draws letters, with one row of running sums for all positions or one for each.
fn drawn(sums: &Array2<f64>, (alphabet, length): (Alphabet, usize), seed: Seed) -> Vec<u8> {
    let mut generator = seed.generator();
    let letter = |position: usize, generator: &mut ChaCha8Rng| {
        let row = sums.row(position.min(sums.nrows() - 1));
        let point = generator.random::<f64>() * row.last().copied().unwrap_or_default();
        let letter = row.iter().position(|&sum| point < sum).unwrap_or(0);
        alphabet.letters()[letter]
    };
    (0..length)
        .map(|position| letter(position, &mut generator))
        .collect()
}
