//! A convolution of many small groups as a candle operation, such as one in which every channel has filters of its own.
//!
//! Where a group has but a few filters, sliding them side by side over all channels has nothing to share: here every filter slides alone, four taps
//! at a time, over the channels of its group, and nothing is copied but the channel that it reads. Gradients of filters are summed in the order
//! of the examples, so that no result depends on the number of threads.

use super::convolve::Geometry;
use super::operation::{
    Real, asked, by_precision, clear, dtype, numbers, sum, sum_of, with_numbers,
};
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, WithDType, bail};
use rayon::prelude::*;

/// Convolves `x` `(n, channels, length)` on the CPU with a kernel `(filters, channels / groups, width)` and a bias `(filters)`.
pub(crate) struct Grouped {
    pub(crate) geometry: Geometry,
    pub(crate) groups: usize,
}

#[derive(Clone, Copy)]
struct Sizes {
    n: usize,
    channels: usize,
    length: usize,
    filters: usize,
    positions: usize,
    width: usize,
    /// Channels and filters of a group.
    group: (usize, usize),
    geometry: Geometry,
}

impl Sizes {
    fn new(x: &Shape, kernel: &Shape, operation: &Grouped) -> Result<Self> {
        let ((n, channels, length), (filters, each, width)) = (x.dims3()?, kernel.dims3()?);
        let (geometry, groups) = (operation.geometry, operation.groups);
        let fits = channels == each * groups && filters.is_multiple_of(groups);
        if !fits || length < geometry.shortest(width) {
            bail!("a kernel {kernel:?} in {groups} groups does not fit an input {x:?}");
        }
        Ok(Self {
            n,
            channels,
            length,
            filters,
            positions: geometry.positions(length, width),
            width,
            group: (each, filters / groups),
            geometry,
        })
    }

    /// How far a filter reaches.
    fn overhang(&self) -> usize {
        (self.width - 1) * self.geometry.dilation
    }

    /// Everything that filters see of a channel, the zeros on both sides with it.
    fn room<T: Real>(&self) -> Vec<T> {
        vec![T::zero(); (self.positions - 1) * self.geometry.stride + self.overhang() + 1]
    }

    fn fill<T: Real>(&self, x: &[T], room: &mut [T]) {
        let left = self.geometry.left.min(room.len());
        let seen = x.len().min(room.len() - left);
        room[left..left + seen].copy_from_slice(&x[..seen]);
    }

    /// Every filter that sees a channel, and which of the channels of its group that is.
    fn filters_of(&self, channel: usize) -> (std::ops::Range<usize>, usize) {
        let (channels, filters) = self.group;
        let first = channel / channels * filters;
        (first..first + filters, channel % channels)
    }

    fn taps<'a, T>(&self, kernel: &'a [T], filter: usize, channel: usize) -> &'a [T] {
        let start = (filter * self.group.0 + channel) * self.width;
        &kernel[start..start + self.width]
    }

    fn forward<T: Real>(&self, x: &[T], (kernel, bias): (&[T], &[T])) -> Vec<T> {
        let mut out = vec![T::zero(); self.n * self.filters * self.positions];
        out.par_chunks_mut(self.filters * self.positions)
            .zip(x.par_chunks(self.channels * self.length))
            .for_each_init(
                || self.room(),
                |room, (out, x)| {
                    for (out, &bias) in out.chunks_mut(self.positions).zip(bias) {
                        out.fill(bias);
                    }
                    for (channel, x) in x.chunks(self.length).enumerate() {
                        self.fill(x, room);
                        let (filters, channel) = self.filters_of(channel);
                        for filter in filters {
                            let out = &mut out[filter * self.positions..][..self.positions];
                            let taps = self.taps(kernel, filter, channel);
                            slide(
                                out,
                                room,
                                (taps, self.geometry.dilation, self.geometry.stride),
                            );
                        }
                    }
                },
            );
        out
    }

    /// The turned filters slide over the gradient of the output, which stands as far apart as the filters moved.
    fn input_gradient<T: Real>(&self, kernel: &[T], gradient: &[T]) -> Vec<T> {
        let Geometry {
            left,
            stride,
            dilation,
            ..
        } = self.geometry;
        let overhang = self.overhang();
        let row = (left + self.length).max((self.positions - 1) * stride + 1) + overhang;
        let mut turned = kernel.to_vec();
        turned.chunks_mut(self.width).for_each(<[T]>::reverse);
        let mut out = vec![T::zero(); self.n * self.channels * self.length];
        out.par_chunks_mut(self.channels * self.length)
            .zip(gradient.par_chunks(self.filters * self.positions))
            .for_each_init(
                || vec![T::zero(); row],
                |room, (out, gradient)| {
                    clear(out);
                    for (filter, gradient) in gradient.chunks(self.positions).enumerate() {
                        let places = room[overhang..].iter_mut().step_by(stride);
                        for (place, &gradient) in places.zip(gradient) {
                            *place = gradient;
                        }
                        let (channels, filters) = self.group;
                        let first = filter / filters * channels;
                        for channel in 0..channels {
                            let start = (first + channel) * self.length;
                            let out = &mut out[start..start + self.length];
                            let taps = self.taps(&turned, filter, channel);
                            slide(out, &room[left..], (taps, dilation, 1));
                        }
                    }
                },
            );
        out
    }

    fn kernel_gradient<T: Real>(&self, x: &[T], gradient: &[T]) -> Vec<T> {
        let Geometry {
            stride, dilation, ..
        } = self.geometry;
        let (channels, filters) = self.group;
        let mut out = vec![T::zero(); self.filters * channels * self.width];
        out.par_chunks_mut(channels * self.width)
            .enumerate()
            .for_each_init(
                || self.room(),
                |room, (filter, out)| {
                    let examples = x.chunks(self.channels * self.length);
                    let gradients = gradient.chunks(self.filters * self.positions);
                    for (x, gradient) in examples.zip(gradients) {
                        let gradient = &gradient[filter * self.positions..][..self.positions];
                        let x = x[filter / filters * channels * self.length..].chunks(self.length);
                        for (out, x) in out.chunks_mut(self.width).zip(x) {
                            self.fill(x, room);
                            for (tap, out) in out.iter_mut().enumerate() {
                                let seen = &room[tap * dilation..];
                                *out += if stride == 1 {
                                    sum_of(gradient, &seen[..self.positions], |g, x| g * x)
                                } else {
                                    let pairs = gradient.iter().zip(seen.iter().step_by(stride));
                                    pairs.fold(T::zero(), |sum, (&g, &x)| sum + g * x)
                                };
                            }
                        }
                    }
                },
            );
        out
    }

    fn bias_gradient<T: Real>(&self, gradient: &[T]) -> Vec<T> {
        let mut sums = vec![T::zero(); self.filters];
        for gradient in gradient.chunks(self.filters * self.positions) {
            for (out, gradient) in sums.iter_mut().zip(gradient.chunks(self.positions)) {
                *out += sum(gradient);
            }
        }
        sums
    }
}

/// Adds what a filter makes of one channel, four taps at a time.
fn slide<T: Real>(out: &mut [T], x: &[T], (taps, dilation, stride): (&[T], usize, usize)) {
    let mut start = 0;
    if stride > 1 {
        for &tap in taps {
            for (out, &x) in out.iter_mut().zip(x[start..].iter().step_by(stride)) {
                *out += tap * x;
            }
            start += dilation;
        }
        return;
    }
    let n = out.len();
    let (fours, rest) = taps.as_chunks::<4>();
    for taps in fours {
        let [a, b, c, d] = [0, 1, 2, 3].map(|tap| &x[start + tap * dilation..][..n]);
        let seen = a.iter().zip(b).zip(c.iter().zip(d));
        for (out, ((&a, &b), (&c, &d))) in out.iter_mut().zip(seen) {
            *out += (taps[0] * a + taps[1] * b) + (taps[2] * c + taps[3] * d);
        }
        start += 4 * dilation;
    }
    for &tap in rest {
        for (out, &x) in out.iter_mut().zip(&x[start..]) {
            *out += tap * x;
        }
        start += dilation;
    }
}

impl CustomOp3 for Grouped {
    fn name(&self) -> &'static str {
        "grouped convolution"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        kernel: &CpuStorage,
        kernel_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let sizes = Sizes::new(x_layout.shape(), kernel_layout.shape(), self)?;
        let out = by_precision!(dtype(x), T => {
            let weights = (numbers::<T>(kernel, kernel_layout)?, numbers(bias, bias_layout)?);
            T::to_cpu_storage_owned(sizes.forward(numbers(x, x_layout)?, weights))
        });
        let shape = Shape::from((sizes.n, sizes.filters, sizes.positions));
        Ok((out, shape))
    }

    fn bwd(
        &self,
        x: &Tensor,
        kernel: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let sizes = Sizes::new(x.shape(), kernel.shape(), self)?;
        let gradient = gradient.contiguous()?;
        by_precision!(gradient.dtype(), T => {
            with_numbers::<T, _>(&gradient, |gradient| {
                let for_x = asked(x, || {
                    with_numbers(kernel, |kernel| Ok(sizes.input_gradient(kernel, gradient)))
                })?;
                let for_kernel = asked(kernel, || {
                    with_numbers(x, |x| Ok(sizes.kernel_gradient(x, gradient)))
                })?;
                let for_bias = asked(bias, || Ok(sizes.bias_gradient(gradient)))?;
                Ok((for_x, for_kernel, for_bias))
            })
        })
    }
}
