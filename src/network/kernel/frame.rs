//! One example with the zeros around it.

use super::slide::reach;
use crate::network::convolve::Geometry;
use crate::network::operation::Real;
use candle_core::{Result, Shape, bail};

/// The sizes of a convolution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) geometry: Geometry,
    pub(crate) n: usize,
    pub(crate) channels: usize,
    pub(crate) length: usize,
    pub(crate) filters: usize,
    pub(crate) width: usize,
    pub(crate) positions: usize,
}

impl Sizes {
    pub(crate) fn new(x: &Shape, kernel: &Shape, geometry: Geometry) -> Result<Self> {
        let (n, channels, length) = x.dims3()?;
        let (filters, expected, width) = kernel.dims3()?;
        if channels != expected || width == 0 || length < geometry.shortest(width) {
            bail!("a kernel {kernel:?} does not fit an input {x:?}");
        }
        let positions = geometry.positions(length, width);
        Ok(Self {
            geometry,
            n,
            channels,
            length,
            filters,
            width,
            positions,
        })
    }

    /// Numbers of one filter.
    pub(crate) fn taps(&self) -> usize {
        self.channels * self.width
    }

    /// Numbers of one example.
    pub(crate) fn inputs(&self) -> usize {
        self.channels * self.length
    }

    /// Numbers of the output of one example.
    pub(crate) fn outputs(&self) -> usize {
        self.filters * self.positions
    }
}

/// How an example is laid out so that every tap reads neighbouring numbers for neighbouring positions.
///
/// With a stride, positions of the sequence that are a stride apart stand side by side.
pub(crate) struct Frame {
    sizes: Sizes,
    /// Numbers between those of one phase of the stride and those of the next.
    phase: usize,
    /// Numbers of one channel.
    pub(crate) row: usize,
    /// Where each tap reads for the first position.
    pub(crate) offsets: Vec<usize>,
}

impl Frame {
    pub(crate) fn new(sizes: Sizes) -> Self {
        let Geometry {
            left,
            right,
            stride,
            dilation,
        } = sizes.geometry;
        let phase = (left + sizes.length + right).div_ceil(stride);
        let offsets = (0..sizes.width)
            .map(|tap| tap * dilation % stride * phase + tap * dilation / stride)
            .collect();
        Self {
            sizes,
            phase,
            row: phase * stride,
            offsets,
        }
    }

    /// Numbers that one example takes.
    pub(crate) fn size(&self) -> usize {
        self.sizes.channels * self.row
    }

    /// Returns room for some examples, filled with zeros.
    pub(crate) fn room<T: Real>(&self, examples: usize) -> Vec<T> {
        let furthest = self.offsets.iter().max().copied().unwrap_or_default();
        let beyond = (furthest + reach(self.sizes.positions)).saturating_sub(self.row);
        vec![T::zero(); examples * self.size() + beyond]
    }

    /// Writes an example into its room.
    pub(crate) fn fill<T: Real>(&self, x: &[T], room: &mut [T]) {
        let Geometry { left, stride, .. } = self.sizes.geometry;
        let length = self.sizes.length;
        for (x, room) in x.chunks(length).zip(room.chunks_mut(self.row)) {
            if stride == 1 {
                room[left..left + length].copy_from_slice(x);
            } else {
                for (position, &value) in (left..).zip(x) {
                    room[position % stride * self.phase + position / stride] = value;
                }
            }
        }
    }
}
