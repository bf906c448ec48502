//! A batch norm, a rectifier and maxima over windows, between an example and its references, in one operation.

use super::Groups;
use super::rescale::rise_of_relu;
use crate::network::normalised::Normalised;
use crate::network::operation::{Line, Real, Window, by_precision, clear, with_numbers};
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

/// Rectified maxima whose multipliers come back.
pub(super) struct ContrastedNormalised {
    pub(super) normalised: Normalised,
    pub(super) groups: Groups,
}

impl ContrastedNormalised {
    fn compute<T: Real>(
        &self,
        (x, length, lines): (&[T], usize, &[Line<T>]),
        (maxima, places): (&[T], &[u16]),
        multipliers: &[T],
    ) -> Vec<T> {
        let (channels, windows) = (lines.len(), self.normalised.windows());
        let count = windows.len();
        let mut out = vec![T::zero(); x.len()];
        out.par_chunks_mut(channels * length)
            .zip(multipliers.par_chunks(channels * count))
            .enumerate()
            .for_each(|(index, (out, multipliers))| {
                let rows = out.chunks_mut(length).zip(multipliers.chunks(count));
                for (channel, (out, multipliers)) in rows.enumerate() {
                    let row = |row: usize| {
                        let at = row * channels + channel;
                        let found = at * count..(at + 1) * count;
                        Row {
                            x: &x[at * length..(at + 1) * length],
                            maxima: &maxima[found.clone()],
                            places: &places[found],
                        }
                    };
                    let pair = (row(self.groups.example(index)), row(index));
                    hand_back((windows, lines[channel]), &pair, (multipliers, out));
                }
            });
        out
    }
}

/// A channel of an example: its numbers, its maxima, and where they stand in their windows.
struct Row<'a, T> {
    x: &'a [T],
    maxima: &'a [T],
    places: &'a [u16],
}

/// Adds what comes back from the maxima of a channel to the multipliers of its positions, as a pool behind a rectifier does.
fn hand_back<T: Real>(
    (windows, (factor, rest)): (&[Window], Line<T>),
    (own, other): &(Row<'_, T>, Row<'_, T>),
    (multipliers, out): (&[T], &mut [T]),
) {
    clear(out);
    let positive = |x: T| if x < T::zero() { T::zero() } else { x };
    for (index, (window, &multiplier)) in windows.iter().zip(multipliers).enumerate() {
        let (a, b) = (own.maxima[index], other.maxima[index]);
        let mine = window.start + usize::from(own.places[index]);
        let theirs = window.start + usize::from(other.places[index]);
        let at = |place: usize| (own.x[place] * factor + rest, other.x[place] * factor + rest);
        let place = if a >= b { mine } else { theirs };
        let (x, y) = at(place);
        let apart = positive(x) - positive(y);
        if apart != T::zero() {
            out[place] += multiplier * ((a - b) / apart) * rise_of_relu(x, y) * factor;
        }
        // Where nothing sets the two apart, the multiplier is the slope at the example.
        let (x, y) = at(mine);
        if positive(x) == positive(y) {
            out[mine] += multiplier * rise_of_relu(x, y) * factor;
        }
    }
}

impl CustomOp3 for ContrastedNormalised {
    fn name(&self) -> &'static str {
        "contrasted normalised maximum"
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
        self.normalised
            .cpu_fwd(x, x_layout, scale, scale_layout, shift, shift_layout)
    }

    fn bwd(
        &self,
        x: &Tensor,
        scale: &Tensor,
        shift: &Tensor,
        out: &Tensor,
        multipliers: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (_, _, length) = x.dims3()?;
        let Some(places) = self.normalised.places() else {
            bail!("a gradient of {} that nobody announced", self.name());
        };
        let multipliers = multipliers.contiguous()?;
        let found = by_precision!(x.dtype(), T => {
            let lines = with_numbers::<T, _>(scale, |scale| {
                with_numbers(shift, |shift| Ok(self.normalised.lines(scale, shift)))
            })?;
            with_numbers::<T, _>(x, |numbers| with_numbers(out, |out| {
                with_numbers(&multipliers, |multipliers| {
                    let given = (numbers, length, &lines[..]);
                    let found = self.compute(given, (out, places), multipliers);
                    Tensor::from_vec(found, x.shape(), x.device())
                })
            }))
        })?;
        Ok((Some(found), None, None))
    }
}
