//! Filters that every position draws.

use super::convolve::{Geometry, convolve};
use super::initial::Initial;
use super::layer::Step;
use super::sizes::{check_most, check_sizes};
use super::{Misfit, Parameter, Pass, Shape};
use crate::{Error, Result};
use candle_core::{D, Tensor};
use std::fmt;

/// Draws filters at every position of a sequence and adds them up: `(n, channels, length)` to `(n, filters, positions)`, which makes
/// sequences longer. It is a [`Convolution`](super::Convolution) with input and output exchanged.
///
/// ```text
/// out[i, f, q] = bias[f] + sum over channels c, positions p and taps t with p stride + t dilation - padding = q of kernel[c, f, t] x[i, c, p]
/// ```
///
/// Positions: `(length - 1) stride + dilation (width - 1) + 1 + rest - 2 padding`: padding is cut off at both ends, and `rest`
/// positions that a convolution of this stride would not have seen are added at the right end. Groups are as in a convolution.
///
/// Parameters: `kernel` of shape `(channels, filters / groups, width)` and `bias` of shape `(filters)`, as in `PyTorch`. Checked against
/// `ConvTranspose1d` of `PyTorch` 2.15, whose `output_padding` is the rest.
///
/// # Examples
///
/// ```
/// use genolens::network::{Architecture, TransposedConvolution};
/// # fn main() -> genolens::Result<()> {
/// let layer = TransposedConvolution::new(4, 6).stride(2).padding(2);
/// let network = Architecture::sequences(8).length(50).then(layer).build()?;
/// assert_eq!(network.summary().rows()[1].output, "(n, 4, 100)");
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransposedConvolution {
    filters: usize,
    width: usize,
    stride: usize,
    dilation: usize,
    groups: usize,
    padding: usize,
    rest: usize,
}

impl TransposedConvolution {
    /// Describes a transposed convolution with so many filters of this width.
    pub fn new(filters: usize, width: usize) -> Self {
        Self {
            filters,
            width,
            stride: 1,
            dilation: 1,
            groups: 1,
            padding: 0,
            rest: 0,
        }
    }

    /// Sets how far apart neighbours draw.
    pub fn stride(mut self, stride: usize) -> Self {
        self.stride = stride;
        self
    }

    /// Sets how far the positions of a filter stand apart.
    pub fn dilation(mut self, dilation: usize) -> Self {
        self.dilation = dilation;
        self
    }

    /// Sets into how many parts channels and filters are cut; it has to divide both.
    pub fn groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
    }

    /// Sets how many positions are cut off at both ends.
    pub fn padding(mut self, padding: usize) -> Self {
        self.padding = padding;
        self
    }

    /// Sets how many positions are added at the right end, below the stride or the dilation.
    pub fn rest(mut self, rest: usize) -> Self {
        self.rest = rest;
        self
    }

    /// Returns the number of filters.
    pub fn filters(&self) -> usize {
        self.filters
    }

    fn reach(self) -> usize {
        self.dilation * (self.width - 1)
    }

    /// Draws one group.
    fn draw(self, x: &Tensor, (kernel, bias): (&Tensor, &Tensor)) -> candle_core::Result<Tensor> {
        let (n, channels, length) = x.dims3()?;
        // Zeros between neighbours, then flipped filters slide over it.
        let apart = x.unsqueeze(3)?.pad_with_zeros(3, 0, self.stride - 1)?;
        let apart = apart.reshape((n, channels, length * self.stride))?;
        let apart = apart.narrow(2, 0, (length - 1) * self.stride + 1)?;
        let taps = (0..self.width as u32).rev();
        let taps = Tensor::from_iter(taps, x.device())?;
        let kernel = kernel.transpose(0, 1)?.contiguous()?;
        let kernel = kernel.index_select(&taps, D::Minus1)?;
        let geometry = Geometry {
            left: self.reach(),
            right: self.reach() + self.rest,
            stride: 1,
            dilation: self.dilation,
        };
        let whole = convolve(&apart, (&kernel, bias), geometry)?;
        let positions = whole.dim(2)? - 2 * self.padding;
        whole.narrow(2, self.padding, positions)
    }
}

impl fmt::Display for TransposedConvolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { filters, width, .. } = self;
        write!(f, "transposed convolution {filters} x {width}")?;
        for (name, value, usual) in [
            ("padding", self.padding, 0),
            ("stride", self.stride, 1),
            ("rest", self.rest, 0),
            ("dilation", self.dilation, 1),
            ("groups", self.groups, 1),
        ] {
            if value != usual {
                write!(f, ", {name} {value}")?;
            }
        }
        Ok(())
    }
}

impl Step for TransposedConvolution {
    fn name(&self) -> &'static str {
        "transposed_convolution"
    }

    fn check(&self) -> Result<()> {
        check_sizes(&[
            ("filters", self.filters),
            ("width", self.width),
            ("stride", self.stride),
            ("dilation", self.dilation),
            ("groups", self.groups),
        ])?;
        check_most("padding", self.padding)?;
        if !self.filters.is_multiple_of(self.groups) {
            let expected = format!("a divisor of the {} filters", self.filters);
            return Err(Error::value("groups", expected, self.groups));
        }
        let most = self.stride.max(self.dilation);
        if self.rest >= most {
            let expected = format!("below {most}, the stride or the dilation");
            return Err(Error::value("rest", expected, self.rest));
        }
        Ok(())
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        let Shape::Sequence { channels, length } = input else {
            return Err("(n, channels, length)".into());
        };
        if !channels.is_multiple_of(self.groups) {
            let groups = self.groups;
            return Err(
                format!("(n, channels, length) with channels that {groups} groups divide").into(),
            );
        }
        let drawn = self.reach() + 1 + self.rest;
        // At least one position has to be left.
        let shortest = (2 * self.padding + 1).saturating_sub(drawn);
        let shortest = shortest.div_ceil(self.stride) + 1;
        let length = match length {
            Some(length) if length < shortest => {
                return Err(
                    format!("(n, {channels}, length) with length at least {shortest}").into(),
                );
            }
            Some(length) => Some((length - 1) * self.stride + drawn - 2 * self.padding),
            None => None,
        };
        Ok(Shape::Sequence {
            channels: self.filters,
            length,
        })
    }

    fn parameters(&self, input: Shape, rectified: bool) -> Vec<Parameter> {
        let channels = input.channels();
        // What meets at one output position.
        let inputs = (channels / self.groups * self.width).div_ceil(self.stride);
        let outputs = self.filters / self.groups * self.width;
        let initial = if rectified {
            Initial::He { inputs }
        } else {
            Initial::Glorot { inputs, outputs }
        };
        let shape = [channels, self.filters / self.groups, self.width];
        vec![
            Parameter::trained("kernel", &shape, initial),
            Parameter::trained("bias", &[self.filters], Initial::Constant(0.0)),
        ]
    }

    fn forward(&self, weights: &[Tensor], x: &Tensor, _: &mut Pass) -> Result<Tensor> {
        let xs = x.chunk(self.groups, 1)?;
        let kernels = weights[0].chunk(self.groups, 0)?;
        let biases = weights[1].chunk(self.groups, 0)?;
        let parts = xs.iter().zip(kernels.iter().zip(&biases));
        let parts = parts.map(|(x, weights)| self.draw(x, weights));
        Ok(Tensor::cat(&parts.collect::<candle_core::Result<Vec<_>>>()?, 1)?.contiguous()?)
    }
}
