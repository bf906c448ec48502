//! Doublets, found beside doublets that are simulated.

use super::super::groups::Groups;
use super::super::part::part;
use super::super::steps::{NormalizeTotal, cell, counts};
use super::super::{Cells, Doublets, FilterCells, FilterGenes, HighlyVariableGenes, Values};
use super::doublets::Data;
use super::two_modes::valley;
use crate::embedding::{NeighborSearch, Pca};
use crate::progress::Task;
use crate::random::Seed;
use crate::sparse::Sparse;
use crate::{Error, Result};
use ndarray::{Array2, Axis, concatenate};
use polars::prelude::Column;
use rand::RngExt;
use rayon::prelude::*;
use std::sync::Arc;

/// The least number of genes of a cell, and of cells of a gene, that is read.
const LEAST: usize = 3;

/// Scores how much every cell looks like two cells whose counts were put together.
///
/// Twice as many doublets as there are cells are made by adding the counts of two cells; a cell is scored by how many of its nearest
/// neighbours, along 30 principal components of the highly variable genes, were made (Wolock 2019, doi:10.1016/j.cels.2018.11.005). The
/// threshold is the valley between the two modes of the scores of those that were made. Doublets of cells of one type are not found.
/// Cells of several lanes must be told apart: [`Scrublet::batch`]. Checked against `scanpy.pp.scrublet` (1.11.5), which draws other
/// pairs.
///
/// # Errors
///
/// Fails when a value is no whole number from 0, when a cell has fewer than 3 genes, and when there are too few cells or variable genes.
///
/// # Examples
///
/// ```no_run
/// use genolens::expression::{self, Cells};
/// # fn main() -> genolens::Result<()> {
/// # let cells = Cells::new(genolens::ndarray::array![[1.0_f32]], ["a"], ["x"])?;
/// let doublets = expression::doublets(&cells)?;
/// let cells = cells.select_cells(&doublets.singlets())?;
/// # Ok(()) }
/// ```
pub fn doublets(cells: &Cells) -> Result<Doublets> {
    Scrublet::new().run(cells)
}

/// Finds doublets, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct Scrublet {
    ratio: f64,
    expected: f64,
    components: usize,
    neighbors: Option<usize>,
    threshold: Option<f64>,
    batch: Option<String>,
    seed: Seed,
}

impl Default for Scrublet {
    fn default() -> Self {
        Self {
            ratio: 2.0,
            expected: 0.05,
            components: 30,
            neighbors: None,
            threshold: None,
            batch: None,
            seed: Seed::default(),
        }
    }
}

impl Scrublet {
    /// Asks for twice as many simulated doublets as cells, 5 % of doublets expected, and 30 components.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many doublets are simulated for each cell.
    pub fn simulated_per_cell(mut self, ratio: f64) -> Self {
        self.ratio = ratio;
        self
    }

    /// Sets which share of the cells is expected to be doublets.
    pub fn expected(mut self, share: f64) -> Self {
        self.expected = share;
        self
    }

    /// Sets along how many components neighbours are sought.
    pub fn components(mut self, components: usize) -> Self {
        self.components = components;
        self
    }

    /// Sets how many neighbours a cell would have without simulated doublets; half the root of the number of cells where nothing is set.
    pub fn neighbors(mut self, neighbors: usize) -> Self {
        self.neighbors = Some(neighbors);
        self
    }

    /// Sets the score above which a cell counts as a doublet.
    pub fn threshold(mut self, score: f64) -> Self {
        self.threshold = Some(score);
        self
    }

    /// Looks for doublets in every batch, a column of `obs`, alone: two cells of two lanes are never in one droplet.
    pub fn batch(mut self, column: &str) -> Self {
        self.batch = Some(column.to_owned());
        self
    }

    /// Sets the seed by which pairs of cells are drawn.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Scores the cells.
    ///
    /// # Errors
    ///
    /// As [`doublets`], and when an option is out of range.
    pub fn run(&self, cells: &Cells) -> Result<Doublets> {
        self.check(cells)?;
        let batches = match &self.batch {
            Some(column) => Groups::new(cells.obs(), column)?.members(),
            None => vec![(0..cells.len()).collect()],
        };
        let mut scores = vec![0.0; cells.len()];
        let mut predicted = vec![false; cells.len()];
        let (mut all_simulated, mut thresholds) = (Vec::new(), Vec::new());
        let mut task = Task::new("doublets", batches.len());
        for (index, batch) in batches.iter().enumerate() {
            let (found, simulated) = self.scores(&part(cells, batch)?, self.seed.indexed(index))?;
            let threshold = self.threshold.or_else(|| valley(&simulated));
            for (place, score) in batch.iter().zip(found) {
                scores[*place] = score;
                predicted[*place] = threshold.is_some_and(|threshold| score > threshold);
            }
            all_simulated.extend(simulated);
            thresholds.push(threshold);
            task.step("")?;
        }
        let scored = cells.with_obs(Column::new("doublet_score".into(), scores.as_slice()))?;
        Ok(Doublets {
            data: Arc::new(Data {
                cells: scored.with_obs(Column::new("predicted_doublet".into(), predicted))?,
                scores: scores.into(),
                simulated: all_simulated.into(),
                thresholds,
            }),
        })
    }

    fn check(&self, cells: &Cells) -> Result<()> {
        counts(cells)?;
        if !(self.ratio > 0.0 && self.ratio <= 100.0) {
            let expected = "a number above 0, at most 100";
            return Err(Error::value("simulated_per_cell", expected, self.ratio));
        }
        if !(self.expected > 0.0 && self.expected < 1.0) {
            return Err(Error::value(
                "expected",
                "a share between 0 and 1",
                self.expected,
            ));
        }
        if self.neighbors == Some(0) {
            return Err(Error::value("neighbors", "at least 1", 0));
        }
        let kept = FilterCells::new().min_genes(LEAST).run(cells)?;
        if kept.len() < cells.len() {
            let first = (0..cells.len())
                .find(|place| kept.cells().get(*place) != Some(&cells.cells()[*place]));
            let name = first.map_or("", |place| cells.cells()[place].as_str());
            let expected = format!("at least {LEAST} genes in every cell (filter_cells)");
            return Err(Error::value(
                "cells",
                expected,
                format!("fewer in `{name}`"),
            ));
        }
        Ok(())
    }

    /// Returns the scores of the cells of one batch, and of doublets made of them.
    fn scores(&self, cells: &Cells, seed: Seed) -> Result<(Vec<f64>, Vec<f64>)> {
        let n = cells.len();
        let raw = FilterGenes::new().min_cells(LEAST).run(cells)?;
        let normal = raw.normalize_total()?;
        let variable = HighlyVariableGenes::new().run(&normal.log1p()?)?;
        let mask = variable.var().mask("highly_variable")?;
        let genes: Vec<usize> = (0..mask.len()).filter(|gene| mask[*gene]).collect();
        let most = genes.len().min(n);
        if self.components == 0 || self.components > most {
            let expected = format!(
                "1 to {most}, as {} genes vary highly and there are {n} cells",
                genes.len()
            );
            return Err(Error::value("components", expected, self.components));
        }
        let million = NormalizeTotal::new().target(1e6);
        let observed = million.run(&normal.select_genes(&genes)?)?;
        let simulated = self.simulated(raw.select_genes(&genes)?.values(), seed)?;
        let names = (0..simulated.nrows()).map(|place| format!("doublet {place}"));
        let simulated = million.run(&Cells::new(simulated, names, observed.genes().to_vec())?)?;

        // Along components of the cells as they are; those of mixed cells would look for what is mixed.
        let components = Pca::new(self.components)
            .scaled(true)
            .run(observed.values())?;
        let mixed = components.transform(simulated.values())?;
        let all = concatenate![Axis(0), *components.coordinates(), *mixed.coordinates()];
        self.classified(&all.mapv(|value| value as f32), n)
    }

    /// Returns the scores of the points of `n` cells and of the doublets after them, by their neighbours.
    fn classified(&self, points: &Array2<f32>, n: usize) -> Result<(Vec<f64>, Vec<f64>)> {
        let ratio = (points.nrows() - n) as f64 / n as f64;
        let k = self
            .neighbors
            .map_or((0.5 * (n as f64).sqrt()).round_ties_even(), |k| k as f64);
        let k = ((k * (1.0 + ratio)).round_ties_even() as usize).clamp(2, points.nrows());
        let neighbors = NeighborSearch::new().k(k).run(points)?;
        let score = |place: usize| {
            let others = neighbors.indices().row(place);
            // A cell is its own first neighbour.
            let made = others.iter().filter(|other| **other as usize >= n).count()
                + usize::from(place >= n);
            self.score(made as f64, k as f64, ratio)
        };
        let scores: Vec<f64> = (0..points.nrows()).into_par_iter().map(score).collect();
        let (cells, made) = scores.split_at(n);
        Ok((cells.to_vec(), made.to_vec()))
    }

    /// The chance to be a doublet, when `made` of `k` neighbours were made and there are `ratio` of these for each cell.
    fn score(&self, made: f64, k: f64, ratio: f64) -> f64 {
        let rate = self.expected;
        let share = (made + 1.0) / (k + 2.0);
        share * rate / ratio / (1.0 - rate - share * (1.0 - rate - rate / ratio))
    }

    /// Adds the counts of pairs of different cells.
    fn simulated(&self, values: &Values, seed: Seed) -> Result<Sparse> {
        let (n, genes) = values.shape();
        if n < 2 {
            return Err(Error::value("cells", "at least 2 in every batch", n));
        }
        let made = ((n as f64 * self.ratio) as usize).max(1);
        let rows = (0..made).into_par_iter().map(|place| {
            let mut random = seed.indexed(place).generator();
            let first = random.random_range(0..n);
            let second = (first + random.random_range(1..n)) % n;
            let mut row = Vec::new();
            for parent in [first, second] {
                let (genes, values) = cell(values, parent);
                row.extend(genes.iter().copied().zip(values.iter().copied()));
            }
            row
        });
        Sparse::from_rows(genes, rows.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points of 28 cells and of 56 doublets, and scores of the cells and of 10 doublets of
    /// `scanpy.preprocessing._scrublet.core.Scrublet(n_neighbors=4, expected_doublet_rate=0.05)`, scanpy 1.11.5.
    #[test]
    fn scores_are_those_of_scanpy() -> Result<()> {
        let points = POINTS.split(' ').filter_map(|number| number.parse().ok());
        let points = Array2::from_shape_vec((84, 2), points.collect()).unwrap_or_default();
        let (cells, made) = Scrublet::new().neighbors(4).classified(&points, 28)?;
        let golden = SCORES
            .split(' ')
            .filter_map(|number| number.parse::<f64>().ok());
        for (found, golden) in cells.iter().chain(&made).zip(golden) {
            assert!((found - golden).abs() < 1e-11, "{found}, expected {golden}");
        }
        Ok(())
    }

    const POINTS: &str = "2.04 -2.56 0.42 -0.57 -0.45 -0.22 -2.02 -0.23 -0.87 3.32 0.23 -0.35 -0.28 -0.67 -1.06 -0.39 0.48 -0.24 0.96 -0.20 0.02 \
        1.55 0.55 -0.51 -0.18 0.54 1.94 -0.27 5.76 7.00 5.11 5.71 6.88 6.58 6.09 6.67 3.17 7.02 5.04 4.33 6.28 6.70 5.56 4.92 \
        6.03 5.95 7.41 6.75 6.19 7.11 5.79 5.07 6.58 6.58 5.79 5.22 0.23 -2.49 0.69 0.49 -1.64 0.06 -0.96 0.76 -2.03 -0.91 0.71 \
        1.16 -2.16 -0.50 0.33 -0.61 1.59 -1.19 0.35 -1.05 1.41 -0.02 -0.37 -1.72 1.68 0.75 0.75 1.14 6.35 5.36 5.20 5.20 7.37 \
        4.54 5.40 5.68 6.22 6.58 4.75 4.27 6.00 7.21 6.76 6.22 5.68 6.29 5.76 6.82 5.21 6.13 5.89 6.54 6.22 8.55 7.50 7.50 0.96 \
        2.66 2.39 3.53 0.72 4.17 4.07 1.70 2.02 2.20 3.04 3.64 5.05 2.80 3.77 3.16 4.76 3.74 4.37 1.92 2.81 2.19 4.50 3.66 2.69 \
        2.55 3.48 2.30 2.07 3.48 5.46 2.75 2.44 1.83 1.66 3.52 3.85 3.01 3.33 3.12 3.14 1.47 2.54 3.11 2.22 2.52 2.18 2.67 3.85 \
        2.59 2.85 3.81 3.64 4.70 0.91 3.86";

    const SCORES: &str = "0.025641025641 0.014409221902 0.014409221902 0.025641025641 0.061728395062 0.014409221902 0.010416666667 0.019354838710 \
        0.014409221902 0.025641025641 0.025641025641 0.019354838710 0.019354838710 0.025641025641 0.025641025641 0.033898305085 \
        0.019354838710 0.019354838710 0.045226130653 0.033898305085 0.025641025641 0.025641025641 0.033898305085 0.019354838710 \
        0.025641025641 0.025641025641 0.019354838710 0.025641025641 0.019354838710 0.025641025641 0.019354838710 0.019354838710 \
        0.025641025641 0.033898305085 0.025641025641 0.014409221902 0.019354838710 0.019354838710";
}
