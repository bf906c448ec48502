//! Filters that slide over a sequence.

use super::convolve::{Behind, Convolve, Geometry, convolve};
use super::grouped::Grouped;
use super::initial::Initial;
use super::kernel::SLID;
use super::layer::Step;
use super::sizes::{check_most, check_sizes};
use super::together::Found;
use super::{Misfit, Parameter, Pass, Shape, is_ours};
use crate::{Error, Result};
use candle_core::Tensor;
use std::fmt;

/// How many zeros stand on either side of a sequence, or around an image, before filters slide over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Padding {
    /// None: a filter stays inside.
    Valid,
    /// As many as keep the length (at stride 1); of an odd number the right side gets one more.
    Same,
    /// One less than a filter is wide: a filter may overhang until one position of it is left inside.
    Full,
    /// This number on both sides.
    Zeros(usize),
}

impl Padding {
    /// Returns the zeros before and after, given by how much a filter is wider than one position.
    pub(crate) fn sides(self, overhang: usize) -> (usize, usize) {
        match self {
            Self::Valid => (0, 0),
            Self::Same => (overhang / 2, overhang - overhang / 2),
            Self::Full => (overhang, overhang),
            Self::Zeros(zeros) => (zeros, zeros),
        }
    }
}

/// Says it behind a layer, with a comma before; nothing where there is none.
impl fmt::Display for Padding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Valid => Ok(()),
            Self::Same => f.write_str(", same"),
            Self::Full => f.write_str(", full"),
            Self::Zeros(zeros) => write!(f, ", padding {zeros}"),
        }
    }
}

/// Slides filters over a sequence: `(n, channels, length)` to `(n, filters, positions)`.
///
/// ```text
/// out[i, f, p] = bias[f] + sum over channels c and taps t of kernel[f, c, t] x[i, c, p stride + t dilation - left]
/// ```
///
/// with `left` zeros before the sequence and positions `(length + left + right - dilation (width - 1) - 1) / stride + 1`, rounded
/// down. As everywhere in deep learning, filters are not flipped. With groups, the channels and the filters are cut into so many
/// parts of the same size, and filters see only the channels of their own part.
///
/// Parameters: `kernel` of shape `(filters, channels / groups, width)` and `bias` of shape `(filters)`, as in `PyTorch`. Checked
/// against `Conv1d` of `PyTorch` 2.15.
///
/// # Examples
///
/// ```
/// use genolens::network::{Architecture, Convolution, Padding};
/// # fn main() -> genolens::Result<()> {
/// let layer = Convolution::new(8, 5).padding(Padding::Same).dilation(2);
/// let network = Architecture::sequences(4).length(50).then(layer).global_max_pool().build()?;
/// assert_eq!(network.filters()?.dim(), (8, 4, 5));
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    filters: usize,
    width: usize,
    stride: usize,
    dilation: usize,
    groups: usize,
    padding: Padding,
}

impl Convolution {
    /// Describes a convolution with so many filters of this width, without padding.
    pub fn new(filters: usize, width: usize) -> Self {
        Self {
            filters,
            width,
            stride: 1,
            dilation: 1,
            groups: 1,
            padding: Padding::Valid,
        }
    }

    /// Sets the padding.
    pub fn padding(mut self, padding: Padding) -> Self {
        self.padding = padding;
        self
    }

    /// Sets how far the filter moves between two outputs.
    pub fn stride(mut self, stride: usize) -> Self {
        self.stride = stride;
        self
    }

    /// Sets how far the positions of a filter stand apart.
    pub fn dilation(mut self, dilation: usize) -> Self {
        self.dilation = dilation;
        self
    }

    /// Sets into how many parts channels and filters are cut; it has to divide both. As many as channels: each has filters of its own.
    pub fn groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
    }

    /// Returns the number of filters.
    pub fn filters(&self) -> usize {
        self.filters
    }

    /// Returns the width of a filter.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Tells whether it is one operation on the CPU; with large groups it is one for each.
    pub(crate) fn is_one_operation(&self) -> bool {
        // Filters that slide side by side share what they read; a few do not fill a row of them.
        self.groups == 1 || self.filters / self.groups < SLID
    }

    /// Returns the operation of it, a rectifier and the sum with its input, if that has the shape of the output.
    pub(crate) fn residual(
        &self,
        weights: &[Tensor],
        x: &Tensor,
    ) -> candle_core::Result<Option<Found>> {
        let ([kernel, bias], (_, channels, length)) = (weights, x.dims3()?) else {
            return Ok(None);
        };
        let (filters, seen, width) = kernel.dims3()?;
        let geometry = self.geometry();
        let fits = length >= geometry.shortest(width)
            && (filters, seen) == (channels, channels)
            && (geometry.stride, geometry.positions(length, width)) == (1, length);
        if !fits {
            return Ok(None);
        }
        let is_learned = [x, kernel, bias].iter().any(|tensor| tensor.track_op());
        let operation = Convolve::new(geometry, Behind::RectifierAndInput, is_learned);
        // The convolution and the rectifier stand inside.
        Ok(Some(
            Found::new(operation, (kernel, bias), 1)?.containing(2),
        ))
    }

    /// Returns that operation, with a rectifier behind it where one is wanted and it can.
    pub(crate) fn found(
        &self,
        weights: &[Tensor],
        (x, rectified): (&Tensor, bool),
    ) -> candle_core::Result<Found> {
        let (geometry, groups) = (self.geometry(), self.groups);
        let weights = (&weights[0], &weights[1]);
        if groups > 1 {
            return Found::new(Grouped { geometry, groups }, weights, 1);
        }
        let behind = if rectified {
            Behind::Rectifier
        } else {
            Behind::Nothing
        };
        let is_learned = x.track_op() || weights.0.track_op() || weights.1.track_op();
        let operation = Convolve::new(geometry, behind, is_learned);
        Found::new(operation, weights, 1 + usize::from(rectified))
    }

    pub(crate) fn geometry(&self) -> Geometry {
        let overhang = self.dilation * (self.width - 1);
        let (left, right) = self.padding.sides(overhang);
        Geometry {
            left,
            right,
            stride: self.stride,
            dilation: self.dilation,
        }
    }
}

impl fmt::Display for Convolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "convolution {} x {}", self.filters, self.width)?;
        write!(f, "{}", self.padding)?;
        if self.stride > 1 {
            write!(f, ", stride {}", self.stride)?;
        }
        if self.dilation > 1 {
            write!(f, ", dilation {}", self.dilation)?;
        }
        if self.groups > 1 {
            write!(f, ", {} groups", self.groups)?;
        }
        Ok(())
    }
}

impl Step for Convolution {
    fn name(&self) -> &'static str {
        "convolution"
    }

    fn check(&self) -> Result<()> {
        check_sizes(&[
            ("filters", self.filters),
            ("width", self.width),
            ("stride", self.stride),
            ("dilation", self.dilation),
            ("groups", self.groups),
        ])?;
        if let Padding::Zeros(zeros) = self.padding {
            check_most("padding", zeros)?;
        }
        if !self.filters.is_multiple_of(self.groups) {
            let expected = format!("a divisor of the {} filters", self.filters);
            return Err(Error::value("groups", expected, self.groups));
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
        let geometry = self.geometry();
        let length = match length {
            None => None,
            Some(length) => {
                let shortest = geometry.shortest(self.width);
                if length < shortest {
                    return Err(
                        format!("(n, {channels}, length) with length at least {shortest}").into(),
                    );
                }
                Some(geometry.positions(length, self.width))
            }
        };
        Ok(Shape::Sequence {
            channels: self.filters,
            length,
        })
    }

    fn parameters(&self, input: Shape, rectified: bool) -> Vec<Parameter> {
        let Shape::Sequence { channels, .. } = input else {
            return Vec::new();
        };
        let channels = channels / self.groups;
        let inputs = channels * self.width;
        let initial = if rectified {
            Initial::He { inputs }
        } else {
            let outputs = self.filters / self.groups * self.width;
            Initial::Glorot { inputs, outputs }
        };
        let shape = [self.filters, channels, self.width];
        vec![
            Parameter::trained("kernel", &shape, initial),
            Parameter::trained("bias", &[self.filters], Initial::Constant(0.0)),
        ]
    }

    fn forward(&self, weights: &[Tensor], x: &Tensor, _: &mut Pass) -> Result<Tensor> {
        let (kernel, bias) = (&weights[0], &weights[1]);
        if self.groups == 1 {
            return Ok(convolve(x, (kernel, bias), self.geometry())?);
        }
        if is_ours(x.device()) && self.is_one_operation() {
            return Ok(self.found(weights, (x, false))?.apply(x)?);
        }
        let xs = x.chunk(self.groups, 1)?;
        let kernels = kernel.chunk(self.groups, 0)?;
        let biases = bias.chunk(self.groups, 0)?;
        let parts = xs.iter().zip(kernels.iter().zip(&biases));
        let parts = parts.map(|(x, weights)| convolve(x, weights, self.geometry()));
        Ok(Tensor::cat(
            &parts.collect::<candle_core::Result<Vec<_>>>()?,
            1,
        )?)
    }
}
