//! Maxima and means of windows of a sequence.

use super::largest::{largest, place_of_largest};
use super::real::{Real, by_precision, dtype, numbers};
use super::sums::clear;
use crate::network::{Pooling, is_ours};
use candle_core::{
    CpuStorage, CustomOp1, CustomOp2, D, Layout, Result, Shape, Tensor, WithDType, bail,
};
use rayon::prelude::*;
use std::sync::Arc;

/// Rows that one thread handles at a time.
const GRAIN: usize = 16;

/// The positions of a sequence that a window covers; never none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// What a sum is divided by for the mean.
    pub(crate) divisor: usize,
}

/// Reduces `(n, channels, length)` to `(n, channels, windows)`.
///
/// The gradient of a maximum goes to the first position that has it; NaN counts as larger than any number.
pub(crate) fn pool(x: &Tensor, pooling: Pooling, windows: Vec<Window>) -> Result<Tensor> {
    let length = x.dim(D::Minus1)?;
    if let Some(window) = windows
        .iter()
        .find(|window| window.start >= window.end || window.end > length)
    {
        bail!("{window:?} does not stand inside a sequence of {length}");
    }
    let windows = Arc::new(windows);
    if is_ours(x.device()) {
        return x.contiguous()?.apply_op1(Pool { pooling, windows });
    }
    gathered_pool(x, pooling, &windows)
}

/// The same, from candle's operations.
fn gathered_pool(x: &Tensor, pooling: Pooling, windows: &[Window]) -> Result<Tensor> {
    let widest = windows.iter().map(|window| window.end - window.start).max();
    let widest = widest.unwrap_or(1);
    // A window that is narrower sees its last position again, which no maximum and no first place of one notices.
    let positions = windows.iter().flat_map(|window| {
        (0..widest).map(move |offset| (window.start + offset).min(window.end - 1) as u32)
    });
    let (n, channels, _) = x.dims3()?;
    let tiles = windows.iter().enumerate();
    let mut tiles =
        tiles.map(|(i, window)| (window.start, window.end) == (i * widest, (i + 1) * widest));
    let spread = if tiles.all(|is_tile| is_tile) {
        // Side by side, as most are: nothing has to be gathered, nor scattered on the way back.
        x.narrow(2, 0, windows.len() * widest)?.contiguous()?
    } else {
        let positions = Tensor::from_iter(positions, x.device())?;
        x.contiguous()?.index_select(&positions, 2)?
    };
    let spread = spread.reshape((n, channels, windows.len(), widest))?;
    match pooling {
        Pooling::Max => largest(&spread),
        Pooling::Average => {
            let shares = windows.iter().flat_map(|window| {
                (0..widest).map(move |offset| {
                    let inside = window.start + offset < window.end;
                    f64::from(u8::from(inside)) / window.divisor as f64
                })
            });
            let shares = Tensor::from_iter(shares, x.device())?.to_dtype(x.dtype())?;
            let shares = shares.reshape((1, 1, windows.len(), widest))?;
            spread.broadcast_mul(&shares)?.sum(D::Minus1)
        }
    }
}

#[derive(Clone)]
pub(crate) struct Pool {
    pub(crate) pooling: Pooling,
    pub(crate) windows: Arc<Vec<Window>>,
}

impl Pool {
    fn forward<T: Real>(&self, x: &[T], length: usize) -> Vec<T> {
        let rows = x.len() / length;
        let mut out = vec![T::zero(); rows * self.windows.len()];
        out.par_chunks_mut(GRAIN * self.windows.len())
            .zip(x.par_chunks(GRAIN * length))
            .for_each(|(out, x)| {
                for (out, x) in out.chunks_mut(self.windows.len()).zip(x.chunks(length)) {
                    for (out, window) in out.iter_mut().zip(self.windows.iter()) {
                        let x = &x[window.start..window.end];
                        *out = match self.pooling {
                            Pooling::Max => x[place_of_largest(x)],
                            Pooling::Average => {
                                let sum = x.iter().fold(T::zero(), |sum, &x| sum + x);
                                sum / T::from_f64(window.divisor as f64)
                            }
                        };
                    }
                }
            });
        out
    }

    fn backward<T: Real>(&self, x: &[T], length: usize, gradient: &[T]) -> Vec<T> {
        let mut out = vec![T::zero(); x.len()];
        out.par_chunks_mut(GRAIN * length)
            .zip(x.par_chunks(GRAIN * length))
            .zip(gradient.par_chunks(GRAIN * self.windows.len()))
            .for_each(|((out, x), gradient)| {
                for ((out, x), gradient) in out
                    .chunks_mut(length)
                    .zip(x.chunks(length))
                    .zip(gradient.chunks(self.windows.len()))
                {
                    clear(out);
                    for (&gradient, window) in gradient.iter().zip(self.windows.iter()) {
                        let Window {
                            start,
                            end,
                            divisor,
                        } = *window;
                        match self.pooling {
                            Pooling::Max => {
                                out[start + place_of_largest(&x[start..end])] += gradient;
                            }
                            Pooling::Average => {
                                let share = gradient / T::from_f64(divisor as f64);
                                out[start..end].iter_mut().for_each(|out| *out += share);
                            }
                        }
                    }
                }
            });
        out
    }
}

impl CustomOp1 for Pool {
    fn name(&self) -> &'static str {
        "pool"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, channels, length) = layout.shape().dims3()?;
        let shape = Shape::from((n, channels, self.windows.len()));
        let out = by_precision!(dtype(x), T => {
            let out = self.forward::<T>(numbers(x, layout)?, length);
            T::to_cpu_storage_owned(out)
        });
        Ok((out, shape))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let gradient = gradient.contiguous()?;
        let back = Back(self.clone());
        Ok(Some(x.apply_op2_no_bwd(&gradient, &back)?))
    }
}

struct Back(Pool);

impl CustomOp2 for Back {
    fn name(&self) -> &'static str {
        "pool gradient"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, _, length) = x_layout.shape().dims3()?;
        let out = by_precision!(dtype(x), T => {
            let x = numbers::<T>(x, x_layout)?;
            let gradient = numbers(gradient, gradient_layout)?;
            T::to_cpu_storage_owned(self.0.backward(x, length, gradient))
        });
        Ok((out, x_layout.shape().clone()))
    }
}
