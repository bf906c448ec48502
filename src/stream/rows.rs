//! Numbers by row, from memory or from a file.

use crate::random::Seed;
use crate::{Error, Result};
use ndarray::{ArrayD, Axis};
use rand::seq::SliceRandom;

/// Rows of numbers, all of one shape, that are read when they are needed.
pub(super) trait Rows: Send + Sync {
    fn len(&self) -> usize;

    /// Returns the shape of one row.
    fn shape(&self) -> Vec<usize>;

    /// Reads rows that exist.
    fn read(&self, rows: &[usize]) -> Result<ArrayD<f32>>;

    /// Returns rows in an order in which they are read quickly.
    fn order(&self, rows: &[usize], seed: Seed) -> Vec<usize> {
        let mut rows = rows.to_vec();
        rows.shuffle(&mut seed.generator());
        rows
    }
}

impl Rows for ArrayD<f32> {
    fn len(&self) -> usize {
        self.shape().first().copied().unwrap_or_default()
    }

    fn shape(&self) -> Vec<usize> {
        ndarray::ArrayBase::shape(self)[1..].to_vec()
    }

    fn read(&self, rows: &[usize]) -> Result<ArrayD<f32>> {
        Ok(self.select(Axis(0), rows))
    }
}

/// The same label for every row.
pub(super) struct Constant {
    pub(super) rows: usize,
    pub(super) label: f32,
}

impl Rows for Constant {
    fn len(&self) -> usize {
        self.rows
    }

    fn shape(&self) -> Vec<usize> {
        Vec::new()
    }

    fn read(&self, rows: &[usize]) -> Result<ArrayD<f32>> {
        Ok(ndarray::Array1::from_elem(rows.len(), self.label).into_dyn())
    }
}

/// Checks labels, one row for each example, NaN where one is missing.
pub(super) fn check_labels(labels: &ArrayD<f32>, n: usize) -> Result<()> {
    if Rows::len(labels) != n || labels.is_empty() {
        let expected = format!("({n}) or ({n}, tasks), one row per example");
        return Err(Error::shape("labels", expected, labels.shape()));
    }
    match labels.iter().position(|label| label.is_infinite()) {
        Some(at) => {
            let got = format!("infinite at position {at}");
            Err(Error::value("labels", "finite, or NaN where missing", got))
        }
        None => Ok(()),
    }
}
