//! What one model says of the subsets of another.

use crate::Result;
use crate::sufficient::Subsets;
use ndarray::Array1;
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// The scores of subsets alone by a model that need not be the one they were found with; cheap to clone.
#[derive(Clone)]
pub struct CrossScores {
    subsets: Subsets,
    scores: Arc<(Array1<f64>, Array1<f64>)>,
    threshold: f64,
}

impl CrossScores {
    pub(super) fn new(
        subsets: Subsets,
        scores: (Array1<f64>, Array1<f64>),
        threshold: f64,
    ) -> Self {
        Self {
            subsets,
            scores: Arc::new(scores),
            threshold,
        }
    }

    /// Returns the number of subsets.
    pub fn len(&self) -> usize {
        self.subsets.len()
    }

    /// Tells whether there is no subset.
    pub fn is_empty(&self) -> bool {
        self.subsets.is_empty()
    }

    /// Returns the subsets.
    pub fn subsets(&self) -> Subsets {
        self.subsets.clone()
    }

    /// Returns the score of every subset alone, shape `(subsets)`.
    pub fn scores(&self) -> &Array1<f64> {
        &self.scores.0
    }

    /// Returns the score of the whole example of every subset, shape `(subsets)`.
    pub fn whole(&self) -> &Array1<f64> {
        &self.scores.1
    }

    /// Returns the score of every subset alone by the model that it was found with, shape `(subsets)`.
    pub fn own(&self) -> Array1<f64> {
        let own =
            (0..self.len()).map(|at| self.subsets.get(at).map_or(f64::NAN, |one| one.score()));
        own.collect()
    }

    /// Returns the score from which on a subset is enough.
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// Returns the mean score of a subset alone; NaN without subsets.
    pub fn mean(&self) -> f64 {
        self.scores().mean().unwrap_or(f64::NAN)
    }

    /// Returns the share of the subsets that are enough; NaN without subsets.
    pub fn share(&self) -> f64 {
        let enough = self
            .scores()
            .mapv(|score| f64::from(u8::from(score >= self.threshold)));
        enough.mean().unwrap_or(f64::NAN)
    }

    /// Returns the share of the subsets whose whole example reaches the threshold: no larger share of them could be expected to do so alone.
    pub fn whole_share(&self) -> f64 {
        let enough = self
            .whole()
            .mapv(|score| f64::from(u8::from(score >= self.threshold)));
        enough.mean().unwrap_or(f64::NAN)
    }

    /// Returns a table with columns example, subset, size, own, score, whole and sufficient.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let subsets = (0..self.len()).map(|at| self.subsets.get(at));
        let subsets: Vec<_> = subsets.collect::<Result<_>>()?;
        let enough = self.scores().iter().map(|&score| score >= self.threshold);
        Ok(df!(
            "example" => subsets.iter().map(|one| one.example() as u32).collect::<Vec<_>>(),
            "subset" => subsets.iter().map(|one| one.number() as u32).collect::<Vec<_>>(),
            "size" => subsets.iter().map(|one| one.len() as u32).collect::<Vec<_>>(),
            "own" => subsets.iter().map(crate::sufficient::Subset::score).collect::<Vec<_>>(),
            "score" => self.scores().to_vec(),
            "whole" => self.whole().to_vec(),
            "sufficient" => enough.collect::<Vec<_>>(),
        )?)
    }
}

impl fmt::Debug for CrossScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, mean, share) = (self.len(), self.mean(), self.share());
        let threshold = self.threshold;
        write!(
            f,
            "CrossScores(n = {n}, mean = {mean:.3}, {:.0} % reach {threshold})",
            100.0 * share
        )
    }
}
