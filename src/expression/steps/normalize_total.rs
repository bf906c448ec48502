//! The same depth for every cell.

use super::super::{Cells, Values};
use super::entries::{Entries, cell};
use super::not_negative;
use crate::distribution::order::median;
use crate::{Error, Result};
use ndarray::Axis;
use rayon::prelude::*;

/// Divides the counts of every cell so that all cells have the same total: the median of the totals above 0.
///
/// A cell without counts stays as it is.
///
/// Checked against `scanpy.pp.normalize_total` (1.11.5), which counts cells without counts in the median where the matrix is sparse.
///
/// # Errors
///
/// Fails when a value is negative or not finite, when the logarithm was taken already, and when no cell has a count.
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let cells = Cells::new(array![[1.0_f32, 1.0], [3.0, 1.0]], ["a", "b"], ["CD3D", "MS4A1"])?;
/// let cells = expression::normalize_total(&cells)?;
/// assert_eq!(cells.gene("CD3D")?.to_vec(), [1.5, 2.25]);
/// # Ok(()) }
/// ```
pub fn normalize_total(cells: &Cells) -> Result<Cells> {
    NormalizeTotal::new().run(cells)
}

/// Gives every cell the same total, with options.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NormalizeTotal {
    target: Option<f64>,
    most: Option<f64>,
}

impl NormalizeTotal {
    /// Asks for the median total, with all genes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the total that every cell shall have, such as 10,000.
    pub fn target(mut self, total: f64) -> Self {
        self.target = Some(total);
        self
    }

    /// Leaves genes that make up more than this share of any cell, such as 0.05, out of the totals.
    pub fn exclude_above(mut self, share: f64) -> Self {
        self.most = Some(share);
        self
    }

    /// Normalises the values.
    ///
    /// # Errors
    ///
    /// As [`normalize_total()`], when the target is not above 0, when the share is not between 0 and 1.
    pub fn run(&self, cells: &Cells) -> Result<Cells> {
        if let Some(target) = self.target
            && !(target > 0.0 && target.is_finite())
        {
            return Err(Error::value("target", "a number above 0", target));
        }
        if let Some(most) = self.most
            && !(0.0..=1.0).contains(&most)
        {
            return Err(Error::value("exclude_above", "a share from 0 to 1", most));
        }
        if cells.log_base().is_some() {
            let expected = "values of which no logarithm was taken";
            return Err(Error::value("cells", expected, "log1p already"));
        }
        not_negative(cells)?;
        let values = cells.values();
        let totals = match self.most {
            None => totals(values, |_| true),
            Some(most) => {
                let kept = not_above(values, most);
                totals(values, |gene| kept[gene as usize])
            }
        };
        let target = match self.target {
            Some(target) => target,
            None => median_above_zero(&totals)?,
        };
        let factor = |total: &f64| if *total > 0.0 { target / total } else { 1.0 };
        let factors: Vec<f64> = totals.iter().map(factor).collect();
        let values = match values {
            // In double precision: values that should be equal stay equal, which matters to ranks.
            Values::Sparse(values) => Values::Sparse(
                values.map_entries(|cell, _, value| (f64::from(value) * factors[cell]) as f32),
            ),
            Values::Dense(values) => {
                let mut values = (**values).clone();
                for (mut row, factor) in values.axis_iter_mut(Axis(0)).zip(&factors) {
                    row.mapv_inplace(|value| (f64::from(value) * factor) as f32);
                }
                Values::from(values)
            }
        };
        Ok(cells.changed(|data| data.values = values))
    }
}

fn totals(values: &Values, counts: impl Fn(u32) -> bool + Sync) -> Vec<f64> {
    let total = |(genes, values): Entries<'_>| {
        let entries = genes.iter().zip(values.iter());
        let entries = entries.filter(|(gene, _)| counts(**gene));
        entries.map(|(_, value)| f64::from(*value)).sum()
    };
    let cells = (0..values.shape().0).into_par_iter();
    cells.map(|place| total(cell(values, place))).collect()
}

/// Tells of every gene whether it makes up at most this share of every cell.
fn not_above(values: &Values, most: f64) -> Vec<bool> {
    let mut kept = vec![true; values.shape().1];
    for (place, total) in totals(values, |_| true).into_iter().enumerate() {
        let (genes, values) = cell(values, place);
        for (gene, value) in genes.iter().zip(values.iter()) {
            if f64::from(*value) > most * total {
                kept[*gene as usize] = false;
            }
        }
    }
    kept
}

fn median_above_zero(totals: &[f64]) -> Result<f64> {
    let totals: Vec<f64> = totals
        .iter()
        .copied()
        .filter(|total| *total > 0.0)
        .collect();
    if totals.is_empty() {
        return Err(Error::value(
            "cells",
            "at least one cell with counts",
            "only zeros",
        ));
    }
    Ok(median(totals))
}

impl Cells {
    /// Gives every cell the same total: [`expression::normalize_total`](normalize_total()).
    ///
    /// # Errors
    ///
    /// As [`expression::normalize_total`](normalize_total()).
    pub fn normalize_total(&self) -> Result<Self> {
        normalize_total(self)
    }
}
