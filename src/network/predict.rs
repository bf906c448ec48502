//! Scores for many examples, batch by batch.

use super::activation::sigmoid;
use super::batches::in_batches;
use super::tensor::{to_dimension, view_to_tensor};
use super::{Model, MonteCarlo};
use crate::random::Seed;
use crate::{Error, Input, Result};
use ndarray::{Array2, Axis, Slice, concatenate};

/// Computes the raw scores of a model for every example, shape `(n, outputs)`.
///
/// # Errors
///
/// Fails when `x` has a shape that the model cannot read.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::Array3, network};
/// # fn main() -> genolens::Result<()> {
/// let x = Array3::<f32>::zeros((3, 4, 50));
/// let scores = network::predict(&network::deepbind(8), &x)?;
/// assert_eq!(scores.dim(), (3, 1));
/// # Ok(()) }
/// ```
pub fn predict(model: &dyn Model, x: &dyn Input) -> Result<Array2<f32>> {
    Predict::new().run(model, x)
}

/// Computes probabilities: the sigmoid of the raw scores, shape `(n, outputs)`.
///
/// # Errors
///
/// Fails when `x` has a shape that the model cannot read.
pub fn probabilities(model: &dyn Model, x: &dyn Input) -> Result<Array2<f32>> {
    Predict::new().probabilities(model, x)
}

/// Predicts in batches, with options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Predict {
    batch: usize,
}

impl Predict {
    /// Takes the defaults: batches of 64.
    pub fn new() -> Self {
        Self { batch: 64 }
    }

    /// Sets the number of examples that are computed at once; scores depend on it in their last bits at most.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Switches dropout on, and predicts many times: for networks that were trained with it.
    pub fn dropout(&self, seed: impl Into<Seed>) -> MonteCarlo {
        MonteCarlo::with(seed.into(), self.batch)
    }

    /// Computes raw scores, shape `(n, outputs)`.
    ///
    /// # Errors
    ///
    /// Fails when `x` has a shape that the model cannot read, or has no example.
    pub fn run(&self, model: &dyn Model, x: &dyn Input) -> Result<Array2<f32>> {
        let x = x.array()?;
        let n = match x.shape() {
            [n, _, ..] if *n > 0 => *n,
            got => return Err(Error::shape("x", "(n, ...) with n at least 1", got)),
        };
        let device = model.device();
        let scores = in_batches("predict", (n, self.batch, device), |rows| {
            let batch = x.slice_axis(Axis(0), Slice::from(rows));
            let out = model.forward(&view_to_tensor(&batch, device)?)?;
            to_dimension::<ndarray::Ix2>(&out)
        })?;
        let views: Vec<_> = scores.iter().map(|batch| batch.view()).collect();
        concatenate(Axis(0), &views)
            .map_err(|_| Error::shape("output", "(n, outputs) for every batch", scores[0].shape()))
    }

    /// Computes the sigmoid of the raw scores, shape `(n, outputs)`.
    ///
    /// # Errors
    ///
    /// Fails when `x` has a shape that the model cannot read, or has no example.
    pub fn probabilities(&self, model: &dyn Model, x: &dyn Input) -> Result<Array2<f32>> {
        Ok(self.run(model, x)?.mapv_into(sigmoid))
    }
}

impl Default for Predict {
    fn default() -> Self {
        Self::new()
    }
}
