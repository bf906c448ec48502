//! How much a measure falls without each feature.

use crate::Result;
use ndarray::{Array1, Array2, Axis};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// How much a measure falls when each feature is permuted; cheap to clone.
#[derive(Clone)]
pub struct FeatureImportance {
    names: Arc<[String]>,
    measure: f64,
    drops: Arc<Array2<f64>>,
}

impl FeatureImportance {
    pub(super) fn new(names: Vec<String>, measure: f64, drops: Array2<f64>) -> Self {
        Self {
            names: names.into(),
            measure,
            drops: Arc::new(drops),
        }
    }

    /// Returns the names of the features.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the measure before anything is permuted.
    pub fn measure(&self) -> f64 {
        self.measure
    }

    /// Returns the measure less that after a permutation, shape `(features, repeats)`.
    pub fn drops(&self) -> &Array2<f64> {
        &self.drops
    }

    /// Returns the mean drop of each feature, shape `(features)`.
    pub fn mean(&self) -> Array1<f64> {
        let repeats = self.drops.ncols() as f64;
        self.drops.sum_axis(Axis(1)) / repeats
    }

    /// Returns the standard deviation of the drops of each feature over permutations, shape `(features)`; NaN for one permutation.
    pub fn spread(&self) -> Array1<f64> {
        match self.drops.ncols() {
            0 | 1 => Array1::from_elem(self.drops.nrows(), f64::NAN),
            _ => self.drops.std_axis(Axis(1), 1.0),
        }
    }

    /// Returns the number of features.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Tells whether there is no feature.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Returns the importances as a table with columns feature, drop and spread.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        Ok(df!(
            "feature" => self.names.to_vec(),
            "drop" => self.mean().to_vec(),
            "spread" => self.spread().to_vec(),
        )?)
    }
}

impl fmt::Debug for FeatureImportance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (features, repeats) = self.drops.dim();
        write!(
            f,
            "FeatureImportance(measure = {:.4}, features = {features}, repeats = {repeats})",
            self.measure
        )
    }
}
