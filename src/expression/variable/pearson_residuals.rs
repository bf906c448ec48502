//! Residuals of counts from a model in which cells differ only in depth.

use super::super::Cells;
use super::super::steps::{cell, counts, not_negative, sums};
use crate::{Error, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Replaces counts by Pearson residuals: how far a count is from what depth and gene let expect, in standard deviations.
///
/// Of a gene with share `p` in all counts, a cell with `c` counts is expected to have `m = c p`; the residual is `(x - m) / sqrt(m + m² /
/// 100)`, clipped at the root of the number of cells (Lause 2021, doi:10.1186/s13059-021-02451-7). The result is dense. A gene without
/// counts, and a cell without, has residuals 0, where scanpy gives NaN. Checked against
/// `scanpy.experimental.pp.normalize_pearson_residuals` (1.11.5).
///
/// # Errors
///
/// Fails when a value is no whole number from 0, and when there is no count at all.
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let cells = Cells::new(array![[1.0_f32, 1.0], [4.0, 0.0]], ["a", "b"], ["CD3D", "MS4A1"])?;
/// let residuals = expression::pearson_residuals(&cells)?;
/// assert!(residuals.gene("MS4A1")?[0] > 0.0 && residuals.gene("MS4A1")?[1] < 0.0);
/// # Ok(()) }
/// ```
pub fn pearson_residuals(cells: &Cells) -> Result<Cells> {
    PearsonResiduals::new().run(cells)
}

/// Computes Pearson residuals, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct PearsonResiduals {
    theta: f64,
    clip: Option<f64>,
    fractional: bool,
}

impl Default for PearsonResiduals {
    fn default() -> Self {
        Self {
            theta: 100.0,
            clip: None,
            fractional: false,
        }
    }
}

impl PearsonResiduals {
    /// Asks for a dispersion of 100 and the usual clipping.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the dispersion of the negative binomial; infinite for Poisson.
    pub fn theta(mut self, theta: f64) -> Self {
        self.theta = theta;
        self
    }

    /// Sets where residuals are clipped, on both sides.
    pub fn clip(mut self, clip: f64) -> Self {
        self.clip = Some(clip);
        self
    }

    /// Sets whether counts may have fractions, as those from which ambient counts were taken.
    pub fn fractional(mut self, fractional: bool) -> Self {
        self.fractional = fractional;
        self
    }

    /// Computes the residuals.
    ///
    /// # Errors
    ///
    /// As [`pearson_residuals()`], when theta is not above 0, and when the clip is below 0.
    pub fn run(&self, cells: &Cells) -> Result<Cells> {
        if self.fractional {
            not_negative(cells)?;
        } else {
            counts(cells)?;
        }
        let model = Model::new(cells, self.theta, self.clip)?;
        let (n, genes) = cells.shape();
        let mut residuals = Array2::zeros((n, genes));
        let rows = residuals.as_slice_mut().unwrap_or_default();
        rows.par_chunks_mut(genes.max(1))
            .enumerate()
            .for_each(|(place, row)| {
                for (residual, total) in row.iter_mut().zip(&model.genes) {
                    *residual = model.residual(0.0, place, *total) as f32;
                }
                let (genes, counts) = cell(cells.values(), place);
                for (gene, count) in genes.iter().zip(counts.iter()) {
                    let gene = *gene as usize;
                    row[gene] = model.residual(f64::from(*count), place, model.genes[gene]) as f32;
                }
            });
        cells.with_values(residuals)
    }
}

/// What counts are expected.
pub(super) struct Model {
    theta: f64,
    clip: f64,
    /// The shares of the cells in all counts.
    shares: Vec<f64>,
    /// The counts of every gene.
    pub(super) genes: Vec<f64>,
}

impl Model {
    pub(super) fn new(cells: &Cells, theta: f64, clip: Option<f64>) -> Result<Self> {
        if theta.is_nan() || theta <= 0.0 {
            return Err(Error::value("theta", "a number above 0", theta));
        }
        let clip = clip.unwrap_or((cells.len() as f64).sqrt());
        if clip.is_nan() || clip < 0.0 {
            return Err(Error::value("clip", "a number from 0", clip));
        }
        let sum = |values: &[f32]| values.iter().map(|value| f64::from(*value)).sum::<f64>();
        let (genes, _) = sums(cells.values(), |_, value| [f64::from(value), 0.0]);
        let all: f64 = genes.iter().sum();
        if all == 0.0 {
            return Err(Error::value("values", "some counts", "only zeros"));
        }
        let shares = (0..cells.len()).into_par_iter();
        let shares = shares.map(|place| sum(&cell(cells.values(), place).1) / all);
        Ok(Self {
            theta,
            clip,
            shares: shares.collect(),
            genes,
        })
    }

    /// Returns how far a count is from what is expected of a cell and a gene with so many counts in all.
    pub(super) fn residual(&self, count: f64, cell: usize, gene: f64) -> f64 {
        let mean = self.shares[cell] * gene;
        if mean == 0.0 {
            return 0.0;
        }
        let residual = (count - mean) / (mean + mean * mean / self.theta).sqrt();
        residual.clamp(-self.clip, self.clip)
    }
}
