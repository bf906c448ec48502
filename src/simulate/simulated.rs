//! What a simulation gives.

use super::{Plant, Plants};
use crate::motif::Motifs;
use crate::random::Seed;
use crate::sequence::Sequences;
use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis, s};
use rand::RngExt;
use std::fmt;

/// Holds simulated sequences with their labels and the truth behind them; cheap to clone.
#[derive(Clone)]
pub struct Simulated {
    sequences: Sequences,
    labels: std::sync::Arc<Array1<f32>>,
    truth: Plants,
    motifs: Motifs,
}

impl Simulated {
    pub(super) fn new(
        sequences: Sequences,
        labels: Array1<f32>,
        planted: (Plants, Motifs),
    ) -> Self {
        let (truth, motifs) = planted;
        Self {
            sequences,
            labels: labels.into(),
            truth,
            motifs,
        }
    }

    /// Returns the sequences, named `sim1` and so on.
    pub fn sequences(&self) -> Sequences {
        self.sequences.clone()
    }

    /// Returns the labels, shape `(n,)`: 1 where motifs were planted, else 0, but for [noise](Self::label_noise).
    pub fn labels(&self) -> &Array1<f32> {
        &self.labels
    }

    pub(super) fn with_labels(mut self, labels: Array1<f32>) -> Self {
        self.labels = labels.into();
        self
    }

    /// Returns the same with noise in the labels: each is the wrong one with this chance, 0 to 0.5. The truth stays as it is.
    ///
    /// Real peaks are called by mistake, and missed. A model that learns from such labels is never sure, however many motifs it sees, so
    /// that its scores saturate; without noise they grow with every motif. [`Benchmark`](crate::attribution::Benchmark)
    /// tells what this does to methods that explain.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] for another chance.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{random::Seed, simulate::Grammar};
    /// # fn main() -> genolens::Result<()> {
    /// let data = Grammar::new().run(1000)?;
    /// let noisy = data.label_noise(0.1, Seed::new(0))?;
    /// let wrong = (data.labels() - noisy.labels()).mapv(f32::abs).sum();
    /// assert!(wrong > 70.0 && wrong < 130.0);
    /// # Ok(()) }
    /// ```
    pub fn label_noise(&self, chance: f64, seed: impl Into<Seed>) -> Result<Self> {
        if !(0.0..=0.5).contains(&chance) {
            return Err(Error::value("chance", "0 to 0.5", chance));
        }
        let mut generator = seed.into().named("label noise").generator();
        let labels = self.labels.mapv(|label| {
            let is_wrong = generator.random::<f64>() < chance;
            if is_wrong { 1.0 - label } else { label }
        });
        Ok(self.clone().with_labels(labels))
    }

    /// Returns where motifs were put.
    pub fn truth(&self) -> Plants {
        self.truth.clone()
    }

    /// Returns the motifs of the grammar.
    pub fn motifs(&self) -> Motifs {
        self.motifs.clone()
    }

    /// Returns these sequences with their labels and truth, in this order; an index may come twice.
    ///
    /// # Errors
    ///
    /// [`Error::Value`](crate::Error::Value) for an index that does not exist.
    pub fn select(&self, indices: &[usize]) -> Result<Self> {
        let sequences = self.sequences.select(indices)?;
        let mut plants = Vec::new();
        for (sequence, &index) in indices.iter().enumerate() {
            plants.extend(self.truth.in_sequence(index).iter().map(|plant| Plant {
                sequence,
                ..plant.clone()
            }));
        }
        Ok(Self::new(
            sequences,
            self.labels.select(Axis(0), indices),
            (Plants::new(plants), self.motifs.clone()),
        ))
    }

    /// Returns how often each motif was planted in each sequence, shape `(n, motifs)`.
    pub fn counts(&self) -> Array2<f32> {
        let mut counts = Array2::zeros((self.sequences.len(), self.motifs.len()));
        for plant in (0..self.truth.len()).map(|i| self.truth.get(i)) {
            counts[[plant.sequence, plant.motif]] += 1.0;
        }
        counts
    }

    /// Returns 1 at every planted position and 0 elsewhere, shape `(n, length)`.
    pub fn mask(&self) -> Array2<f32> {
        let length = self.sequences.length().unwrap_or_default();
        let mut mask = Array2::zeros((self.sequences.len(), length));
        for plant in (0..self.truth.len()).map(|i| self.truth.get(i)) {
            mask.slice_mut(s![plant.sequence, plant.start..plant.end])
                .fill(1.0);
        }
        mask
    }
}

impl fmt::Debug for Simulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let positive = self.labels.iter().filter(|&&label| label > 0.0).count();
        write!(
            f,
            "Simulated({:?}, positive = {positive}, plants = {})",
            self.sequences,
            self.truth.len()
        )
    }
}
