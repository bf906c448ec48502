//! The same size at every position.

use super::initial::Initial;
use super::layer::Step;
use super::operation::{position_norm, ruled_position_norm};
use super::{Misfit, Parameter, Pass, Shape};
use crate::{Error, Result};
use candle_core::{DType, Tensor};
use std::fmt;

/// Divides every example, in a sequence every position of it, by the root of its mean square over the channels; then scales each channel.
///
/// `x / sqrt(mean(x^2) + epsilon) * scale`, where the mean is taken over axis 1: over the features of `(n, features)`, and over the
/// channels of `(n, channels, length)`, each position by itself. The shape stays. Epsilon is the smallest step above 1 in the precision of `x`
/// (1.19e-7 for 32 bits), as in `PyTorch`, unless set. Parameter: `scale` of shape `(channels)`, which begins at 1.
///
/// Checked against `nn.RMSNorm(channels)` of `PyTorch` 2.15, which wants the channels on the last axis.
/// Zhang and Sennrich 2019, <https://doi.org/10.48550/arXiv.1910.07467>.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RmsNorm {
    epsilon: Option<f64>,
}

impl RmsNorm {
    /// Describes an RMS norm with the epsilon of the precision.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what is added to the mean square.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = Some(epsilon);
        self
    }
}

impl fmt::Display for RmsNorm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RMS norm")
    }
}

impl Step for RmsNorm {
    fn name(&self) -> &'static str {
        "rms_norm"
    }

    fn check(&self) -> Result<()> {
        match self.epsilon {
            Some(epsilon) if epsilon.is_nan() || epsilon <= 0.0 => {
                Err(Error::value("epsilon", "above 0", epsilon))
            }
            _ => Ok(()),
        }
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        match input {
            Shape::Sequence { .. } | Shape::Features(_) => Ok(input),
            Shape::Image { .. } => Err("(n, channels, length) or (n, features)".into()),
        }
    }

    fn parameters(&self, input: Shape, _: bool) -> Vec<Parameter> {
        let shape = [input.channels()];
        vec![Parameter::trained("scale", &shape, Initial::Constant(1.0))]
    }

    fn forward(&self, weights: &[Tensor], x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let epsilon = self.epsilon.unwrap_or(match x.dtype() {
            DType::F64 => f64::EPSILON,
            _ => f64::from(f32::EPSILON),
        });
        let (scale, constants) = ((&weights[0], None), (false, epsilon));
        if let Some(rules) = pass.rules() {
            return Ok(ruled_position_norm(x, scale, (constants, &*rules))?);
        }
        Ok(position_norm(x, scale, constants)?)
    }
}
