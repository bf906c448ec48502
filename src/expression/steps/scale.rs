//! The same spread for every gene.

use super::super::{Cells, Values};
use super::check::finite;
use super::entries::moments;
use crate::{Error, Result};
use polars::prelude::Column;
use rayon::prelude::*;

/// Moves the mean of every gene to 0 and divides by its standard deviation (over `n - 1`); a constant gene becomes 0.
///
/// The result is dense. Adds `mean` and `std` to `var`. Keep the values of before with [`Cells::with_raw`]: fold changes cannot be
/// computed of scaled values. Checked against `scanpy.pp.scale` (1.11.5).
///
/// # Errors
///
/// Fails when a value is not finite, and for fewer than 2 cells.
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let cells = Cells::new(array![[1.0_f32], [2.0], [3.0]], ["a", "b", "c"], ["CD3D"])?;
/// assert_eq!(expression::scale(&cells)?.gene("CD3D")?.to_vec(), [-1.0, 0.0, 1.0]);
/// # Ok(()) }
/// ```
pub fn scale(cells: &Cells) -> Result<Cells> {
    Scale::new().run(cells)
}

/// Scales genes, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    zero_center: bool,
    max_value: Option<f64>,
}

impl Default for Scale {
    fn default() -> Self {
        Self {
            zero_center: true,
            max_value: None,
        }
    }
}

impl Scale {
    /// Asks for centred genes that are not clipped.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether the means become 0; if not, sparse values stay sparse.
    pub fn zero_center(mut self, zero_center: bool) -> Self {
        self.zero_center = zero_center;
        self
    }

    /// Sets where scaled values are clipped, such as 10: on both sides, or only above where genes are not centred.
    pub fn max_value(mut self, value: f64) -> Self {
        self.max_value = Some(value);
        self
    }

    /// Scales the genes.
    ///
    /// # Errors
    ///
    /// As [`scale()`], and when the greatest value is not above 0.
    pub fn run(&self, cells: &Cells) -> Result<Cells> {
        if let Some(most) = self.max_value
            && (most.is_nan() || most <= 0.0)
        {
            return Err(Error::value("max_value", "a number above 0", most));
        }
        if cells.len() < 2 {
            return Err(Error::value("cells", "at least 2", cells.len()));
        }
        finite(cells)?;
        let (means, variances) = moments(cells.values(), f64::from);
        let spread: Vec<f64> = variances.iter().map(|variance| variance.sqrt()).collect();
        let divisor = |gene: usize| {
            if spread[gene] == 0.0 {
                1.0
            } else {
                spread[gene]
            }
        };
        let most = self.max_value.unwrap_or(f64::INFINITY);
        let scaled = |gene: usize, value: f32| {
            if self.zero_center {
                ((f64::from(value) - means[gene]) / divisor(gene)).clamp(-most, most) as f32
            } else {
                (f64::from(value) / divisor(gene)).min(most) as f32
            }
        };
        let values = match cells.values() {
            Values::Sparse(values) if !self.zero_center => {
                Values::Sparse(values.map_entries(|_, gene, value| scaled(gene, value)))
            }
            values => {
                let mut values = values.dense().into_owned();
                let genes = values.ncols().max(1);
                let rows = values.as_slice_mut().unwrap_or_default();
                rows.par_chunks_mut(genes).for_each(|row| {
                    for (gene, value) in row.iter_mut().enumerate() {
                        *value = scaled(gene, *value);
                    }
                });
                Values::from(values)
            }
        };
        let var = cells.var().with(Column::new("mean".into(), means))?;
        let var = var.with(Column::new("std".into(), spread))?;
        Ok(cells.with_values(values)?.changed(|data| data.var = var))
    }
}

impl Cells {
    /// Moves the mean of every gene to 0 and divides by its standard deviation: [`expression::scale`](scale()).
    ///
    /// # Errors
    ///
    /// As [`expression::scale`](scale()).
    pub fn scale(&self) -> Result<Self> {
        scale(self)
    }
}
