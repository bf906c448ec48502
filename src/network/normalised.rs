//! A batch norm, a rectifier and a maximum over windows in one operation: what follows most convolutions.
//!
//! Nothing but the maxima is written down. The backward pass finds their places again, and the gradient of the input is made in one pass.

use super::convolve::{asked, with};
use super::operation::{Real, Window, add_rows, by_precision, dtype, numbers};
use super::{Activation, Layer, Pass, is_ours};
use crate::Result;
use candle_core::{CpuStorage, CustomOp3, Layout, Shape, Tensor, WithDType};
use rayon::prelude::*;

/// Computes the first layers at once where they are a batch norm, a rectifier and a local maximum; returns how many they are.
pub(crate) fn normalised(
    layers: &[Layer],
    weights: &[Tensor],
    (x, pass): (&Tensor, &mut Pass),
) -> Result<Option<(Tensor, usize)>> {
    let [
        Layer::BatchNorm(norm),
        Layer::Activation(Activation::Relu),
        Layer::Pool(pool),
        ..,
    ] = layers
    else {
        return Ok(None);
    };
    let (&[_, _, length], [scale, shift, ..]) = (x.dims(), weights) else {
        return Ok(None);
    };
    let Some(windows) = pool.maxima(length) else {
        return Ok(None);
    };
    if !is_ours(x.device()) {
        return Ok(None);
    }
    let (moments, epsilon) = norm.moments(weights, x, pass)?;
    let rise = moments.variance.iter();
    let operation = Normalised {
        rise: rise
            .map(|variance| 1.0 / (variance + epsilon).sqrt())
            .collect(),
        mean: moments.mean,
        of_batch: pass.seed().is_some(),
        windows,
    };
    let out = x
        .contiguous()?
        .apply_op3(&scale.contiguous()?, &shift.contiguous()?, operation)?;
    Ok(Some((out, 3)))
}

struct Normalised {
    mean: Vec<f64>,
    /// One over the spread.
    rise: Vec<f64>,
    /// Whether gradients pass through the moments.
    of_batch: bool,
    windows: Vec<Window>,
}

/// What a channel is multiplied by, and what is added then.
type Line<T> = (T, T);

impl Normalised {
    fn lines<T: Real>(&self, scale: &[T], shift: &[T]) -> Vec<Line<T>> {
        let constants = self.mean.iter().zip(&self.rise);
        let weights = scale.iter().zip(shift);
        constants
            .zip(weights)
            .map(|((&mean, &rise), (&scale, &shift))| {
                let factor = scale * T::from_f64(rise);
                (factor, shift - T::from_f64(mean) * factor)
            })
            .collect()
    }

    /// Returns the place of the largest number of a window, and that number.
    fn largest<T: Real>(x: &[T], window: &Window, (factor, rest): Line<T>) -> (usize, T) {
        let value = |x: T| x * factor + rest;
        let mut best = (window.start, value(x[window.start]));
        for (place, &x) in (window.start..window.end)
            .zip(&x[window.start..window.end])
            .skip(1)
        {
            let value = value(x);
            if value > best.1 || (value.is_nan() && !best.1.is_nan()) {
                best = (place, value);
            }
        }
        best
    }

    fn forward<T: Real>(&self, x: &[T], length: usize, lines: &[Line<T>]) -> Vec<T> {
        let (rows, windows) = (lines.len(), self.windows.len());
        let mut out = vec![T::zero(); x.len() / length * windows];
        out.par_chunks_mut(rows * windows)
            .zip(x.par_chunks(rows * length))
            .for_each(|(out, x)| {
                let rows = out.chunks_mut(windows).zip(x.chunks(length));
                for ((out, x), &line) in rows.zip(lines) {
                    for (out, window) in out.iter_mut().zip(&self.windows) {
                        let (_, value) = Self::largest(x, window, line);
                        *out = if value < T::zero() { T::zero() } else { value };
                    }
                }
            });
        out
    }

    /// Computes the gradients of scale and shift.
    fn sums<T: Real>(
        &self,
        (x, length): (&[T], usize),
        lines: &[Line<T>],
        gradient: &[T],
    ) -> (Vec<T>, Vec<T>) {
        let (rows, windows) = (lines.len(), self.windows.len());
        let each: Vec<Vec<T>> = x
            .par_chunks(rows * length)
            .zip(gradient.par_chunks(rows * windows))
            .map(|(x, gradient)| {
                let mut sums = vec![T::zero(); 2 * rows];
                let both = x.chunks(length).zip(gradient.chunks(windows));
                for (row, (x, gradient)) in both.enumerate() {
                    let (mean, rise) = (self.mean[row], self.rise[row]);
                    let (mean, rise) = (T::from_f64(mean), T::from_f64(rise));
                    for (&gradient, window) in gradient.iter().zip(&self.windows) {
                        let (place, value) = Self::largest(x, window, lines[row]);
                        if value > T::zero() {
                            sums[row] += gradient * (x[place] - mean) * rise;
                            sums[rows + row] += gradient;
                        }
                    }
                }
                sums
            })
            .collect();
        let mut for_scale = add_rows(&each, 2 * rows);
        let for_shift = for_scale.split_off(rows);
        (for_scale, for_shift)
    }

    fn for_x<T: Real>(
        &self,
        (x, length): (&[T], usize),
        lines: &[Line<T>],
        (gradient, for_scale, for_shift): (&[T], &[T], &[T]),
    ) -> Vec<T> {
        let (rows, windows) = (lines.len(), self.windows.len());
        let count = T::from_f64((x.len() / rows) as f64);
        let mut out = vec![T::zero(); x.len()];
        out.par_chunks_mut(rows * length)
            .zip(x.par_chunks(rows * length))
            .zip(gradient.par_chunks(rows * windows))
            .for_each(|((out, x), gradient)| {
                let all = out.chunks_mut(length).zip(x.chunks(length));
                let all = all.zip(gradient.chunks(windows)).enumerate();
                for (row, ((out, x), gradient)) in all {
                    let (factor, _) = lines[row];
                    if self.of_batch {
                        // Less the mean of the gradient, and less its part along the standardised numbers.
                        let along = factor * T::from_f64(self.rise[row]) * for_scale[row] / count;
                        let mean = T::from_f64(self.mean[row]);
                        let rest = along * mean - factor * for_shift[row] / count;
                        for (out, &x) in out.iter_mut().zip(x) {
                            *out = rest - along * x;
                        }
                    }
                    for (&gradient, window) in gradient.iter().zip(&self.windows) {
                        let (place, value) = Self::largest(x, window, lines[row]);
                        if value > T::zero() {
                            out[place] += factor * gradient;
                        }
                    }
                }
            });
        out
    }
}

impl CustomOp3 for Normalised {
    fn name(&self) -> &'static str {
        "normalised maximum"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        scale: &CpuStorage,
        scale_layout: &Layout,
        shift: &CpuStorage,
        shift_layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, Shape)> {
        let (n, channels, length) = x_layout.shape().dims3()?;
        let out = by_precision!(dtype(x), T => {
            let lines = self.lines::<T>(numbers(scale, scale_layout)?, numbers(shift, shift_layout)?);
            T::to_cpu_storage_owned(self.forward(numbers(x, x_layout)?, length, &lines))
        });
        Ok((out, Shape::from((n, channels, self.windows.len()))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        scale: &Tensor,
        shift: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (_, _, length) = x.dims3()?;
        let gradient = gradient.contiguous()?;
        by_precision!(x.dtype(), T => {
            let lines = with(scale, |scale, scale_layout| {
                with(shift, |shift, shift_layout| {
                    Ok(self.lines::<T>(numbers(scale, scale_layout)?, numbers(shift, shift_layout)?))
                })
            })?;
            with(&gradient, |gradient, gradient_layout| {
                with(x, |values, layout| {
                    let gradient = numbers::<T>(gradient, gradient_layout)?;
                    let values = (numbers::<T>(values, layout)?, length);
                    let (for_scale, for_shift) = self.sums(values, &lines, gradient);
                    let for_x = asked(x, || {
                        Ok(self.for_x(values, &lines, (gradient, &for_scale, &for_shift)))
                    })?;
                    let for_scale = asked(scale, || Ok(for_scale))?;
                    Ok((for_x, for_scale, asked(shift, || Ok(for_shift))?))
                })
            })
        })
    }
}
