//! What two assays of the same sequences saw, and the truth behind it.

use super::Plants;
use super::cooperation::{Law, codes};
use crate::sequence::{Alphabet, Sequences};
use ndarray::Array2;
use std::fmt;
use std::sync::Arc;

/// The change of the exposure, in standard deviations of the noise, below which no effect can be told.
const SEEN: f64 = 1.0;

/// Holds sequences with the counts of two assays, the exposure and the outcome; cheap to clone.
#[derive(Clone)]
pub struct Assays {
    sequences: Sequences,
    data: Arc<Data>,
}

struct Data {
    origins: Vec<usize>,
    expected: Array2<f64>,
    counts: Array2<f64>,
    truth: Plants,
    law: Arc<Law>,
}

impl Assays {
    pub(super) fn new(
        (letters, origins): (Vec<Vec<u8>>, Vec<usize>),
        (expected, counts): (Array2<f64>, Array2<f64>),
        (truth, law): (Plants, Arc<Law>),
    ) -> Self {
        let mut pairs = Vec::with_capacity(letters.len());
        for (index, (letters, origin)) in letters.into_iter().zip(&origins).enumerate() {
            let name = if *origin == index {
                format!("sim{}", index + 1)
            } else {
                format!("sim{}, variant {}", origin + 1, index + 1)
            };
            pairs.push((name, letters));
        }
        Self {
            sequences: Sequences::from_legal(Alphabet::Dna, pairs),
            data: Arc::new(Data {
                origins,
                expected,
                counts,
                truth,
                law,
            }),
        }
    }

    /// Returns the sequences, variants after all others.
    pub fn sequences(&self) -> Sequences {
        self.sequences.clone()
    }

    /// Returns the counts, shape `(n, 2)`: exposure and outcome.
    pub fn counts(&self) -> &Array2<f64> {
        &self.data.counts
    }

    /// Returns the means of which the counts were drawn, shape `(n, 2)`.
    pub fn expected(&self) -> &Array2<f64> {
        &self.data.expected
    }

    /// Returns the counts on Anscombe's scale, where the noise of all is about 1, shape `(n, 2)`: labels for a model.
    pub fn labels(&self) -> Array2<f32> {
        self.data.counts.mapv(|count| anscombe(count) as f32)
    }

    /// Returns where motifs were put in the sequences that are no variants.
    pub fn truth(&self) -> Plants {
        self.data.truth.clone()
    }

    /// Returns the sequences that are no variants and carry the motif of the exposure, by number.
    pub fn exposed(&self) -> Vec<usize> {
        let plants = (0..self.data.truth.len()).map(|i| self.data.truth.get(i));
        let mut exposed: Vec<usize> = plants
            .filter(|plant| plant.motif == 0)
            .map(|plant| plant.sequence)
            .collect();
        exposed.dedup();
        exposed
    }

    /// Returns the true effect of the exposure on the outcome near a sequence, both on Anscombe's scale and without anything that confounds.
    ///
    /// The slope, through the origin, of the changes of the outcome on those of the exposure over all single mutations of the exposure's
    /// motif. Nothing where the sequence does not carry it or is a variant, and where no mutation changes the exposure by as much as the noise.
    pub fn effect(&self, index: usize) -> Option<f64> {
        if index >= self.data.origins.len() || self.data.origins[index] != index {
            return None;
        }
        let plants = self.data.truth.of(index);
        let plant = (0..plants.len())
            .map(|i| plants.get(i))
            .find(|plant| plant.motif == 0)?;
        let mut codes = codes(self.sequences.letters(index));
        let whole = self.data.law.causal(&codes).map(anscombe);
        let (mut products, mut squares, mut most) = (0.0, 0.0, 0.0_f64);
        for place in plant.start..plant.end {
            let own = codes[place];
            for letter in (0..4).filter(|letter| *letter != own) {
                codes[place] = letter;
                let changed = self.data.law.causal(&codes).map(anscombe);
                let (x, y) = (changed[0] - whole[0], changed[1] - whole[1]);
                products += x * y;
                squares += x * x;
                most = most.max(x.abs());
            }
            codes[place] = own;
        }
        (most >= SEEN).then_some(products / squares)
    }
}

/// The transformation that gives Poisson numbers a standard deviation of about 1 (Anscombe 1948, doi:10.1093/biomet/35.3-4.246).
fn anscombe(count: f64) -> f64 {
    2.0 * (count + 0.375).sqrt()
}

impl fmt::Debug for Assays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let n = self.data.origins.len();
        let variants = self
            .data
            .origins
            .iter()
            .enumerate()
            .filter(|(i, origin)| i != *origin)
            .count();
        write!(
            f,
            "Assays({n} sequences, {variants} of them variants, exposure and outcome)"
        )
    }
}
