//! Filters that slide over an image.

use super::convolve::Geometry;
use super::image_convolve::image_convolve;
use super::initial::Initial;
use super::layer::Step;
use super::sizes::{MOST, check_most, check_sizes};
use super::{Misfit, Padding, Parameter, Pass, Shape};
use crate::Result;
use candle_core::Tensor;
use std::fmt;

/// Slides filters over an image: `(n, channels, height, width)` to `(n, filters, rows, columns)`.
///
/// ```text
/// out[i, f, y, x] = bias[f] + sum over channels c and taps (t, u) of
///                   kernel[f, c, t, u] x[i, c, y stride + t dilation - top, x stride + u dilation - left]
/// ```
///
/// Rows and columns are padded alike, each by what [`Padding`] says of the height and the width of a filter; stride and dilation
/// are the same along both. As everywhere in deep learning, filters are not flipped.
///
/// Parameters: `kernel` of shape `(filters, channels, height, width)` and `bias` of shape `(filters)`, as in `PyTorch`. Checked
/// against `Conv2d` of `PyTorch` 2.15.
///
/// # Examples
///
/// ```
/// use genolens::network::{Architecture, ImageConvolution, Padding};
/// # fn main() -> genolens::Result<()> {
/// let layer = ImageConvolution::new(8, 5).padding(Padding::Same);
/// let network = Architecture::images(1, 28, 28).then(layer).global_max_pool().build()?;
/// assert_eq!(network.image_filters()?.dim(), (8, 1, 5, 5));
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageConvolution {
    filters: usize,
    size: [usize; 2],
    stride: usize,
    dilation: usize,
    padding: Padding,
}

impl ImageConvolution {
    /// Describes a convolution with so many square filters of this size, without padding.
    pub fn new(filters: usize, size: usize) -> Self {
        Self {
            filters,
            size: [size, size],
            stride: 1,
            dilation: 1,
            padding: Padding::Valid,
        }
    }

    /// Sets the height and the width of a filter.
    pub fn size(mut self, height: usize, width: usize) -> Self {
        self.size = [height, width];
        self
    }

    /// Sets the padding.
    pub fn padding(mut self, padding: Padding) -> Self {
        self.padding = padding;
        self
    }

    /// Sets how far the filter moves between two outputs, down and to the right.
    pub fn stride(mut self, stride: usize) -> Self {
        self.stride = stride;
        self
    }

    /// Sets how far the pixels of a filter stand apart.
    pub fn dilation(mut self, dilation: usize) -> Self {
        self.dilation = dilation;
        self
    }

    /// Returns the number of filters.
    pub fn filters(&self) -> usize {
        self.filters
    }

    /// Returns how filters slide down and to the right.
    fn geometry(&self) -> [Geometry; 2] {
        self.size.map(|width| {
            let (left, right) = self.padding.sides(self.dilation * (width - 1));
            Geometry {
                left,
                right,
                stride: self.stride,
                dilation: self.dilation,
            }
        })
    }
}

impl fmt::Display for ImageConvolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [height, width] = self.size;
        write!(f, "image convolution {} x {height} x {width}", self.filters)?;
        write!(f, "{}", self.padding)?;
        if self.stride > 1 {
            write!(f, ", stride {}", self.stride)?;
        }
        if self.dilation > 1 {
            write!(f, ", dilation {}", self.dilation)?;
        }
        Ok(())
    }
}

impl Step for ImageConvolution {
    fn name(&self) -> &'static str {
        "image_convolution"
    }

    fn check(&self) -> Result<()> {
        let [height, width] = self.size;
        check_sizes(&[
            ("filters", self.filters),
            ("height", height),
            ("width", width),
            ("stride", self.stride),
            ("dilation", self.dilation),
        ])?;
        match self.padding {
            Padding::Zeros(zeros) => check_most("padding", zeros),
            Padding::Valid | Padding::Same | Padding::Full => Ok(()),
        }
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        let Shape::Image {
            channels,
            height,
            width,
        } = input
        else {
            return Err("(n, channels, height, width)".into());
        };
        let [vertical, horizontal] = self.geometry();
        let least = [
            vertical.shortest(self.size[0]),
            horizontal.shortest(self.size[1]),
        ];
        if height < least[0] || width < least[1] {
            let [tall, wide] = least;
            return Err(format!(
                "(n, {channels}, height, width) with height at least {tall} and width at least {wide}"
            )
            .into());
        }
        // With the zeros around it, one example has to have room too.
        let sides = [(vertical, height), (horizontal, width)];
        let [tall, wide] = sides.map(|(side, size)| size + side.left + side.right);
        let numbers = tall
            .checked_mul(wide)
            .and_then(|area| area.checked_mul(channels));
        if numbers.is_none_or(|numbers| numbers > MOST) {
            return Err(format!(
                "at most {MOST} numbers of one example, not {channels} x {tall} x {wide} with padding"
            )
            .into());
        }
        Ok(Shape::Image {
            channels: self.filters,
            height: vertical.positions(height, self.size[0]),
            width: horizontal.positions(width, self.size[1]),
        })
    }

    fn parameters(&self, input: Shape, rectified: bool) -> Vec<Parameter> {
        let Shape::Image { channels, .. } = input else {
            return Vec::new();
        };
        let [height, width] = self.size;
        // Sizes that no memory has room for are refused by their shape.
        let area = height.saturating_mul(width);
        let inputs = channels.saturating_mul(area);
        let initial = if rectified {
            Initial::He { inputs }
        } else {
            let outputs = self.filters.saturating_mul(area);
            Initial::Glorot { inputs, outputs }
        };
        let shape = [self.filters, channels, height, width];
        vec![
            Parameter::trained("kernel", &shape, initial),
            Parameter::trained("bias", &[self.filters], Initial::Constant(0.0)),
        ]
    }

    fn forward(&self, weights: &[Tensor], x: &Tensor, _: &mut Pass) -> Result<Tensor> {
        let weights = (&weights[0], &weights[1]);
        Ok(image_convolve(x, weights, self.geometry())?)
    }
}
