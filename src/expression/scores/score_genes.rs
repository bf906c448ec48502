//! How much a cell expresses a set of genes.

use super::super::steps::{cell, moments, not_negative};
use super::super::{Cells, Preset};
use crate::distribution::order::rising;
use crate::random::Seed;
use crate::{Error, Result};
use polars::prelude::Column;
use rand::seq::index;
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Scores every cell by the mean of some genes, less that of control genes of like mean; adds the column `name` to `obs`.
///
/// All genes are put into 25 bins by their mean; of every bin in which one of the genes lies, 50 genes are drawn as controls, of which
/// those asked for are left out (Satija 2015, Tirosh 2016, doi:10.1126/science.aad0501). `cells` hold log-normalised values. Checked
/// against `scanpy.tl.score_genes` (1.11.5), which draws other controls.
///
/// # Errors
///
/// Fails when a gene is not there, when a value is negative or not finite, and when no control is left.
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::Array2};
/// # fn main() -> genolens::Result<()> {
/// // The second cell has more of two genes, the first of all others.
/// let values = Array2::from_shape_fn((2, 60), |(cell, gene)| if (cell == 1) == (gene < 2) { 3.0 } else { 1.0 });
/// let genes = (0..60).map(|gene| format!("g{gene}"));
/// let cells = Cells::new(values, ["a", "b"], genes)?;
/// let scored = expression::score_genes(&cells, &["g0", "g1"], "response")?;
/// assert_eq!(scored.obs().numbers("response")?, [-2.0, 2.0]);
/// # Ok(()) }
/// ```
pub fn score_genes(cells: &Cells, genes: &[&str], name: &str) -> Result<Cells> {
    ScoreGenes::new().run(cells, genes, name)
}

/// Scores sets of genes, with options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoreGenes {
    controls: usize,
    bins: usize,
    replace: bool,
    skip_missing: bool,
    seed: Seed,
}

impl Default for ScoreGenes {
    fn default() -> Self {
        Self {
            controls: 50,
            bins: 25,
            replace: false,
            skip_missing: false,
            seed: Seed::default(),
        }
    }
}

impl ScoreGenes {
    /// Asks for 50 controls of each of 25 bins.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for the controls of a version of scanpy: drawn before (first) or after (second) the genes asked for are left out.
    pub fn preset(preset: Preset) -> Self {
        Self {
            replace: preset == Preset::ScanpyV2Preview,
            ..Self::default()
        }
    }

    /// Sets how many controls are drawn of every bin.
    pub fn controls(mut self, genes: usize) -> Self {
        self.controls = genes;
        self
    }

    /// Sets into how many bins the genes are put.
    pub fn bins(mut self, bins: usize) -> Self {
        self.bins = bins;
        self
    }

    /// Sets whether genes that are not there are left out; by default they are an error that names them.
    pub fn skip_missing(mut self, skip: bool) -> Self {
        self.skip_missing = skip;
        self
    }

    /// Sets the seed by which controls are drawn.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Scores the cells.
    ///
    /// # Errors
    ///
    /// As [`score_genes`], when none of the genes is there, and for less than 2 bins or no controls.
    pub fn run(&self, cells: &Cells, genes: &[&str], name: &str) -> Result<Cells> {
        not_negative(cells)?;
        if self.bins < 2 {
            return Err(Error::value("bins", "at least 2", self.bins));
        }
        if self.controls == 0 {
            return Err(Error::value("controls", "at least 1", 0));
        }
        let known: BTreeSet<&str> = cells.genes().iter().map(String::as_str).collect();
        let (present, missing): (Vec<&str>, Vec<&str>) =
            genes.iter().partition(|gene| known.contains(**gene));
        if !missing.is_empty() && !self.skip_missing {
            let expected = format!("among the {} genes, or skip_missing(true)", known.len());
            return Err(Error::value(
                "genes",
                expected,
                format!("`{}`", missing.join("`, `")),
            ));
        }
        if present.is_empty() {
            return Err(Error::value("genes", "at least one that is there", "none"));
        }
        let set: BTreeSet<usize> = cells.var().places(&present)?.into_iter().collect();
        let controls = self.drawn(cells, &set);
        if controls.is_empty() {
            let expected =
                "such that genes are left as controls (fewer bins, or preset ScanpyV2Preview)";
            return Err(Error::value("bins", expected, self.bins));
        }
        let weights = |genes: &BTreeSet<usize>| {
            let mut weights = vec![false; cells.shape().1];
            for gene in genes {
                weights[*gene] = true;
            }
            weights
        };
        let (own, other) = (weights(&set), weights(&controls));
        let score = |place: usize| {
            let (genes, values) = cell(cells.values(), place);
            let (mut a, mut b) = (0.0, 0.0);
            for (gene, value) in genes.iter().zip(values.iter()) {
                let gene = *gene as usize;
                a += if own[gene] { f64::from(*value) } else { 0.0 };
                b += if other[gene] { f64::from(*value) } else { 0.0 };
            }
            a / set.len() as f64 - b / controls.len() as f64
        };
        let scores: Vec<f64> = (0..cells.len()).into_par_iter().map(score).collect();
        cells.with_obs(Column::new(name.into(), scores))
    }

    /// Draws controls from the bins of the genes.
    fn drawn(&self, cells: &Cells, set: &BTreeSet<usize>) -> BTreeSet<usize> {
        let means = moments(cells.values(), f64::from).0;
        let sorted = rising(means.clone());
        let size = (means.len() as f64 / (self.bins - 1) as f64)
            .round_ties_even()
            .max(1.0);
        // The rank of the first of equal means, from 1.
        let bin = |gene: usize| {
            let rank = sorted.partition_point(|mean| *mean < means[gene]) + 1;
            (rank as f64 / size) as usize
        };
        let bins: Vec<usize> = (0..means.len()).map(bin).collect();
        let asked: BTreeSet<usize> = set.iter().map(|gene| bins[*gene]).collect();
        let mut controls = BTreeSet::new();
        for bin in asked {
            let members = (0..bins.len()).filter(|gene| bins[*gene] == bin);
            let members = members.filter(|gene| !(self.replace && set.contains(gene)));
            let members: Vec<usize> = members.collect();
            if members.len() <= self.controls {
                controls.extend(members);
            } else {
                let mut random = self.seed.named("score_genes").indexed(bin).generator();
                let drawn = index::sample(&mut random, members.len(), self.controls);
                controls.extend(drawn.iter().map(|place| members[place]));
            }
        }
        controls.retain(|gene| !set.contains(gene));
        controls
    }
}
