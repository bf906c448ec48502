//! Maxima over windows between an example and its references.

use super::Groups;
use crate::network::Pooling;
use crate::network::operation::{
    Real, Window, WindowPool, by_precision, clear, dtype, numbers, place_of_largest,
};
use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor, WithDType};
use rayon::prelude::*;
use std::sync::Arc;

/// Channels that one thread handles at a time.
const GRAIN: usize = 16;

/// Computes the largest number of every window; what sets two maxima apart goes to one position.
///
/// That is where the larger of the two maxima stands: there the example differs from the reference by at least as much and to
/// the same side, so that the multiplier lies between 0 and 1, whatever other windows the position belongs to.
pub(super) fn largest(x: &Tensor, windows: Vec<Window>, groups: Groups) -> Result<Tensor> {
    let windows = Arc::new(windows);
    x.contiguous()?.apply_op1(Largest { windows, groups })
}

#[derive(Clone)]
struct Largest {
    windows: Arc<Vec<Window>>,
    groups: Groups,
}

impl CustomOp1 for Largest {
    fn name(&self) -> &'static str {
        "contrasted pool"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let pool = WindowPool {
            pooling: Pooling::Max,
            windows: Arc::clone(&self.windows),
        };
        pool.cpu_fwd(x, layout)
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, multipliers: &Tensor) -> Result<Option<Tensor>> {
        let back = Back(self.clone());
        let found = x.apply_op2_no_bwd(&multipliers.contiguous()?, &back)?;
        Ok(Some(found))
    }
}

struct Back(Largest);

impl Back {
    fn compute<T: Real>(
        &self,
        x: &[T],
        (channels, length): (usize, usize),
        multipliers: &[T],
    ) -> Vec<T> {
        let Largest { windows, groups } = &self.0;
        let mut out = vec![T::zero(); x.len()];
        out.par_chunks_mut(length)
            .with_min_len(GRAIN)
            .zip(multipliers.par_chunks(windows.len()))
            .enumerate()
            .for_each(|(index, (out, multipliers))| {
                let (row, channel) = (index / channels, index % channels);
                let at = |row: usize| {
                    let start = (row * channels + channel) * length;
                    &x[start..start + length]
                };
                let (own, other) = (at(groups.example(row)), at(row));
                clear(out);
                for (window, &multiplier) in windows.iter().zip(multipliers) {
                    let inside = window.start..window.end;
                    let pair = (&own[inside.clone()], &other[inside.clone()]);
                    hand_back(pair, multiplier, &mut out[inside]);
                }
            });
        out
    }
}

/// Adds what comes back from the maximum of a window to the multipliers of its positions.
fn hand_back<T: Real>((own, other): (&[T], &[T]), multiplier: T, out: &mut [T]) {
    let (mine, theirs) = (place_of_largest(own), place_of_largest(other));
    let (a, b) = (own[mine], other[theirs]);
    let place = if a >= b { mine } else { theirs };
    let apart = own[place] - other[place];
    if apart != T::zero() {
        out[place] += multiplier * (a - b) / apart;
    }
    // Where nothing sets the two apart, the multiplier is the slope at the example.
    if own[mine] == other[mine] {
        out[mine] += multiplier;
    }
}

impl CustomOp2 for Back {
    fn name(&self) -> &'static str {
        "contrasted pool, multipliers"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        multipliers: &CpuStorage,
        layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, channels, length) = x_layout.shape().dims3()?;
        let out = by_precision!(dtype(x), T => {
            let multipliers = numbers::<T>(multipliers, layout)?;
            let out = self.compute::<T>(numbers(x, x_layout)?, (channels, length), multipliers);
            T::to_cpu_storage_owned(out)
        });
        Ok((out, x_layout.shape().clone()))
    }
}
