//! Every output from every feature.

use super::initial::Initial;
use super::layer::Step;
use super::operation::{Part, heads, mix};
use super::sizes::check_sizes;
use super::{Misfit, Parameter, Pass, Shape};
use crate::Result;
use candle_core::Tensor;
use std::fmt;

/// Returns the layer as a part of an output that several make.
pub(super) fn part(weights: &[Tensor], x: &Tensor) -> Result<Part> {
    Ok(Part::Dense {
        x: x.contiguous()?,
        weight: weights[0].clone(),
        bias: weights[1].clone(),
    })
}

/// Mixes all features: `x W^T + b`, shape `(n, inputs)` to `(n, outputs)`.
///
/// Parameters: `weight` of shape `(outputs, inputs)` and `bias` of shape `(outputs)`, as in `PyTorch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dense {
    outputs: usize,
}

impl Dense {
    /// Describes a dense layer with so many outputs.
    pub fn new(outputs: usize) -> Self {
        Self { outputs }
    }

    /// Returns the number of outputs.
    pub fn outputs(&self) -> usize {
        self.outputs
    }
}

impl fmt::Display for Dense {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dense {}", self.outputs)
    }
}

impl Step for Dense {
    fn name(&self) -> &'static str {
        "dense"
    }

    fn check(&self) -> Result<()> {
        check_sizes(&[("outputs", self.outputs)])
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        match input {
            Shape::Features(_) => Ok(Shape::Features(self.outputs)),
            Shape::Sequence { .. } | Shape::Image { .. } => {
                Err("(n, features), made by `flatten()` or a global pool".into())
            }
        }
    }

    fn parameters(&self, input: Shape, rectified: bool) -> Vec<Parameter> {
        let Shape::Features(inputs) = input else {
            return Vec::new();
        };
        let outputs = self.outputs;
        let initial = if rectified {
            Initial::He { inputs }
        } else {
            Initial::Glorot { inputs, outputs }
        };
        vec![
            Parameter::trained("weight", &[outputs, inputs], initial),
            Parameter::trained("bias", &[outputs], Initial::Constant(0.0)),
        ]
    }

    fn forward(&self, weights: &[Tensor], x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        if let Some(returned) = pass.returned() {
            return Ok(heads(vec![part(weights, x)?], &returned)?);
        }
        Ok(mix(x, &weights[0], &weights[1])?)
    }
}
