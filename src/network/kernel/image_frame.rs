//! One image with the zeros around it.

use super::slide::reach;
use crate::network::convolve::Geometry;
use crate::network::operation::Real;
use candle_core::{Result, Shape, bail};

/// The sizes of a convolution of images; pairs are of rows and columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ImageSizes {
    pub(crate) geometry: [Geometry; 2],
    pub(crate) n: usize,
    pub(crate) channels: usize,
    pub(crate) image: [usize; 2],
    pub(crate) filters: usize,
    pub(crate) kernel: [usize; 2],
    pub(crate) out: [usize; 2],
}

impl ImageSizes {
    pub(crate) fn new(x: &Shape, kernel: &Shape, geometry: [Geometry; 2]) -> Result<Self> {
        let (n, channels, height, width) = x.dims4()?;
        let (filters, expected, tall, wide) = kernel.dims4()?;
        let [vertical, horizontal] = geometry;
        let fits = channels == expected
            && channels * tall * wide > 0
            && height >= vertical.shortest(tall)
            && width >= horizontal.shortest(wide);
        if !fits {
            bail!("a kernel {kernel:?} does not fit an input {x:?}");
        }
        Ok(Self {
            geometry,
            n,
            channels,
            image: [height, width],
            filters,
            kernel: [tall, wide],
            out: [
                vertical.positions(height, tall),
                horizontal.positions(width, wide),
            ],
        })
    }

    /// Numbers of one filter in one channel.
    pub(crate) fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Numbers of one channel of an example.
    pub(crate) fn pixels(&self) -> usize {
        self.image[0] * self.image[1]
    }

    /// Numbers of one filter's output of an example.
    pub(crate) fn area(&self) -> usize {
        self.out[0] * self.out[1]
    }
}

/// How an image is laid out so that every tap reads neighbouring numbers for neighbouring pixels of the output.
///
/// Rows stand one after the other, with the zeros of the padding, so that a filter slides over all of them in one go; what it gives
/// where it hangs over the end of a row is not looked at. With a stride, pixels that are a stride apart stand side by side, in both
/// directions.
pub(crate) struct ImageFrame {
    sizes: ImageSizes,
    /// Phases of the stride that a tap reads, of rows and of columns.
    phases: [usize; 2],
    /// Numbers of one phase.
    plane: usize,
    /// Numbers from one row of a phase to the next.
    pub(crate) pitch: usize,
    /// Numbers of one channel.
    pub(crate) channel: usize,
    /// Where each tap reads for the first pixel of the output.
    pub(crate) offsets: Vec<usize>,
    /// Numbers from the first pixel of the output to the last, those between rows too.
    pub(crate) positions: usize,
}

impl ImageFrame {
    pub(crate) fn new(sizes: ImageSizes) -> Self {
        let [vertical, horizontal] = sizes.geometry;
        let long = |axis: usize| {
            let side: Geometry = sizes.geometry[axis];
            (side.left + sizes.image[axis] + side.right).div_ceil(side.stride)
        };
        let (rows, pitch) = (long(0), long(1));
        let plane = rows * pitch;
        let phases = [0, 1].map(|axis| {
            let side: Geometry = sizes.geometry[axis];
            let extent = side.dilation * (sizes.kernel[axis] - 1) + 1;
            side.stride.min(extent)
        });
        let taps = (0..sizes.kernel[0]).flat_map(|t| (0..sizes.kernel[1]).map(move |u| (t, u)));
        let offsets = taps
            .map(|(t, u)| {
                let (y, x) = (t * vertical.dilation, u * horizontal.dilation);
                let phase = y % vertical.stride * phases[1] + x % horizontal.stride;
                phase * plane + y / vertical.stride * pitch + x / horizontal.stride
            })
            .collect();
        Self {
            sizes,
            phases,
            plane,
            pitch,
            channel: phases[0] * phases[1] * plane,
            offsets,
            positions: (sizes.out[0] - 1) * pitch + sizes.out[1],
        }
    }

    /// Numbers that one example takes.
    pub(crate) fn size(&self) -> usize {
        self.sizes.channels * self.channel
    }

    /// Returns room for some examples, filled with zeros.
    pub(crate) fn room<T: Real>(&self, examples: usize) -> Vec<T> {
        let furthest = self.offsets.iter().max().copied().unwrap_or_default();
        let beyond = (furthest + reach(self.positions)).saturating_sub(self.channel);
        vec![T::zero(); examples * self.size() + beyond]
    }

    /// Writes an example into its room.
    pub(crate) fn fill<T: Real>(&self, x: &[T], room: &mut [T]) {
        let [vertical, horizontal] = self.sizes.geometry;
        let width = self.sizes.image[1];
        for (x, room) in x
            .chunks(self.sizes.pixels())
            .zip(room.chunks_mut(self.channel))
        {
            for (y, x) in (vertical.left..).zip(x.chunks(width)) {
                let (phase, row) = (y % vertical.stride, y / vertical.stride * self.pitch);
                if phase >= self.phases[0] {
                    continue;
                }
                let first = phase * self.phases[1] * self.plane + row;
                if horizontal.stride == 1 {
                    let start = first + horizontal.left;
                    room[start..start + width].copy_from_slice(x);
                    continue;
                }
                for (place, &value) in (horizontal.left..).zip(x) {
                    let phase = place % horizontal.stride;
                    if phase < self.phases[1] {
                        room[first + phase * self.plane + place / horizontal.stride] = value;
                    }
                }
            }
        }
    }
}
