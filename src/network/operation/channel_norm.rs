//! Every channel less its mean, in units of its spread: what a batch norm computes.

use super::real::{Real, by_precision, dtype, numbers, with_numbers};
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
    /// Computes the moments of `(n, channels)` or `(n, channels, length)` on the CPU.
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
    let rise = moments.variance.iter();
    let rise = rise.map(|variance| 1.0 / (variance + epsilon).sqrt());
    let norm = Norm {
        rise: rise.collect(),
        mean: moments.mean,
        of_batch,
    };
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
            _ => bail!("expected 2 or 3 axes, got {shape:?}"),
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
        add_rows(&rows, self.channels)
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

#[derive(Clone)]
struct Norm {
    mean: Vec<f64>,
    /// One over the spread.
    rise: Vec<f64>,
    of_batch: bool,
}

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
        let constants: Vec<[T; 3]> = (0..sizes.channels)
            .map(|channel| {
                let factor = scale[channel] * T::from_f64(self.rise[channel]);
                let rest = shift[channel] - T::from_f64(self.mean[channel]) * factor;
                [factor, T::zero(), rest]
            })
            .collect();
        Self::combine(sizes, (x, None), &constants)
    }

    /// Computes the gradients of `x`, if asked for, of the scale and of the shift.
    fn backward<T: Real>(
        &self,
        sizes: Sizes,
        (x, scale, gradient): (&[T], &[T], &[T]),
        for_x: bool,
    ) -> (Option<Vec<T>>, Vec<T>, Vec<T>) {
        let for_shift = sizes.per_channel((gradient, gradient), |_, g, _| sum(g));
        let for_scale = sizes.per_channel((x, gradient), |channel, x, g| {
            let mean = T::from_f64(self.mean[channel]);
            let rise = T::from_f64(self.rise[channel]);
            sum_of(x, g, |x, g| (x - mean) * g) * rise
        });
        let count = T::from_f64((sizes.n * sizes.length) as f64);
        let for_x = for_x.then(|| {
            let constants: Vec<[T; 3]> = (0..sizes.channels)
                .map(|channel| {
                    let rise = T::from_f64(self.rise[channel]);
                    let factor = scale[channel] * rise;
                    if !self.of_batch {
                        return [factor, T::zero(), T::zero()];
                    }
                    // Less the mean of the gradient, and less its part along the standardised numbers.
                    let along = factor * rise * for_scale[channel] / count;
                    let mean = T::from_f64(self.mean[channel]);
                    let rest = along * mean - factor * for_shift[channel] / count;
                    [factor, T::zero() - along, rest]
                })
                .collect();
            let x = self.of_batch.then_some(x);
            Self::combine(sizes, (gradient, x), &constants)
        });
        (for_x, for_scale, for_shift)
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
        _: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let sizes = Sizes::new(x.shape())?;
        let gradient = gradient.contiguous()?;
        let (shape, device) = (x.shape(), x.device());
        by_precision!(x.dtype(), T => {
            let (for_x, for_scale, for_shift) = with_numbers::<T, _>(x, |x_values| {
                with_numbers(scale, |scale| {
                    with_numbers(&gradient, |gradient| {
                        Ok(self.backward(sizes, (x_values, scale, gradient), x.track_op()))
                    })
                })
            })?;
            let for_x = for_x.map(|values| Tensor::from_vec(values, shape, device)).transpose()?;
            let for_scale = Tensor::from_vec(for_scale, sizes.channels, device)?;
            let for_shift = Tensor::from_vec(for_shift, sizes.channels, device)?;
            Ok((for_x, Some(for_scale), Some(for_shift)))
        })
    }
}
