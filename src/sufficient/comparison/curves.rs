//! Scores over the share of features that are revealed or masked.

use crate::Result;
use ndarray::{Array1, Array2, Axis};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// The score of every example as features are revealed and as they are masked, the most important first; cheap to clone.
#[derive(Clone)]
pub struct InsertionDeletionCurves {
    shares: Array1<f64>,
    insertion: Arc<Array2<f64>>,
    deletion: Arc<Array2<f64>>,
}

impl InsertionDeletionCurves {
    pub(super) fn new(shares: Array1<f64>, insertion: Array2<f64>, deletion: Array2<f64>) -> Self {
        Self {
            shares,
            insertion: Arc::new(insertion),
            deletion: Arc::new(deletion),
        }
    }

    /// Returns the number of examples.
    pub fn len(&self) -> usize {
        self.insertion.nrows()
    }

    /// Tells whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the share of the features at every point, from 0 to 1, shape `(points)`.
    pub fn shares(&self) -> &Array1<f64> {
        &self.shares
    }

    /// Returns the scores as features are revealed, shape `(examples, points)`.
    pub fn insertion(&self) -> &Array2<f64> {
        &self.insertion
    }

    /// Returns the scores as features are masked, shape `(examples, points)`.
    pub fn deletion(&self) -> &Array2<f64> {
        &self.deletion
    }

    /// Returns the area under the curve of every example as features are revealed, in the unit of the score, shape `(examples)`; the larger, the better.
    pub fn insertion_area(&self) -> Array1<f64> {
        self.area(&self.insertion)
    }

    /// Returns the area under the curve of every example as features are masked, in the unit of the score, shape `(examples)`; the smaller, the better.
    pub fn deletion_area(&self) -> Array1<f64> {
        self.area(&self.deletion)
    }

    /// Integrates by trapezoids.
    fn area(&self, values: &Array2<f64>) -> Array1<f64> {
        values.map_axis(Axis(1), |row| {
            let steps = (1..row.len()).map(|at| {
                let width = self.shares[at] - self.shares[at - 1];
                width * (row[at] + row[at - 1]) / 2.0
            });
            steps.sum()
        })
    }

    /// Returns the mean curves: one row for every point, columns share, insertion and deletion.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let mean = |values: &Array2<f64>| {
            let mean = values.mean_axis(Axis(0));
            mean.map_or_else(Vec::new, |mean| mean.to_vec())
        };
        Ok(df!(
            "share" => self.shares.to_vec(),
            "insertion" => mean(&self.insertion),
            "deletion" => mean(&self.deletion),
        )?)
    }
}

impl fmt::Debug for InsertionDeletionCurves {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mean = |areas: Array1<f64>| areas.mean().unwrap_or(f64::NAN);
        let (insertion, deletion) = (mean(self.insertion_area()), mean(self.deletion_area()));
        let n = self.len();
        write!(
            f,
            "InsertionDeletionCurves(n = {n}, area {insertion:.4} as features are revealed, {deletion:.4} as they are masked)"
        )
    }
}
