//! Every channel less its mean, in units of its spread: what a batch norm computes.

use super::real::{Real, asked, by_precision, dtype, numbers, with_numbers};
use super::standard::Standard;
use super::sums::{add_rows, sum, sum_of};
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, WithDType, bail};
use rayon::prelude::*;

/// Mean and variance (the sum of squares over the count) of every channel of a batch.
#[derive(Clone, Debug)]
pub(crate) struct Moments {
    pub(crate) mean: Vec<f64>,
    pub(crate) variance: Vec<f64>,
}

impl Moments {
    /// Computes the moments of `(n, channels)`, `(n, channels, length)` or `(n, channels, height, width)` on the CPU.
    pub(crate) fn of(x: &Tensor) -> Result<Self> {
        let sizes = Sizes::new(x.shape())?;
        let x = x.contiguous()?;
        by_precision!(x.dtype(), T => with_numbers::<T, _>(&x, |x| Ok(sizes.moments(x))))
    }
}

/// Computes `(x - mean) / sqrt(variance + epsilon) * scale + shift` for every channel on the CPU.
///
/// `of_batch` tells whether the moments are those of `x`, so that gradients pass through them, or constants.
pub(crate) fn channel_norm(
    x: &Tensor,
    (scale, shift): (&Tensor, &Tensor),
    (moments, epsilon, of_batch): (Moments, f64, bool),
) -> Result<Tensor> {
    let norm = Norm(Standard::new(moments, epsilon, of_batch));
    x.contiguous()?
        .apply_op3(&scale.contiguous()?, &shift.contiguous()?, norm)
}

#[derive(Clone, Copy)]
struct Sizes {
    n: usize,
    channels: usize,
    length: usize,
}

impl Sizes {
    fn new(shape: &Shape) -> Result<Self> {
        let (n, channels, length) = match *shape.dims() {
            [n, channels] => (n, channels, 1),
            [n, channels, length] => (n, channels, length),
            [n, channels, height, width] => (n, channels, height * width),
            _ => bail!("expected 2 to 4 axes, got {shape:?}"),
        };
        Ok(Self {
            n,
            channels,
            length,
        })
    }

    /// Computes one number for every channel of every example, and adds up the examples.
    fn per_channel<T: Real>(
        self,
        (x, y): (&[T], &[T]),
        of: impl Fn(usize, &[T], &[T]) -> T + Sync,
    ) -> Vec<T> {
        let size = self.channels * self.length;
        let rows: Vec<Vec<T>> = x
            .par_chunks(size)
            .zip(y.par_chunks(size))
            .map(|(x, y)| {
                let pairs = x.chunks(self.length).zip(y.chunks(self.length));
                let pairs = pairs.enumerate();
                pairs.map(|(channel, (x, y))| of(channel, x, y)).collect()
            })
            .collect();
        add_rows(rows, self.channels)
    }

    fn moments<T: Real>(self, x: &[T]) -> Moments {
        let count = (self.n * self.length) as f64;
        let share = |sum: T| WithDType::to_f64(sum) / count;
        let mean = self.per_channel((x, x), |_, x, _| sum(x));
        let mean: Vec<f64> = mean.into_iter().map(share).collect();
        let variance = self.per_channel((x, x), |channel, x, _| {
            let mean = T::from_f64(mean[channel]);
            sum_of(x, x, |x, _| (x - mean) * (x - mean))
        });
        let variance = variance.into_iter().map(share).collect();
        Moments { mean, variance }
    }
}

struct Norm(Standard);

impl Norm {
    /// Computes `a * factor + b * other + rest` of every channel, where the constants belong to the channel.
    fn combine<T: Real>(
        sizes: Sizes,
        (a, b): (&[T], Option<&[T]>),
        constants: &[[T; 3]],
    ) -> Vec<T> {
        let mut out = vec![T::zero(); a.len()];
        let size = sizes.channels * sizes.length;
        out.par_chunks_mut(size)
            .enumerate()
            .for_each(|(example, out)| {
                for (channel, out) in out.chunks_mut(sizes.length).enumerate() {
                    let start = example * size + channel * sizes.length;
                    let range = start..start + sizes.length;
                    let [factor, other, rest] = constants[channel];
                    let a = &a[range.clone()];
                    match b {
                        None => {
                            for (out, &a) in out.iter_mut().zip(a) {
                                *out = a * factor + rest;
                            }
                        }
                        Some(b) => {
                            for ((out, &a), &b) in out.iter_mut().zip(a).zip(&b[range]) {
                                *out = a * factor + b * other + rest;
                            }
                        }
                    }
                }
            });
        out
    }

    fn forward<T: Real>(&self, sizes: Sizes, x: &[T], (scale, shift): (&[T], &[T])) -> Vec<T> {
        let lines = self.0.lines(scale, shift).into_iter();
        let constants: Vec<[T; 3]> = lines
            .map(|(factor, rest)| [factor, T::zero(), rest])
            .collect();
        Self::combine(sizes, (x, None), &constants)
    }

    /// Computes the gradients of the scale and of the shift.
    fn sums<T: Real>(&self, sizes: Sizes, x: &[T], gradient: &[T]) -> (Vec<T>, Vec<T>) {
        let for_shift = sizes.per_channel((gradient, gradient), |_, g, _| sum(g));
        let for_scale = sizes.per_channel((x, gradient), |channel, x, g| {
            let mean = T::from_f64(self.0.mean[channel]);
            let rise = T::from_f64(self.0.rise[channel]);
            sum_of(x, g, |x, g| (x - mean) * g) * rise
        });
        (for_scale, for_shift)
    }

    /// Computes the gradient of `x`; the sums are only looked at where the moments are those of the batch.
    fn for_x<T: Real>(
        &self,
        sizes: Sizes,
        (x, scale, gradient): (&[T], &[T], &[T]),
        (for_scale, for_shift): (&[T], &[T]),
    ) -> Vec<T> {
        let count = T::from_f64((sizes.n * sizes.length) as f64);
        let constants: Vec<[T; 3]> = (0..sizes.channels)
            .map(|channel| {
                let factor = scale[channel] * T::from_f64(self.0.rise[channel]);
                if !self.0.of_batch {
                    return [factor, T::zero(), T::zero()];
                }
                let sums = (for_scale[channel], for_shift[channel]);
                let (other, rest) = self.0.through_moments(channel, (factor, count), sums);
                [factor, other, rest]
            })
            .collect();
        let x = self.0.of_batch.then_some(x);
        Self::combine(sizes, (gradient, x), &constants)
    }
}

impl CustomOp3 for Norm {
    fn name(&self) -> &'static str {
        "channel norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        scale: &CpuStorage,
        scale_layout: &Layout,
        shift: &CpuStorage,
        shift_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let sizes = Sizes::new(x_layout.shape())?;
        let out = by_precision!(dtype(x), T => {
            let weights = (numbers(scale, scale_layout)?, numbers(shift, shift_layout)?);
            T::to_cpu_storage_owned(self.forward::<T>(sizes, numbers(x, x_layout)?, weights))
        });
        Ok((out, x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        scale: &Tensor,
        shift: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let sizes = Sizes::new(x.shape())?;
        let gradient = gradient.contiguous()?;
        by_precision!(x.dtype(), T => with_numbers::<T, _>(x, |values| {
            with_numbers(scale, |factors| with_numbers(&gradient, |gradient| {
                // Constants are left out of account while explaining, when nobody asks for the gradients of weights.
                let is_summed = self.0.of_batch || scale.track_op() || shift.track_op();
                let (for_scale, for_shift) = if is_summed {
                    self.sums(sizes, values, gradient)
                } else {
                    (Vec::new(), Vec::new())
                };
                let for_x = asked(x, || {
                    let sums = (&for_scale[..], &for_shift[..]);
                    Ok(self.for_x(sizes, (values, factors, gradient), sums))
                })?;
                let for_scale = asked(scale, || Ok(for_scale))?;
                Ok((for_x, for_scale, asked(shift, || Ok(for_shift))?))
            }))
        }))
    }
}
