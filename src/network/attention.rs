//! Every position looks at every other.

use super::initial::Initial;
use super::layer::Step;
use super::operation::softmax;
use super::sizes::check_sizes;
use super::{Misfit, Parameter, Pass, Shape};
use crate::{Error, Result};
use candle_core::{D, Tensor};
use std::fmt;

/// Multi-head self-attention over the positions of a sequence: `(n, channels, length)` to the same shape.
///
/// Every position makes a query, a key and a value for each head, `channels / heads` numbers each, by one linear map. A head gives each
/// position the mean of all values, weighted by `softmax(query . key / sqrt(channels / heads))` over the positions; a second linear map mixes
/// the heads. It does not know where a position is: add a [`PositionalEncoding`](super::PositionalEncoding) before it. Needs memory for
/// `n heads length^2` numbers.
///
/// Parameters are named and laid out as in `PyTorch`: `in_proj_weight` of shape `(3 channels, channels)` for queries, keys and values,
/// `in_proj_bias` of shape `(3 channels)`, `out_proj.weight` of shape `(channels, channels)`, `out_proj.bias` of shape `(channels)`.
///
/// Checked against `nn.MultiheadAttention` of `PyTorch` 2.15. Vaswani et al. 2017, <https://doi.org/10.48550/arXiv.1706.03762>.
///
/// # Examples
///
/// ```
/// use genolens::network::{Architecture, Attention, PositionalEncoding};
/// # fn main() -> genolens::Result<()> {
/// let network = Architecture::sequences(4)
///     .convolution(16, 7)
///     .then(PositionalEncoding::new())
///     .then(Attention::new(4))
///     .global_average_pool()
///     .dense(1)
///     .build()?;
/// assert_eq!(network.weight("2.attention.in_proj_weight")?.shape(), [48, 16]);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attention {
    heads: usize,
}

impl Attention {
    /// Describes self-attention with so many heads; they have to divide the channels.
    pub fn new(heads: usize) -> Self {
        Self { heads }
    }

    /// Returns the number of heads.
    pub fn heads(&self) -> usize {
        self.heads
    }
}

impl fmt::Display for Attention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "attention, {} heads", self.heads)
    }
}

/// Applies a linear map to rows.
fn map(x: &Tensor, (weight, bias): (&Tensor, &Tensor)) -> candle_core::Result<Tensor> {
    x.matmul(&weight.t()?)?.broadcast_add(bias)
}

impl Step for Attention {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn check(&self) -> Result<()> {
        check_sizes(&[("heads", self.heads)])
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        let heads = self.heads;
        match input {
            Shape::Features(_) | Shape::Image { .. } => Err("(n, channels, length)".into()),
            Shape::Sequence { channels, .. } if channels % heads != 0 => {
                Err(format!("(n, channels, length) with channels that {heads} heads divide").into())
            }
            Shape::Sequence {
                channels,
                length: Some(0),
            } => Err(format!("(n, {channels}, length) with length at least 1").into()),
            Shape::Sequence { .. } => Ok(input),
        }
    }

    fn parameters(&self, input: Shape, _: bool) -> Vec<Parameter> {
        let Shape::Sequence { channels, .. } = input else {
            return Vec::new();
        };
        let (inputs, outputs) = (channels, 3 * channels);
        let bound = 1.0 / (channels as f64).sqrt();
        vec![
            Parameter::trained(
                "in_proj_weight",
                &[outputs, inputs],
                Initial::Glorot { inputs, outputs },
            ),
            Parameter::trained("in_proj_bias", &[outputs], Initial::Constant(0.0)),
            Parameter::trained(
                "out_proj.weight",
                &[channels, channels],
                Initial::Uniform { bound },
            ),
            Parameter::trained("out_proj.bias", &[channels], Initial::Constant(0.0)),
        ]
    }

    fn forward(&self, weights: &[Tensor], x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let [inner, inner_bias, outer, outer_bias] = weights else {
            return Err(Error::value("weights", "4 tensors", weights.len()));
        };
        let (n, channels, length) = x.dims3()?;
        let size = channels / self.heads;
        let rows = x.transpose(1, 2)?.contiguous()?;
        let rows = rows.reshape((n * length, channels))?;
        // Axes: queries, keys and values; examples; heads; positions; numbers.
        let all = map(&rows, (inner, inner_bias))?
            .reshape((n, length, 3, self.heads, size))?
            .permute((2, 0, 3, 1, 4))?;
        let part = |index: usize| all.get(index)?.contiguous();
        let queries = part(0)?.affine(1.0 / (size as f64).sqrt(), 0.0)?;
        let keys = part(1)?.transpose(2, 3)?.contiguous()?;
        let seen = match pass.rules() {
            Some(rules) => {
                let likeness = rules.matrix_product(&queries, &keys)?;
                rules.matrix_product(&rules.softmax(&likeness)?, &part(2)?)?
            }
            None => softmax(&queries.matmul(&keys)?, 3)?.matmul(&part(2)?)?,
        };
        let rows = seen.transpose(1, 2)?.contiguous()?;
        let rows = rows.reshape((n * length, channels))?;
        let out = map(&rows, (outer, outer_bias))?.reshape((n, length, channels))?;
        Ok(out.transpose(1, D::Minus1)?.contiguous()?)
    }
}
