//! Shares of a whole.

use super::layer::Step;
use super::operation::softmax;
use super::{Misfit, Pass, Shape};
use crate::Result;
use candle_core::{D, Tensor};
use std::fmt;

/// Turns numbers into shares that add up to 1: `exp(x) / sum(exp(x))` over axis 1, the features of `(n, features)`, or the channels
/// of `(n, channels, length)` at each position by itself. The shape stays.
///
/// Checked against `nn.Softmax(dim=1)` of `PyTorch` 2.15.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Softmax;

impl fmt::Display for Softmax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("softmax")
    }
}

impl Step for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        match input {
            Shape::Sequence { .. } | Shape::Features(_) => Ok(input),
            Shape::Image { .. } => Err("(n, channels, length) or (n, features)".into()),
        }
    }

    fn forward(&self, _: &[Tensor], x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        if let Some(rules) = pass.rules() {
            let last = x.transpose(1, D::Minus1)?.contiguous()?;
            return Ok(rules
                .softmax(&last)?
                .transpose(1, D::Minus1)?
                .contiguous()?);
        }
        Ok(softmax(x, 1)?)
    }
}
