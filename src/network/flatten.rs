//! From positions to features.

use super::layer::Step;
use super::{Misfit, Pass, Shape};
use crate::Result;
use candle_core::Tensor;
use std::fmt;

/// Lays channels and positions out in one row: `(n, channels, length)` to `(n, channels * length)`, channel by channel; images row by row within each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flatten;

impl fmt::Display for Flatten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("flatten")
    }
}

impl Step for Flatten {
    fn name(&self) -> &'static str {
        "flatten"
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        match input {
            Shape::Sequence {
                channels,
                length: Some(length),
            } => Ok(Shape::Features(channels * length)),
            Shape::Sequence { channels, .. } => Err(format!(
                "(n, {channels}, length) with a known length, set by `length(..)` or a global pool before"
            )
            .into()),
            Shape::Image {
                channels,
                height,
                width,
            } => Ok(Shape::Features(channels * height * width)),
            Shape::Features(_) => Ok(input),
        }
    }

    fn forward(&self, _: &[Tensor], x: &Tensor, _: &mut Pass) -> Result<Tensor> {
        Ok(x.flatten_from(1)?)
    }
}
