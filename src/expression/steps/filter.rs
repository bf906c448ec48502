//! Leaving out cells and genes of which too little (or too much) was measured.

use super::super::Cells;
use super::entries::{Entries, cell, sums};
use super::not_negative;
use crate::{Error, Result};
use polars::prelude::Column;
use rayon::prelude::*;

/// Keeps the cells in which at least `min_genes` genes are expressed.
///
/// Checked against `scanpy.pp.filter_cells` (1.11.5).
///
/// # Errors
///
/// Fails when a value is negative or not finite, and when no cell is left.
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let cells = Cells::new(array![[0.0_f32, 2.0], [3.0, 1.0]], ["a", "b"], ["CD3D", "MS4A1"])?;
/// assert_eq!(expression::filter_cells(&cells, 2)?.cells(), ["b"]);
/// assert_eq!(expression::filter_genes(&cells, 2)?.genes(), ["MS4A1"]);
/// # Ok(()) }
/// ```
pub fn filter_cells(cells: &Cells, min_genes: usize) -> Result<Cells> {
    FilterCells::new().min_genes(min_genes).run(cells)
}

/// Keeps the genes that at least `min_cells` cells express; see [`filter_cells`].
///
/// Checked against `scanpy.pp.filter_genes` (1.11.5).
///
/// # Errors
///
/// Fails when a value is negative or not finite, and when no gene is left.
pub fn filter_genes(cells: &Cells, min_cells: usize) -> Result<Cells> {
    FilterGenes::new().min_cells(min_cells).run(cells)
}

/// The least and the most that is kept of a number and of a sum.
#[derive(Clone, Debug, Default, PartialEq)]
struct Limits {
    number: (Option<usize>, Option<usize>),
    counts: (Option<f64>, Option<f64>),
}

impl Limits {
    fn keeps(&self, (number, counts): (u32, f64)) -> bool {
        let number = number as usize;
        self.number.0.is_none_or(|least| number >= least)
            && self.number.1.is_none_or(|most| number <= most)
            && self.counts.0.is_none_or(|least| counts >= least)
            && self.counts.1.is_none_or(|most| counts <= most)
    }

    /// Returns the places that are kept; `what` is `cells` or `genes`.
    fn places(&self, what: &str, found: &[(u32, f64)]) -> Result<Vec<usize>> {
        let limits = [self.counts.0, self.counts.1];
        if let Some(wrong) = limits.iter().flatten().find(|limit| limit.is_nan()) {
            return Err(Error::value("counts", "a number", wrong));
        }
        let kept = (0..found.len()).filter(|place| self.keeps(found[*place]));
        let kept: Vec<usize> = kept.collect();
        if kept.is_empty() {
            let expected = format!("such that some of the {} {what} are kept", found.len());
            return Err(Error::value("limits", expected, self));
        }
        Ok(kept)
    }
}

impl std::fmt::Display for Limits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let number = |number: Option<usize>| number.map(|number| number.to_string());
        let counts = |counts: Option<f64>| counts.map(|counts| counts.to_string());
        let limits = [
            ("at least", number(self.number.0), "expressed"),
            ("at most", number(self.number.1), "expressed"),
            ("at least", counts(self.counts.0), "counts"),
            ("at most", counts(self.counts.1), "counts"),
        ];
        let limits = limits.into_iter();
        let limits =
            limits.filter_map(|(least, limit, what)| Some(format!("{least} {} {what}", limit?)));
        f.write_str(&limits.collect::<Vec<_>>().join(", "))
    }
}

fn number_and_sum((_, values): &Entries<'_>) -> (u32, f64) {
    let expressed = values.iter().filter(|value| **value > 0.0).count();
    (
        expressed as u32,
        values.iter().map(|value| f64::from(*value)).sum(),
    )
}

fn columns(found: &[(u32, f64)], (number, counts): (&str, &str)) -> [Column; 2] {
    let numbers: Vec<u32> = found.iter().map(|found| found.0).collect();
    let sums: Vec<f64> = found.iter().map(|found| found.1).collect();
    [
        Column::new(number.into(), numbers),
        Column::new(counts.into(), sums),
    ]
}

/// Keeps cells with enough, and not too many, genes and counts; all limits that are set hold together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FilterCells {
    limits: Limits,
}

impl FilterCells {
    /// Keeps every cell, until limits are set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the least number of genes with a count.
    pub fn min_genes(mut self, genes: usize) -> Self {
        self.limits.number.0 = Some(genes);
        self
    }

    /// Sets the greatest number of genes with a count.
    pub fn max_genes(mut self, genes: usize) -> Self {
        self.limits.number.1 = Some(genes);
        self
    }

    /// Sets the least sum of counts.
    pub fn min_counts(mut self, counts: f64) -> Self {
        self.limits.counts.0 = Some(counts);
        self
    }

    /// Sets the greatest sum of counts.
    pub fn max_counts(mut self, counts: f64) -> Self {
        self.limits.counts.1 = Some(counts);
        self
    }

    /// Keeps the cells within the limits, and notes `n_genes` and `n_counts` in `obs`.
    ///
    /// # Errors
    ///
    /// As [`filter_cells`].
    pub fn run(&self, cells: &Cells) -> Result<Cells> {
        not_negative(cells)?;
        let places = (0..cells.len()).into_par_iter();
        let found = places.map(|place| number_and_sum(&cell(cells.values(), place)));
        let found: Vec<(u32, f64)> = found.collect();
        let kept = self.limits.places("cells", &found)?;
        let [number, counts] = columns(&found, ("n_genes", "n_counts"));
        cells
            .with_obs(number)?
            .with_obs(counts)?
            .select_cells(&kept)
    }
}

/// Keeps genes that enough, and not too many, cells express; all limits that are set hold together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FilterGenes {
    limits: Limits,
}

impl FilterGenes {
    /// Keeps every gene, until limits are set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the least number of cells with a count.
    pub fn min_cells(mut self, cells: usize) -> Self {
        self.limits.number.0 = Some(cells);
        self
    }

    /// Sets the greatest number of cells with a count.
    pub fn max_cells(mut self, cells: usize) -> Self {
        self.limits.number.1 = Some(cells);
        self
    }

    /// Sets the least sum of counts.
    pub fn min_counts(mut self, counts: f64) -> Self {
        self.limits.counts.0 = Some(counts);
        self
    }

    /// Sets the greatest sum of counts.
    pub fn max_counts(mut self, counts: f64) -> Self {
        self.limits.counts.1 = Some(counts);
        self
    }

    /// Keeps the genes within the limits, and notes `n_cells` and `n_counts` in `var`.
    ///
    /// # Errors
    ///
    /// As [`filter_genes`].
    pub fn run(&self, cells: &Cells) -> Result<Cells> {
        not_negative(cells)?;
        let (numbers, sums) = sums(cells.values(), |_, value| {
            [f64::from(u8::from(value > 0.0)), f64::from(value)]
        });
        let found = numbers.into_iter().map(|number| number as u32).zip(sums);
        let found: Vec<(u32, f64)> = found.collect();
        let kept = self.limits.places("genes", &found)?;
        let [number, counts] = columns(&found, ("n_cells", "n_counts"));
        cells
            .with_var(number)?
            .with_var(counts)?
            .select_genes(&kept)
    }
}
