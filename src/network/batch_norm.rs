//! The same scale for every channel.

use super::initial::Initial;
use super::layer::Step;
use super::{Misfit, Parameter, Pass, Shape};
use crate::{Error, Result};
use candle_core::Tensor;
use std::fmt;

/// Standardises every channel over the batch, then scales and shifts it.
///
/// Training uses the mean and variance of the batch and keeps running ones; evaluation uses those. Works on `(n, channels,
/// length)` and `(n, features)`. Parameters, each of shape `(channels)`: `scale`, `shift` (trained), `mean`, `variance` (observed).
/// Epsilon is 1e-5, and a running value moves by 0.1 of the way to the new one, as in `PyTorch`
/// (Ioffe and Szegedy 2015, <https://arxiv.org/abs/1502.03167>).
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

fn channels(shape: Shape) -> usize {
    match shape {
        Shape::Sequence { channels, .. } => channels,
        Shape::Features(features) => features,
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
        let shape = [channels(input)];
        vec![
            Parameter::trained("scale", &shape, Initial::Constant(1.0)),
            Parameter::trained("shift", &shape, Initial::Constant(0.0)),
            Parameter::observed("mean", &shape, 0.0),
            Parameter::observed("variance", &shape, 1.0),
        ]
    }

    fn forward(&self, weights: &[Tensor], x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let [scale, shift, mean, variance] = weights else {
            return Err(Error::value("weights", "4 tensors", weights.len()));
        };
        let column = match *x.dims() {
            [_, channels] => vec![1, channels],
            _ => vec![1, x.dim(1)?, 1],
        };
        let (center, spread) = if pass.seed().is_some() {
            let axes: Vec<usize> = (0..x.rank()).filter(|&axis| axis != 1).collect();
            let count = x.elem_count() / x.dim(1)?;
            if count < 2 {
                return Err(Error::value(
                    "batch",
                    "at least 2 numbers a channel for batch norm",
                    count,
                ));
            }
            let center = x.mean_keepdim(axes.as_slice())?;
            let spread = x
                .broadcast_sub(&center)?
                .sqr()?
                .mean_keepdim(axes.as_slice())?;
            let unbiased = spread
                .detach()
                .affine(count as f64 / (count - 1) as f64, 0.0)?;
            for (name, old, new) in [
                ("mean", mean, center.detach()),
                ("variance", variance, unbiased),
            ] {
                let new = new.flatten_all()?.affine(self.momentum, 0.0)?;
                pass.update(name, (old.affine(1.0 - self.momentum, 0.0)? + new)?);
            }
            (center, spread)
        } else {
            (
                mean.reshape(column.as_slice())?,
                variance.reshape(column.as_slice())?,
            )
        };
        let scale = scale.reshape(column.as_slice())?;
        let factor = (scale / spread.affine(1.0, self.epsilon)?.sqrt()?)?;
        Ok(x.broadcast_sub(&center)?
            .broadcast_mul(&factor)?
            .broadcast_add(&shift.reshape(column.as_slice())?)?)
    }
}
