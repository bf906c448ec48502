//! A batch norm, a rectifier and a maximum over windows in one operation: what follows most convolutions.
//!
//! Nothing but the maxima and where they stand in their windows is written down, and the gradient of the input is made in one pass.

use super::operation::{
    Line, Real, Standard, Window, add_rows, asked, by_precision, clear, dtype, numbers,
    with_numbers,
};
use super::together::Found;
use super::{Activation, Layer, Pass};
use crate::Result;
use candle_core::{CpuStorage, CustomOp3, Layout, Shape, Tensor, WithDType, bail};
use rayon::prelude::*;
use std::sync::OnceLock;

/// Returns the operation of the first layers where they are a batch norm, a rectifier and a local maximum.
pub(crate) fn normalised(
    layers: &[Layer],
    weights: &[Tensor],
    (x, pass): (&Tensor, &mut Pass),
) -> Result<Option<Found>> {
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
    let is_learned = [x, scale, shift].iter().any(|tensor| tensor.track_op());
    let (moments, epsilon) = norm.moments(weights, x, pass)?;
    let standard = Standard::new(moments, epsilon, pass.seed().is_some());
    let Some(operation) = Normalised::new(standard, windows, is_learned) else {
        return Ok(None);
    };
    Ok(Some(Found::new(operation, (scale, shift), 3)?))
}

pub(crate) struct Normalised {
    standard: Standard,
    windows: Vec<Window>,
    /// Where the largest number of every window stands in it, for a backward pass.
    places: Option<OnceLock<Vec<u16>>>,
}

impl Normalised {
    /// Rectifies as it is and takes maxima, without a batch norm; keeps their places.
    pub(crate) fn rectified(channels: usize, windows: Vec<Window>) -> Option<Self> {
        let standard = Standard {
            mean: vec![0.0; channels],
            rise: vec![1.0; channels],
            of_batch: false,
        };
        Self::new(standard, windows, true)
    }

    /// Nothing where a place in a window is no short number.
    pub(crate) fn new(
        standard: Standard,
        windows: Vec<Window>,
        keeps_places: bool,
    ) -> Option<Self> {
        let most = usize::from(u16::MAX);
        let is_short = windows
            .iter()
            .all(|window| window.end - window.start <= most);
        is_short.then(|| Self {
            standard,
            windows,
            places: keeps_places.then(OnceLock::new),
        })
    }

    pub(crate) fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// Returns where the largest number of every window stood in it.
    pub(crate) fn places(&self) -> Option<&[u16]> {
        Some(self.places.as_ref()?.get()?.as_slice())
    }

    pub(crate) fn lines<T: Real>(&self, scale: &[T], shift: &[T]) -> Vec<Line<T>> {
        self.standard.lines(scale, shift)
    }

    /// Returns where the largest number stands, and that number; the first of equal ones, and the first that is not a number.
    fn largest<T: Real>(x: &[T], (factor, rest): Line<T>) -> (usize, T) {
        let mut best = (0, x[0] * factor + rest);
        for (place, &x) in x.iter().enumerate().skip(1) {
            let (old, new) = (best.1, x * factor + rest);
            // Without branches, which nobody could predict.
            let is_better = (new > old) | (new.is_nan() & !old.is_nan());
            best = if is_better { (place, new) } else { best };
        }
        best
    }

    /// Computes the maxima, and their places where these are asked for.
    fn forward<T: Real>(
        &self,
        (x, length): (&[T], usize),
        lines: &[Line<T>],
        places: &mut [u16],
    ) -> Vec<T> {
        let (rows, windows) = (lines.len(), self.windows.len());
        let mut out = vec![T::zero(); x.len() / length * windows];
        let work = |out: &mut [T], x: &[T], places: &mut [u16]| {
            let all = out.chunks_mut(windows).zip(x.chunks(length)).zip(lines);
            for (row, ((out, x), &line)) in all.enumerate() {
                let places = places.get_mut(row * windows..(row + 1) * windows);
                let found = self.windows.iter().map(|window| {
                    let (place, value) = Self::largest(&x[window.start..window.end], line);
                    let value = if value < T::zero() { T::zero() } else { value };
                    (place as u16, value)
                });
                if let Some(places) = places {
                    for ((out, place), found) in out.iter_mut().zip(places).zip(found) {
                        (*place, *out) = found;
                    }
                } else {
                    for (out, (_, value)) in out.iter_mut().zip(found) {
                        *out = value;
                    }
                }
            }
        };
        let all = out
            .par_chunks_mut(rows * windows)
            .zip(x.par_chunks(rows * length));
        if places.is_empty() {
            all.for_each(|(out, x)| work(out, x, &mut []));
        } else {
            let all = all.zip(places.par_chunks_mut(rows * windows));
            all.for_each(|((out, x), places)| work(out, x, places));
        }
        out
    }

    /// Computes the gradients of scale and shift.
    fn sums<T: Real>(
        &self,
        (x, length): (&[T], usize),
        (out, places): (&[T], &[u16]),
        gradient: &[T],
    ) -> (Vec<T>, Vec<T>) {
        let (rows, windows) = (self.standard.mean.len(), self.windows.len());
        let each: Vec<Vec<T>> = x
            .par_chunks(rows * length)
            .zip(gradient.par_chunks(rows * windows))
            .zip(out.par_chunks(rows * windows))
            .zip(places.par_chunks(rows * windows))
            .map(|(((x, gradient), out), places)| {
                let mut sums = vec![T::zero(); 2 * rows];
                for row in 0..rows {
                    let (mean, rise) = (self.standard.mean[row], self.standard.rise[row]);
                    let (mean, rise) = (T::from_f64(mean), T::from_f64(rise));
                    let (x, here) = (&x[row * length..], row * windows..(row + 1) * windows);
                    let found = (&out[here.clone()], &places[here.clone()]);
                    let (mut along, mut sum) = (T::zero(), T::zero());
                    for (place, gradient) in self.landed(found, &gradient[here]) {
                        along += gradient * (x[place] - mean) * rise;
                        sum += gradient;
                    }
                    (sums[row], sums[rows + row]) = (along, sum);
                }
                sums
            })
            .collect();
        let mut for_scale = add_rows(each, 2 * rows);
        let for_shift = for_scale.split_off(rows);
        (for_scale, for_shift)
    }

    /// Returns the place of every maximum of a row, and the gradient that comes back there.
    fn landed<T: Real>(
        &self,
        (out, places): (&[T], &[u16]),
        gradient: &[T],
    ) -> impl Iterator<Item = (usize, T)> {
        let places = self.windows.iter().zip(places);
        let places = places.map(|(window, place)| window.start + usize::from(*place));
        let gradient =
            out.iter().zip(gradient).map(
                |(&out, &gradient)| {
                    if out > T::zero() { gradient } else { T::zero() }
                },
            );
        places.zip(gradient)
    }

    fn for_x<T: Real>(
        &self,
        (x, length, lines): (&[T], usize, &[Line<T>]),
        (out, places): (&[T], &[u16]),
        (gradient, for_scale, for_shift): (&[T], &[T], &[T]),
    ) -> Vec<T> {
        let (rows, windows) = (lines.len(), self.windows.len());
        let count = T::from_f64((x.len() / rows) as f64);
        let mut result = vec![T::zero(); x.len()];
        result
            .par_chunks_mut(rows * length)
            .zip(x.par_chunks(rows * length))
            .zip(gradient.par_chunks(rows * windows))
            .zip(out.par_chunks(rows * windows))
            .zip(places.par_chunks(rows * windows))
            .for_each(|((((result, x), gradient), out), places)| {
                let all = result.chunks_mut(length).zip(x.chunks(length)).enumerate();
                for (row, (result, x)) in all {
                    let (factor, _) = lines[row];
                    if self.standard.of_batch {
                        let sums = (for_scale[row], for_shift[row]);
                        let constants = (factor, count);
                        let (other, rest) = self.standard.through_moments(row, constants, sums);
                        for (result, &x) in result.iter_mut().zip(x) {
                            *result = rest + other * x;
                        }
                    } else {
                        clear(result);
                    }
                    let here = row * windows..(row + 1) * windows;
                    let found = (&out[here.clone()], &places[here.clone()]);
                    for (place, gradient) in self.landed(found, &gradient[here]) {
                        result[place] += factor * gradient;
                    }
                }
            });
        result
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
            let weights = (numbers::<T>(scale, scale_layout)?, numbers(shift, shift_layout)?);
            let lines = self.standard.lines(weights.0, weights.1);
            let x = numbers(x, x_layout)?;
            let count = self.places.as_ref().map_or(0, |_| n * channels * self.windows.len());
            let mut places = vec![0; count];
            let out = self.forward((x, length), &lines, &mut places);
            if let Some(kept) = &self.places {
                // Only the first pass is remembered, and there is one.
                let _ = kept.set(places);
            }
            T::to_cpu_storage_owned(out)
        });
        Ok((out, Shape::from((n, channels, self.windows.len()))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        scale: &Tensor,
        shift: &Tensor,
        out: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (_, _, length) = x.dims3()?;
        let gradient = gradient.contiguous()?;
        let Some(places) = self.places.as_ref().and_then(OnceLock::get) else {
            bail!("a gradient of {} that nobody announced", self.name());
        };
        by_precision!(x.dtype(), T => with_numbers::<T, _>(x, |values| {
            let lines = with_numbers(scale, |scale| {
                with_numbers(shift, |shift| Ok(self.standard.lines(scale, shift)))
            })?;
            with_numbers(out, |out| with_numbers(&gradient, |gradient| {
                let found = (out, &places[..]);
                // Constants are left out of account while explaining, when nobody asks for the gradients of weights.
                let is_summed = self.standard.of_batch || scale.track_op() || shift.track_op();
                let (for_scale, for_shift) = if is_summed {
                    self.sums((values, length), found, gradient)
                } else {
                    (Vec::new(), Vec::new())
                };
                let for_x = asked(x, || {
                    let sums = (gradient, &for_scale[..], &for_shift[..]);
                    Ok(self.for_x((values, length, &lines), found, sums))
                })?;
                let for_scale = asked(scale, || Ok(for_scale))?;
                Ok((for_x, for_scale, asked(shift, || Ok(for_shift))?))
            }))
        }))
    }
}
