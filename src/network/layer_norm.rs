//! The same scale at every position.

use super::initial::Initial;
use super::layer::Step;
use super::operation::{PositionNorm, position_norm, ruled_position_norm};
use super::together::Found;
use super::{Misfit, Parameter, Pass, Shape};
use crate::{Error, Result};
use candle_core::Tensor;
use std::fmt;

/// Standardises every example, in a sequence every position of it, over its channels; then scales and shifts each channel.
///
/// `(x - mean) / sqrt(variance + epsilon) * scale + shift`, where mean and variance (the sum of squares over the count) are taken over axis 1:
/// over the features of `(n, features)`, and over the channels of `(n, channels, length)`, each position by itself. The shape stays. Epsilon
/// is 1e-5. Parameters of shape `(channels)`: `scale`, which begins at 1, and `shift`, which begins at 0.
///
/// Checked against `nn.LayerNorm(channels)` of `PyTorch` 2.15, which wants the channels on the last axis.
/// Ba, Kiros and Hinton 2016, <https://doi.org/10.48550/arXiv.1607.06450>.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerNorm {
    epsilon: f64,
}

impl LayerNorm {
    /// Describes a layer norm with the usual epsilon.
    pub fn new() -> Self {
        Self { epsilon: 1e-5 }
    }

    /// Sets what is added to the variance.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }
}

impl LayerNorm {
    /// Returns its operation on the CPU.
    pub(crate) fn found(self, weights: &[Tensor]) -> candle_core::Result<Found> {
        let norm = PositionNorm {
            centered: true,
            epsilon: self.epsilon,
        };
        Found::new(norm, (&weights[0], &weights[1]), 1)
    }
}

impl Default for LayerNorm {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for LayerNorm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("layer norm")
    }
}

impl Step for LayerNorm {
    fn name(&self) -> &'static str {
        "layer_norm"
    }

    fn check(&self) -> Result<()> {
        if self.epsilon.is_nan() || self.epsilon <= 0.0 {
            return Err(Error::value("epsilon", "above 0", self.epsilon));
        }
        Ok(())
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        match input {
            Shape::Sequence { .. } | Shape::Features(_) => Ok(input),
            Shape::Image { .. } => Err("(n, channels, length) or (n, features)".into()),
        }
    }

    fn parameters(&self, input: Shape, _: bool) -> Vec<Parameter> {
        let shape = [input.channels()];
        vec![
            Parameter::trained("scale", &shape, Initial::Constant(1.0)),
            Parameter::trained("shift", &shape, Initial::Constant(0.0)),
        ]
    }

    fn forward(&self, weights: &[Tensor], x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let (scale, shift) = (&weights[0], Some(&weights[1]));
        let constants = (true, self.epsilon);
        if let Some(rules) = pass.rules() {
            return Ok(ruled_position_norm(
                x,
                (scale, shift),
                (constants, &*rules),
            )?);
        }
        Ok(position_norm(x, (scale, shift), constants)?)
    }
}
