//! Sets of classes, one for each example.

use super::conformal_sets::class_numbers;
use crate::Result;
use crate::training::Labels;
use ndarray::{Array1, Array2};
use std::fmt;
use std::sync::Arc;

/// For every example the classes that it may have, shape `(n, classes)`; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct PredictionSets {
    held: Arc<Array2<bool>>,
    level: f64,
}

impl PredictionSets {
    pub(super) fn new(held: Array2<bool>, level: f64) -> Self {
        Self {
            held: Arc::new(held),
            level,
        }
    }

    /// Returns whether each class is in the set of each example, shape `(n, classes)`.
    pub fn held(&self) -> &Array2<bool> {
        &self.held
    }

    /// Returns the chance with which sets should hold the right class.
    pub fn level(&self) -> f64 {
        self.level
    }

    /// Returns the number of classes in every set.
    pub fn sizes(&self) -> Array1<f64> {
        let size =
            |row: ndarray::ArrayView1<'_, bool>| row.iter().filter(|held| **held).count() as f64;
        self.held.rows().into_iter().map(size).collect()
    }

    /// Returns the share of examples whose set holds the right class; labels `(n)` are class numbers.
    ///
    /// # Errors
    ///
    /// Fails when there is not one label for each example, or one is no class.
    pub fn coverage(&self, labels: &dyn Labels) -> Result<f64> {
        let truth = class_numbers(labels, self.held.dim())?;
        let right = truth
            .iter()
            .enumerate()
            .filter(|(row, class)| self.held[[*row, **class]]);
        Ok(right.count() as f64 / truth.len() as f64)
    }

    /// Returns the same for the examples of every class alone, NaN for a class without any.
    ///
    /// # Errors
    ///
    /// As [`coverage`](Self::coverage).
    pub fn class_coverage(&self, labels: &dyn Labels) -> Result<Array1<f64>> {
        let truth = class_numbers(labels, self.held.dim())?;
        let mut counts = vec![(0.0, 0.0); self.held.ncols()];
        for (row, &class) in truth.iter().enumerate() {
            let (right, all) = &mut counts[class];
            *right += f64::from(u8::from(self.held[[row, class]]));
            *all += 1.0;
        }
        Ok(counts.into_iter().map(|(right, all)| right / all).collect())
    }
}

impl fmt::Debug for PredictionSets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PredictionSets({self})")
    }
}

impl fmt::Display for PredictionSets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, classes) = self.held.dim();
        let mean = self.sizes().mean().unwrap_or(f64::NAN);
        write!(
            f,
            "{n} sets of {classes} classes, level {}, mean size {mean:.3}",
            self.level
        )
    }
}
