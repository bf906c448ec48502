//! How good each cell and each gene was measured.

use super::super::Cells;
use super::entries::{cell, sums};
use super::not_negative;
use crate::{Error, Result};
use polars::prelude::Column;
use rayon::prelude::*;

/// Computes how many genes and counts each cell has, how many cells and counts each gene.
///
/// Adds to `obs`: `n_genes_by_counts`, `total_counts`, `pct_counts_in_top_50_genes` (and 100, 200, 500, where there are as many genes);
/// to `var`: `n_cells_by_counts`, `mean_counts`, `pct_dropout_by_counts`, `total_counts`; and of counts the natural logarithm of one plus
/// the number, as `log1p_…`. A percentage of a cell without counts is NaN. [`Quality`] can also follow sets of genes, such as those of
/// mitochondria.
///
/// Checked against `scanpy.pp.calculate_qc_metrics` (1.11.5).
///
/// # Errors
///
/// Fails when a value is negative or not finite.
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let cells = Cells::new(array![[0.0_f32, 2.0], [3.0, 1.0]], ["a", "b"], ["MT-CO1", "CD3D"])?;
/// let cells = expression::quality(&cells)?;
/// assert_eq!(cells.obs().numbers("total_counts")?, [2.0, 4.0]);
/// assert_eq!(cells.var().numbers("pct_dropout_by_counts")?, [50.0, 0.0]);
/// # Ok(()) }
/// ```
pub fn quality(cells: &Cells) -> Result<Cells> {
    Quality::new().run(cells)
}

/// Computes the quality of cells and genes, with options.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quality {
    /// `None` for the usual ones.
    top: Option<Vec<usize>>,
    sets: Vec<String>,
}

impl Quality {
    /// Asks for the metrics of [`quality()`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets of how many of the most expressed genes of a cell the share in its counts is given; none to leave it out.
    pub fn top(mut self, numbers: &[usize]) -> Self {
        self.top = Some(numbers.to_vec());
        self
    }

    /// Follows a set of genes, a column of truth values in `var` such as `mito`: adds `total_counts_mito`, `log1p_total_counts_mito` and
    /// `pct_counts_mito`.
    pub fn genes(mut self, column: &str) -> Self {
        self.sets.push(column.to_owned());
        self
    }

    /// Computes the metrics.
    ///
    /// # Errors
    ///
    /// As [`quality()`], when `var` has no column of truth values of a name given, and when there are fewer genes than a number of top
    /// genes that was set.
    pub fn run(&self, cells: &Cells) -> Result<Cells> {
        not_negative(cells)?;
        let (n, genes) = cells.shape();
        let mut top = match &self.top {
            Some(top) => top.clone(),
            None => [50, 100, 200, 500]
                .into_iter()
                .filter(|top| *top <= genes)
                .collect(),
        };
        top.sort_unstable();
        top.dedup();
        if let Some(wrong) = top.iter().find(|top| !(1..=genes).contains(*top)) {
            return Err(Error::value(
                "top",
                format!("numbers from 1 to the {genes} genes"),
                wrong,
            ));
        }
        let masks = self.sets.iter().map(|set| cells.var().mask(set));
        let masks: Vec<Vec<bool>> = masks.collect::<Result<_>>()?;
        let one = |place| Metrics::new(&cell(cells.values(), place), &top, &masks);
        let found: Vec<Metrics> = (0..n).into_par_iter().map(one).collect();

        let mut obs = cells.obs().clone();
        obs = obs.with(column(
            "n_genes_by_counts",
            found.iter().map(|cell| cell.genes),
        ))?;
        let logs = found.iter().map(|cell| f64::from(cell.genes).ln_1p());
        obs = obs.with(numbers("log1p_n_genes_by_counts", logs))?;
        obs = obs.with(numbers("total_counts", found.iter().map(|cell| cell.total)))?;
        let logs = found.iter().map(|cell| cell.total.ln_1p());
        obs = obs.with(numbers("log1p_total_counts", logs))?;
        for (place, top) in top.iter().enumerate() {
            let name = format!("pct_counts_in_top_{top}_genes");
            let shares = found
                .iter()
                .map(|cell| cell.top[place] / cell.total * 100.0);
            obs = obs.with(numbers(&name, shares))?;
        }
        for (place, set) in self.sets.iter().enumerate() {
            let totals = found.iter().map(|cell| cell.sets[place]);
            obs = obs.with(numbers(&format!("total_counts_{set}"), totals.clone()))?;
            let logs = totals.map(f64::ln_1p);
            obs = obs.with(numbers(&format!("log1p_total_counts_{set}"), logs))?;
            let shares = found
                .iter()
                .map(|cell| cell.sets[place] / cell.total * 100.0);
            obs = obs.with(numbers(&format!("pct_counts_{set}"), shares))?;
        }

        let (expressed, totals) = sums(cells.values(), |_, value| {
            [f64::from(u8::from(value > 0.0)), f64::from(value)]
        });
        let mut var = cells.var().clone();
        var = var.with(column(
            "n_cells_by_counts",
            expressed.iter().map(|cells| *cells as u32),
        ))?;
        let means = totals.iter().map(|total| total / n as f64);
        var = var.with(numbers("mean_counts", means.clone()))?;
        var = var.with(numbers("log1p_mean_counts", means.map(f64::ln_1p)))?;
        let dropout = expressed
            .iter()
            .map(|cells| (1.0 - cells / n as f64) * 100.0);
        var = var.with(numbers("pct_dropout_by_counts", dropout))?;
        let totals = totals.iter().copied();
        var = var.with(numbers("total_counts", totals.clone()))?;
        var = var.with(numbers("log1p_total_counts", totals.map(f64::ln_1p)))?;
        Ok(cells.changed(|data| {
            data.obs = obs;
            data.var = var;
        }))
    }
}

/// What is counted of one cell.
struct Metrics {
    genes: u32,
    total: f64,
    top: Vec<f64>,
    sets: Vec<f64>,
}

impl Metrics {
    /// `top` rises.
    fn new(entries: &super::entries::Entries<'_>, top: &[usize], masks: &[Vec<bool>]) -> Self {
        let (genes, values) = entries;
        let mut falling: Vec<f32> = values
            .iter()
            .copied()
            .filter(|value| *value > 0.0)
            .collect();
        let expressed = falling.len() as u32;
        let most = top.last().copied().unwrap_or(0);
        if most > 0 && most < falling.len() {
            falling.select_nth_unstable_by(most - 1, |a, b| b.total_cmp(a));
            falling.truncate(most);
        }
        falling.sort_unstable_by(|a, b| b.total_cmp(a));
        let sum = |values: &[f32]| values.iter().map(|value| f64::from(*value)).sum::<f64>();
        let of_set = |mask: &Vec<bool>| {
            let entries = genes.iter().zip(values.iter());
            let entries = entries.filter(|(gene, _)| mask[**gene as usize]);
            entries.map(|(_, value)| f64::from(*value)).sum()
        };
        Self {
            genes: expressed,
            total: sum(values),
            top: top
                .iter()
                .map(|top| sum(&falling[..falling.len().min(*top)]))
                .collect(),
            sets: masks.iter().map(of_set).collect(),
        }
    }
}

fn column(name: &str, values: impl Iterator<Item = u32>) -> Column {
    Column::new(name.into(), values.collect::<Vec<u32>>())
}

fn numbers(name: &str, values: impl Iterator<Item = f64>) -> Column {
    Column::new(name.into(), values.collect::<Vec<f64>>())
}
