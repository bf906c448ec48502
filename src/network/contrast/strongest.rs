//! A convolution, a rectifier and the maximum over the sequence, between an example and its references.
//!
//! As in a gradient, nothing comes back but where a filter is strongest: in the example, or in the reference.

use super::Groups;
use crate::network::kernel::Sizes;
use crate::network::operation::{Real, by_precision, clear, with_numbers};
use crate::network::strongest::Strongest;
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

/// A rectified maximum whose multipliers come back.
pub(super) struct ContrastedStrongest {
    pub(super) strongest: Strongest,
    pub(super) groups: Groups,
}

/// What one row of a batch is compared with.
struct Pair<'a, T> {
    own: Row<'a, T>,
    other: Row<'a, T>,
}

/// An example: its numbers, its maxima, and where they stand.
#[derive(Clone, Copy)]
struct Row<'a, T> {
    x: &'a [T],
    maxima: &'a [T],
    places: &'a [u32],
}

impl ContrastedStrongest {
    /// Computes a filter at one place of an example.
    fn value<T: Real>(
        &self,
        sizes: &Sizes,
        (x, place): (&[T], u32),
        (kernel, bias): (&[T], T),
    ) -> T {
        let (first, position, count) = self.strongest.inside(sizes, place);
        let mut sum = bias;
        let rows = x.chunks(sizes.length).zip(kernel.chunks(sizes.width));
        for (x, kernel) in rows {
            let x = x[position..].iter().step_by(self.strongest.dilation());
            for (&x, &kernel) in x.zip(&kernel[first..first + count]) {
                sum += x * kernel;
            }
        }
        sum
    }

    /// Returns the multipliers of a filter's sum where it is strongest in the example, and where it is in the reference.
    fn multipliers<T: Real>(
        &self,
        sizes: &Sizes,
        (pair, filter): (&Pair<'_, T>, usize),
        weights: (&[T], T),
    ) -> (T, T) {
        let (zero, one) = (T::zero(), T::one());
        let (a, b) = (pair.own.maxima[filter], pair.other.maxima[filter]);
        let (mine, theirs) = (pair.own.places[filter], pair.other.places[filter]);
        // Sums are added up in another order than in the maxima.
        let close = |a: T, b: T| (a - b).abs() <= T::from_f64(16.0) * T::epsilon() * a.abs();
        let share = |part: T, whole: T| between(part / whole, zero, one);
        if a >= b {
            if a <= zero {
                return (zero, zero);
            }
            let there = self.value(sizes, (pair.other.x, mine), weights);
            if close(a, there) {
                return (one, zero);
            }
            return (share(a - b, a - there), zero);
        }
        // NaN is no number to compare with, and goes on.
        let there = self.value(sizes, (pair.own.x, theirs), weights);
        let at_theirs = if b.is_nan() || a.is_nan() {
            a - b
        } else {
            share(b - a, b - there)
        };
        // Where nothing sets the two apart, the multiplier is the slope at the example.
        let at_mine = a > zero && close(a, self.value(sizes, (pair.other.x, mine), weights));
        (if at_mine { one } else { zero }, at_theirs)
    }

    fn compute<T: Real>(
        &self,
        sizes: &Sizes,
        (x, kernel, bias): (&[T], &[T], &[T]),
        (maxima, multipliers): (&[T], &[T]),
    ) -> Vec<T> {
        let places = self.strongest.places();
        let row = |row: usize| {
            let filters = row * sizes.filters..(row + 1) * sizes.filters;
            Row {
                x: &x[row * sizes.inputs()..(row + 1) * sizes.inputs()],
                maxima: &maxima[filters.clone()],
                places: &places[filters],
            }
        };
        let mut out = vec![T::zero(); x.len()];
        out.par_chunks_mut(sizes.inputs())
            .zip(multipliers.par_chunks(sizes.filters))
            .enumerate()
            .for_each(|(index, (out, multipliers))| {
                clear(out);
                let pair = Pair {
                    own: row(self.groups.example(index)),
                    other: row(index),
                };
                let filters = kernel.chunks(sizes.taps()).zip(bias).zip(multipliers);
                for (filter, ((kernel, &bias), &multiplier)) in filters.enumerate() {
                    if multiplier == T::zero() {
                        continue;
                    }
                    let found = self.multipliers(sizes, (&pair, filter), (kernel, bias));
                    for (place, found) in [
                        (pair.own.places[filter], found.0),
                        (pair.other.places[filter], found.1),
                    ] {
                        let wanted = multiplier * found;
                        if wanted != T::zero() {
                            self.strongest.spread(sizes, (place, wanted), (kernel, out));
                        }
                    }
                }
            });
        out
    }
}

fn between<T: Real>(x: T, least: T, most: T) -> T {
    if x < least {
        least
    } else if x > most {
        most
    } else {
        x
    }
}

impl CustomOp3 for ContrastedStrongest {
    fn name(&self) -> &'static str {
        "contrasted strongest position"
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
        self.strongest
            .cpu_fwd(x, x_layout, kernel, kernel_layout, bias, bias_layout)
    }

    fn bwd(
        &self,
        x: &Tensor,
        kernel: &Tensor,
        bias: &Tensor,
        out: &Tensor,
        multipliers: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let sizes = self.strongest.sizes(x, kernel)?;
        let multipliers = multipliers.contiguous()?;
        let found = by_precision!(x.dtype(), T => {
            with_numbers::<T, _>(x, |numbers| with_numbers(kernel, |kernel| with_numbers(bias, |bias| {
                with_numbers(out, |out| with_numbers(&multipliers, |multipliers| {
                    let weights = (numbers, kernel, bias);
                    let found = self.compute(&sizes, weights, (out, multipliers));
                    Tensor::from_vec(found, x.shape(), x.device())
                }))
            })))
        })?;
        Ok((Some(found), None, None))
    }
}
