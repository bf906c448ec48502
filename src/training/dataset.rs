//! Examples, labels and weights as numbers in rows, and how they are split and shuffled.

use super::Loss;
use crate::random::Seed;
use crate::{Error, Result};
use candle_core::{Device, Tensor};
use ndarray::{Array1, CowArray, IxDyn};
use rand::seq::SliceRandom;

/// Examples with their labels and weights, and which of them to use.
pub(crate) struct Dataset<'a> {
    x: &'a CowArray<'a, f32, IxDyn>,
    labels: &'a [f32],
    weights: Vec<f32>,
}

/// A mini-batch on the device.
pub(crate) struct Batch {
    pub(crate) x: Tensor,
    pub(crate) labels: Tensor,
    pub(crate) weights: Tensor,
}

impl<'a> Dataset<'a> {
    /// `x` must be in standard layout.
    pub(crate) fn new(
        x: &'a CowArray<'a, f32, IxDyn>,
        labels: &'a Array1<f32>,
        balance: bool,
    ) -> Result<Self> {
        let n = x.shape().first().copied().unwrap_or_default();
        if n == 0 || x.ndim() < 2 {
            return Err(Error::shape("x", "(n, ...) with n at least 1", x.shape()));
        }
        if labels.len() != n {
            let expected = format!("({n}), one label per example of `x`");
            return Err(Error::shape("labels", expected, &[labels.len()]));
        }
        if x.iter().any(|value| !value.is_finite()) {
            return Err(Error::value("x", "finite", "not finite in places"));
        }
        let Some(labels) = labels.as_slice() else {
            return Err(Error::value(
                "labels",
                "in standard layout",
                "a strided view",
            ));
        };
        let ones = labels.iter().filter(|&&label| label == 1.0).count();
        let share = |count: usize| n as f32 / (2 * count.max(1)) as f32;
        let weights = labels
            .iter()
            .map(|&label| match (balance, label == 1.0) {
                (false, _) => 1.0,
                (true, true) => share(ones),
                (true, false) => share(n - ones),
            })
            .collect();
        Ok(Self { x, labels, weights })
    }

    /// Splits into rows for training and rows for validation, the latter with the same share of every class.
    pub(crate) fn split(&self, share: f64, (seed, loss): (Seed, Loss)) -> (Vec<usize>, Vec<usize>) {
        let class = |row: &usize| loss == Loss::CrossEntropy && self.labels[*row] == 1.0;
        let (ones, zeros): (Vec<usize>, Vec<usize>) = (0..self.labels.len()).partition(class);
        let mut generator = seed.named("validation").generator();
        let (mut train, mut validation) = (Vec::new(), Vec::new());
        for mut rows in [ones, zeros] {
            rows.shuffle(&mut generator);
            let count = (rows.len() as f64 * share).round() as usize;
            validation.extend(rows.drain(..count));
            train.extend(rows);
        }
        train.sort_unstable();
        validation.sort_unstable();
        (train, validation)
    }

    pub(crate) fn batch(&self, rows: &[usize], device: &Device) -> Result<Batch> {
        let size = self.x.len() / self.labels.len();
        let mut values = Vec::with_capacity(rows.len() * size);
        match self.x.as_slice() {
            Some(x) => {
                for row in rows {
                    values.extend_from_slice(&x[row * size..(row + 1) * size]);
                }
            }
            None => return Err(Error::value("x", "in standard layout", "a strided view")),
        }
        let mut shape = self.x.shape().to_vec();
        shape[0] = rows.len();
        let pick = |of: &[f32]| rows.iter().map(|&row| of[row]).collect::<Vec<f32>>();
        Ok(Batch {
            x: Tensor::from_vec(values, shape, device)?,
            labels: Tensor::from_vec(pick(self.labels), rows.len(), device)?,
            weights: Tensor::from_vec(pick(&self.weights), rows.len(), device)?,
        })
    }

    pub(crate) fn labels(&self, rows: &[usize]) -> Vec<f32> {
        rows.iter().map(|&row| self.labels[row]).collect()
    }

    pub(crate) fn weights(&self, rows: &[usize]) -> Vec<f32> {
        rows.iter().map(|&row| self.weights[row]).collect()
    }
}

/// Cuts rows into batches; a last batch of one joins the one before, because a batch norm cannot learn from one.
pub(crate) fn batches(rows: &[usize], size: usize) -> Vec<&[usize]> {
    let mut cuts: Vec<&[usize]> = rows.chunks(size).collect();
    if size > 1 && cuts.len() > 1 && rows.len() % size == 1 {
        cuts.truncate(cuts.len() - 2);
        cuts.push(&rows[cuts.len() * size..]);
    }
    cuts
}
