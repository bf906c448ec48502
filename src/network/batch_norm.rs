//! The same scale for every channel.

use super::initial::Initial;
use super::layer::Step;
use super::operation::{Moments, channel_norm};
use super::{Misfit, Parameter, Pass, Shape, is_ours};
use crate::{Error, Result};
use candle_core::{DType, Tensor};
use std::fmt;

/// Standardises every channel over the batch, then scales and shifts it.
///
/// `(x - mean) / sqrt(variance + epsilon) * scale + shift`, on `(n, channels, length)`, `(n, channels, height, width)` and `(n, features)`; the shape stays. Training
/// uses mean and variance (the sum of squares over the count) of the batch, and moves running ones by the momentum, 0.1, of the way to
/// those of the batch, where the variance is the sum of squares over the count less one. Evaluation uses the running ones. Epsilon is 1e-5.
/// Parameters, each of shape `(channels)`: `scale`, `shift` (trained), `mean`, `variance` (observed).
///
/// Checked against `BatchNorm1d` and `BatchNorm2d` of `PyTorch` 2.15, where the momentum has the same sense (in Keras it is one less this).
/// Ioffe and Szegedy 2015, <https://doi.org/10.48550/arXiv.1502.03167>.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNorm {
    epsilon: f64,
    momentum: f64,
}

impl BatchNorm {
    /// Describes a batch norm with the usual constants.
    pub fn new() -> Self {
        Self {
            epsilon: 1e-5,
            momentum: 0.1,
        }
    }

    /// Sets what is added to the variance.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// Sets how far a running value moves to the value of a batch, 0 to 1.
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }
}

impl BatchNorm {
    /// Returns the factor and the rest that every channel is given in evaluation mode, each of shape `(channels)`.
    pub(crate) fn line(self, weights: &[Tensor]) -> Result<(Tensor, Tensor)> {
        let [scale, shift, mean, variance] = weights else {
            return Err(Error::value("weights", "4 tensors", weights.len()));
        };
        let spread = variance.affine(1.0, self.epsilon)?.sqrt()?;
        let factor = (scale / spread)?.detach();
        let rest = (shift - (mean * &factor)?)?.detach();
        Ok((factor, rest))
    }

    /// Moves a running value towards that of a batch.
    fn moved(self, old: &Tensor, new: &Tensor) -> candle_core::Result<Tensor> {
        old.detach().affine(1.0 - self.momentum, 0.0)? + new.affine(self.momentum, 0.0)?
    }

    fn check_batch(x: &Tensor, pass: &Pass) -> Result<usize> {
        let count = x.elem_count() / x.dim(1)?;
        if pass.seed().is_some() && count < 2 {
            return Err(Error::value(
                "batch",
                "at least 2 numbers a channel for batch norm",
                count,
            ));
        }
        Ok(count)
    }

    /// Returns the moments that numbers on the CPU are standardised with, and epsilon; notes those of a batch.
    pub(crate) fn moments(
        self,
        weights: &[Tensor],
        x: &Tensor,
        pass: &mut Pass,
    ) -> Result<(Moments, f64)> {
        let [_, _, mean, variance] = weights else {
            return Err(Error::value("weights", "4 tensors", weights.len()));
        };
        let count = Self::check_batch(x, pass)?;
        if pass.seed().is_none() {
            let values = |tensor: &Tensor| tensor.to_dtype(DType::F64)?.to_vec1::<f64>();
            let (mean, variance) = (values(mean)?, values(variance)?);
            return Ok((Moments { mean, variance }, self.epsilon));
        }
        let moments = Moments::of(x)?;
        let unbiased = count as f64 / (count - 1) as f64;
        let observed = moments.variance.iter().map(|value| value * unbiased);
        for (name, old, new) in [
            ("mean", mean, moments.mean.clone()),
            ("variance", variance, observed.collect()),
        ] {
            let new = Tensor::from_vec(new, old.shape(), old.device())?;
            pass.update(name, self.moved(old, &new.to_dtype(old.dtype())?)?);
        }
        Ok((moments, self.epsilon))
    }

    /// The same from candle's operations.
    fn compose(
        self,
        weights: &[Tensor],
        x: &Tensor,
        pass: &mut Pass,
    ) -> candle_core::Result<Tensor> {
        let mut column = vec![1; x.rank()];
        column[1] = x.dim(1)?;
        let upright = |tensor: &Tensor| tensor.reshape(column.as_slice());
        let (center, spread) = if pass.seed().is_some() {
            let axes: Vec<usize> = (0..x.rank()).filter(|&axis| axis != 1).collect();
            let count = x.elem_count() / x.dim(1)?;
            let center = x.mean_keepdim(axes.as_slice())?;
            let squares = x.broadcast_sub(&center)?.sqr()?;
            let spread = squares.mean_keepdim(axes.as_slice())?;
            let unbiased = count as f64 / (count - 1) as f64;
            let unbiased = spread.detach().affine(unbiased, 0.0)?;
            for (name, old, new) in [
                ("mean", &weights[2], center.detach()),
                ("variance", &weights[3], unbiased),
            ] {
                pass.update(name, self.moved(old, &new.flatten_all()?)?);
            }
            (center, spread)
        } else {
            // Observed, not trained: constants for a gradient.
            (
                upright(&weights[2].detach())?,
                upright(&weights[3].detach())?,
            )
        };
        let factor = (upright(&weights[0])? / spread.affine(1.0, self.epsilon)?.sqrt()?)?;
        x.broadcast_sub(&center)?
            .broadcast_mul(&factor)?
            .broadcast_add(&upright(&weights[1])?)
    }
}

impl Default for BatchNorm {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for BatchNorm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("batch norm")
    }
}

impl Step for BatchNorm {
    fn name(&self) -> &'static str {
        "batch_norm"
    }

    fn check(&self) -> Result<()> {
        if self.epsilon.is_nan() || self.epsilon <= 0.0 {
            return Err(Error::value("epsilon", "above 0", self.epsilon));
        }
        if !(0.0..=1.0).contains(&self.momentum) {
            return Err(Error::value("momentum", "0 to 1", self.momentum));
        }
        Ok(())
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        Ok(input)
    }

    fn parameters(&self, input: Shape, _: bool) -> Vec<Parameter> {
        let shape = [input.channels()];
        vec![
            Parameter::trained("scale", &shape, Initial::Constant(1.0)),
            Parameter::trained("shift", &shape, Initial::Constant(0.0)),
            Parameter::observed("mean", &shape, 0.0),
            Parameter::observed("variance", &shape, 1.0),
        ]
    }

    fn forward(&self, weights: &[Tensor], x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let [scale, shift, ..] = weights else {
            return Err(Error::value("weights", "4 tensors", weights.len()));
        };
        if !is_ours(x.device()) {
            Self::check_batch(x, pass)?;
            return Ok(self.compose(weights, x, pass)?);
        }
        let (moments, epsilon) = self.moments(weights, x, pass)?;
        let constants = (moments, epsilon, pass.seed().is_some());
        Ok(channel_norm(x, (scale, shift), constants)?)
    }
}
