//! Where a position is, told in waves.

use super::layer::Step;
use super::{Misfit, Pass, Shape};
use crate::Result;
use candle_core::Tensor;
use std::fmt;

/// Adds waves of many lengths to the channels of a sequence, so that [`Attention`](super::Attention) can tell positions apart; keeps the
/// shape `(n, channels, length)`.
///
/// Channel `2 i` gets `sin(position / 10000^(2 i / channels))`, channel `2 i + 1` the cosine of the same. It has no parameters.
///
/// Checked against the formula of Vaswani et al. 2017, <https://doi.org/10.48550/arXiv.1706.03762>, computed with `PyTorch` 2.15.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PositionalEncoding;

impl PositionalEncoding {
    /// Describes the encoding.
    pub fn new() -> Self {
        Self
    }
}

impl fmt::Display for PositionalEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("positional encoding")
    }
}

impl Step for PositionalEncoding {
    fn name(&self) -> &'static str {
        "positional_encoding"
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        match input {
            Shape::Sequence { .. } => Ok(input),
            Shape::Features(_) | Shape::Image { .. } => Err("(n, channels, length)".into()),
        }
    }

    fn forward(&self, _: &[Tensor], x: &Tensor, _: &mut Pass) -> Result<Tensor> {
        let (_, channels, length) = x.dims3()?;
        let waves = (0..channels).flat_map(|channel| {
            let pair = (channel - channel % 2) as f64;
            let rate = 10_000_f64.powf(-pair / channels as f64);
            (0..length).map(move |position| {
                let angle = position as f64 * rate;
                if channel % 2 == 0 {
                    angle.sin()
                } else {
                    angle.cos()
                }
            })
        });
        let waves = Tensor::from_iter(waves, x.device())?.reshape((1, channels, length))?;
        Ok(x.broadcast_add(&waves.to_dtype(x.dtype())?)?)
    }
}
