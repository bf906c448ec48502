//! Maxima and means of windows of an image.

use super::largest::largest;
use super::pooling::Window;
use super::real::{Real, by_precision, dtype, numbers};
use super::sums::clear;
use crate::network::{Pooling, is_ours};
use candle_core::{
    CpuStorage, CustomOp1, CustomOp2, D, Layout, Result, Shape, Tensor, WithDType, bail,
};
use rayon::prelude::*;
use std::sync::Arc;

/// Channels that one thread handles at a time.
const GRAIN: usize = 16;

/// Windows of an image: each of the rows with each of the columns.
#[derive(Clone, Debug)]
pub(crate) struct ImageWindows {
    pub(crate) rows: Arc<Vec<Window>>,
    pub(crate) columns: Arc<Vec<Window>>,
}

impl ImageWindows {
    /// Checks that windows stand inside an image.
    pub(crate) fn new(
        (rows, columns): (Vec<Window>, Vec<Window>),
        (height, width): (usize, usize),
    ) -> Result<Self> {
        for (windows, length) in [(&rows, height), (&columns, width)] {
            let is_outside = |window: &&Window| window.start >= window.end || window.end > length;
            if let Some(window) = windows.iter().find(is_outside) {
                bail!("{window:?} does not stand inside an image of {height} x {width}");
            }
        }
        Ok(Self {
            rows: Arc::new(rows),
            columns: Arc::new(columns),
        })
    }

    /// Counts them.
    fn len(&self) -> usize {
        self.rows.len() * self.columns.len()
    }

    fn iter(&self) -> impl Iterator<Item = (Window, Window)> {
        let rows = self.rows.iter();
        rows.flat_map(|&row| self.columns.iter().map(move |&column| (row, column)))
    }

    /// Lays the pixels of all windows side by side, `(n, channels, height, width)` to `(n, channels, windows * size)`, and returns the
    /// size that all have then.
    ///
    /// A window that is smaller has its last row or column again, which no maximum and no first place of one notices.
    pub(crate) fn spread(&self, x: &Tensor) -> Result<(Tensor, usize)> {
        let width = x.dim(D::Minus1)?;
        let widest = |windows: &[Window]| {
            let sizes = windows.iter().map(|window| window.end - window.start);
            sizes.max().unwrap_or(1)
        };
        let (tall, wide) = (widest(&self.rows), widest(&self.columns));
        let places = self.iter().flat_map(|(row, column)| {
            (0..tall).flat_map(move |t| {
                let line = (row.start + t).min(row.end - 1) * width;
                (0..wide).map(move |u| (line + (column.start + u).min(column.end - 1)) as u32)
            })
        });
        let places = Tensor::from_iter(places, x.device())?;
        let flat = x.flatten_from(2)?.contiguous()?;
        Ok((flat.index_select(&places, 2)?, tall * wide))
    }

    /// Reduces what was laid out.
    fn reduce(&self, spread: &Tensor, size: usize, pooling: Pooling) -> Result<Tensor> {
        let (n, channels, _) = spread.dims3()?;
        let spread = spread.reshape((n, channels, self.len(), size))?;
        let out = match pooling {
            Pooling::Max => largest(&spread)?,
            Pooling::Average => {
                let wide = self.columns.iter().map(|window| window.end - window.start);
                let wide = wide.max().unwrap_or(1);
                let shares = self.iter().flat_map(|(row, column)| {
                    let share = 1.0 / (row.divisor * column.divisor) as f64;
                    (0..size).map(move |place| {
                        let inside = row.start + place / wide < row.end
                            && column.start + place % wide < column.end;
                        if inside { share } else { 0.0 }
                    })
                });
                let shares = Tensor::from_iter(shares, spread.device())?;
                let shares = shares.to_dtype(spread.dtype())?;
                let shares = shares.reshape((1, 1, self.len(), size))?;
                spread.broadcast_mul(&shares)?.sum(D::Minus1)?
            }
        };
        self.laid_out(&out)
    }

    /// Gives `(n, channels, windows)` the shape `(n, channels, rows, columns)`.
    pub(crate) fn laid_out(&self, x: &Tensor) -> Result<Tensor> {
        let (n, channels, _) = x.dims3()?;
        x.reshape((n, channels, self.rows.len(), self.columns.len()))
    }
}

/// Reduces `(n, channels, height, width)` to `(n, channels, rows, columns)`.
///
/// The gradient of a maximum goes to the first pixel that has it, row by row; NaN counts as larger than any number.
pub(crate) fn image_pool(x: &Tensor, pooling: Pooling, windows: ImageWindows) -> Result<Tensor> {
    if is_ours(x.device()) {
        return x.contiguous()?.apply_op1(ImagePool { pooling, windows });
    }
    let (spread, size) = windows.spread(x)?;
    windows.reduce(&spread, size, pooling)
}

#[derive(Clone)]
struct ImagePool {
    pooling: Pooling,
    windows: ImageWindows,
}

/// Returns the place of the largest pixel of a window, the first of equal ones, or of the first that is not a number.
fn place_of_largest<T: Real>(x: &[T], width: usize, (row, column): (Window, Window)) -> usize {
    let mut best = row.start * width + column.start;
    for line in row.start..row.end {
        let start = line * width;
        for place in start + column.start..start + column.end {
            if x[place] > x[best] || (x[place].is_nan() && !x[best].is_nan()) {
                best = place;
            }
        }
    }
    best
}

impl ImagePool {
    fn forward<T: Real>(&self, x: &[T], (height, width): (usize, usize)) -> Vec<T> {
        let (size, count) = (height * width, self.windows.len());
        let mut out = vec![T::zero(); x.len() / size * count];
        out.par_chunks_mut(count)
            .with_min_len(GRAIN)
            .zip(x.par_chunks(size))
            .for_each(|(out, x)| {
                for (out, (row, column)) in out.iter_mut().zip(self.windows.iter()) {
                    *out = match self.pooling {
                        Pooling::Max => x[place_of_largest(x, width, (row, column))],
                        Pooling::Average => {
                            let lines = x[row.start * width..row.end * width].chunks(width);
                            let pixels = lines.flat_map(|line| &line[column.start..column.end]);
                            let sum = pixels.fold(T::zero(), |sum, &x| sum + x);
                            sum / T::from_f64((row.divisor * column.divisor) as f64)
                        }
                    };
                }
            });
        out
    }

    fn backward<T: Real>(
        &self,
        x: &[T],
        (height, width): (usize, usize),
        gradient: &[T],
    ) -> Vec<T> {
        let (size, count) = (height * width, self.windows.len());
        let mut out = vec![T::zero(); x.len()];
        out.par_chunks_mut(size)
            .with_min_len(GRAIN)
            .zip(x.par_chunks(size))
            .zip(gradient.par_chunks(count))
            .for_each(|((out, x), gradient)| {
                clear(out);
                for (&gradient, (row, column)) in gradient.iter().zip(self.windows.iter()) {
                    match self.pooling {
                        Pooling::Max => {
                            out[place_of_largest(x, width, (row, column))] += gradient;
                        }
                        Pooling::Average => {
                            let divisor = (row.divisor * column.divisor) as f64;
                            let share = gradient / T::from_f64(divisor);
                            for line in out[row.start * width..row.end * width].chunks_mut(width) {
                                let pixels = line[column.start..column.end].iter_mut();
                                pixels.for_each(|out| *out += share);
                            }
                        }
                    }
                }
            });
        out
    }
}

impl CustomOp1 for ImagePool {
    fn name(&self) -> &'static str {
        "image pool"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (n, channels, height, width) = layout.shape().dims4()?;
        let (rows, columns) = (self.windows.rows.len(), self.windows.columns.len());
        let out = by_precision!(dtype(x), T => {
            let out = self.forward::<T>(numbers(x, layout)?, (height, width));
            T::to_cpu_storage_owned(out)
        });
        Ok((out, Shape::from((n, channels, rows, columns))))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let gradient = gradient.contiguous()?;
        let back = Back(self.clone());
        Ok(Some(x.apply_op2_no_bwd(&gradient, &back)?))
    }
}

struct Back(ImagePool);

impl CustomOp2 for Back {
    fn name(&self) -> &'static str {
        "image pool gradient"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, _, height, width) = x_layout.shape().dims4()?;
        let out = by_precision!(dtype(x), T => {
            let x = numbers::<T>(x, x_layout)?;
            let gradient = numbers(gradient, gradient_layout)?;
            T::to_cpu_storage_owned(self.0.backward(x, (height, width), gradient))
        });
        Ok((out, x_layout.shape().clone()))
    }
}
