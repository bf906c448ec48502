//! Library sizes that are learned, in place of the totals that were counted.

use crate::network::{Shape, UserLayer};
use crate::{Error, Result};
use candle_core::{D, Tensor};
use candle_nn::ops::log_softmax;
use std::sync::Arc;

/// The prior of library sizes: the mean and the standard deviation of the logarithms of totals, a pair for each batch.
///
/// A size is drawn as its distance from this mean in these deviations, whose prior is the standard normal: the divergence is the same, and
/// a library size is one more dimension of a position.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Prior(Arc<[(f32, f32)]>);

impl Prior {
    /// Looks at the totals of cells by the place of their batch.
    pub(super) fn new(totals: &[f64], batches: &[usize], count: usize) -> Result<Self> {
        let moments = (0..count.max(1)).map(|batch| {
            let own = totals.iter().zip(batches).filter(|(_, of)| **of == batch);
            let logs: Vec<f64> = own.map(|(total, _)| total.ln()).collect();
            let n = logs.len() as f64;
            let mean = logs.iter().sum::<f64>() / n;
            let variance = logs.iter().map(|log| (log - mean).powi(2)).sum::<f64>() / n;
            if variance > 1e-9 {
                return Ok((mean as f32, variance.sqrt() as f32));
            }
            let expected = "totals that differ, in every batch, where library sizes are learned";
            Err(Error::value("cells", expected, "the same in all cells"))
        });
        Ok(Self(moments.collect::<Result<_>>()?))
    }

    /// Returns mean and deviation for every cell, each of shape `(cells, 1)`, from `[... | batches | ...]`.
    fn of(&self, x: &Tensor, first: usize) -> Result<(Tensor, Tensor)> {
        let n = x.dim(0)?;
        let column = |pick: &dyn Fn(&(f32, f32)) -> f32| -> Result<Tensor> {
            let values: Vec<f32> = self.0.iter().map(pick).collect();
            let values = Tensor::from_vec(values, (self.0.len(), 1), x.device())?;
            if self.0.len() == 1 {
                return Ok(values.broadcast_as((n, 1))?.contiguous()?);
            }
            let batches = x.narrow(1, first, self.0.len())?.contiguous()?;
            Ok(batches.matmul(&values)?)
        };
        Ok((column(&|of| of.0)?, column(&|of| of.1)?))
    }
}

/// Brings library sizes to the scale of positions: reads `[mean | variance | mean of the log size | its variance | batches | rest]` and
/// gives `[mean, that of the size | variance, that of the size | batches | rest]`.
#[derive(Debug)]
pub(super) struct Standardised {
    pub(super) dimensions: usize,
    pub(super) prior: Prior,
}

impl UserLayer for Standardised {
    fn name(&self) -> &'static str {
        "standardised"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        features(input, 2 * self.dimensions + 2)
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> Result<Tensor> {
        let d = self.dimensions;
        let batches = 2 * d + 2;
        let (mean, deviation) = self.prior.of(x, batches)?;
        let size = ((x.narrow(1, 2 * d, 1)? - mean)? / &deviation)?;
        let variance = (x.narrow(1, 2 * d + 1, 1)? / deviation.sqr()?)?;
        let rest = x.narrow(1, batches, x.dim(1)? - batches)?;
        let (means, variances) = (x.narrow(1, 0, d)?, x.narrow(1, d, d)?);
        Ok(Tensor::cat(
            &[&means, &size, &variances, &variance, &rest],
            1,
        )?)
    }
}

/// Says the logarithm of the library size, shape `(cells, 1)`, of what the decoder reads.
#[derive(Debug)]
pub(super) struct LogSize {
    /// Where the size stands, and the first batch.
    pub(super) places: (usize, usize),
    pub(super) prior: Prior,
}

impl UserLayer for LogSize {
    fn name(&self) -> &'static str {
        "log_size"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        features(input, self.places.1.max(self.places.0 + 1)).map(|_| Shape::Features(1))
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> Result<Tensor> {
        let (mean, deviation) = self.prior.of(x, self.places.1)?;
        let size = x.narrow(1, self.places.0, 1)?;
        Ok(((size * deviation)? + mean)?)
    }
}

/// Makes rates of shares: reads `[scores of genes | rest | log size]` and gives `[logarithms of means | rest]`.
#[derive(Debug)]
pub(super) struct LogRates(pub(super) usize);

impl UserLayer for LogRates {
    fn name(&self) -> &'static str {
        "log_rates"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        match features(input, self.0 + 1)? {
            Shape::Features(count) => Ok(Shape::Features(count - 1)),
            other => Ok(other),
        }
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> Result<Tensor> {
        let last = x.dim(1)? - 1;
        let shares = log_softmax(&x.narrow(1, 0, self.0)?.contiguous()?, D::Minus1)?;
        let rates = shares.broadcast_add(&x.narrow(1, last, 1)?)?;
        Ok(Tensor::cat(
            &[&rates, &x.narrow(1, self.0, last - self.0)?],
            1,
        )?)
    }
}

/// Returns the shape of an input that has at least so many features.
fn features(input: Shape, least: usize) -> Result<Shape, String> {
    match input {
        Shape::Features(count) if count >= least => Ok(input),
        _ => Err(format!("(n, at least {least})")),
    }
}
