//! The choice of the genes that tell cells apart.

use super::super::groups::Groups;
use super::super::part::part;
use super::super::steps::{counts, looks_like_counts, moments, not_negative};
use super::super::{Cells, Preset};
use super::cutoffs::Cutoffs;
use super::dispersion::{Asked, of_all, of_batches};
use super::pearson_residuals::Model;
use super::ranks::Ranks;
use super::{Flavor, residual_variance, standardised};
use crate::progress::Task;
use crate::{Error, Result};
use polars::prelude::Column;

/// Marks the genes that vary more between cells than others of like mean.
///
/// `cells` hold log-normalised values. Adds to `var`: `highly_variable`, `means`, `dispersions` and `dispersions_norm`, a z-score among
/// the genes of one of 20 ranges of the mean; those are variable whose mean is between 0.0125 and 3 and whose z-score is above 0.5.
/// [`HighlyVariableGenes`] has other flavors, such as those that read counts. Checked against `scanpy.pp.highly_variable_genes` (1.11.5)
/// and, through the golden numbers in scanpy's tests, against Seurat and Cell Ranger.
///
/// # Errors
///
/// Fails when a value is negative or not finite, when all values are whole numbers, as counts are, and when there are fewer than 2 cells.
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::Array2};
/// # fn main() -> genolens::Result<()> {
/// // Of 40 genes, the last is in one half of the cells only.
/// let counts = Array2::from_shape_fn((20, 40), |(cell, gene)| match gene {
///     39 => if cell < 10 { 9.0 } else { 0.0 },
///     _ => (1 + (cell * 7 + gene * 3) % 5) as f32,
/// });
/// let names = |what: &str, n: usize| (0..n).map(|i| format!("{what}{i}")).collect::<Vec<_>>();
/// let cells = Cells::new(counts, names("cell", 20), names("gene", 40))?;
/// let cells = expression::highly_variable_genes(&cells.normalize_total()?.log1p()?)?;
/// assert!(cells.var().mask("highly_variable")?[39]);
/// # Ok(()) }
/// ```
pub fn highly_variable_genes(cells: &Cells) -> Result<Cells> {
    HighlyVariableGenes::new().run(cells)
}

/// Marks highly variable genes, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct HighlyVariableGenes {
    flavor: Flavor,
    top: Option<usize>,
    cutoffs: Cutoffs,
    bins: usize,
    span: f64,
    theta: f64,
    batch: Option<String>,
    fractional: bool,
    subset: bool,
}

impl Default for HighlyVariableGenes {
    fn default() -> Self {
        Self {
            flavor: Flavor::Seurat,
            top: None,
            cutoffs: Cutoffs::default(),
            bins: 20,
            span: 0.3,
            theta: 100.0,
            batch: None,
            fractional: false,
            subset: false,
        }
    }
}

impl HighlyVariableGenes {
    /// Asks for the flavor and the bounds of [`highly_variable_genes`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for the flavor of a version of scanpy: `seurat` in the first, `seurat_v3_paper` in the second.
    pub fn preset(preset: Preset) -> Self {
        Self::new().flavor(match preset {
            Preset::ScanpyV1 => Flavor::Seurat,
            Preset::ScanpyV2Preview => Flavor::SeuratV3Paper,
        })
    }

    /// Sets how it is measured how variable a gene is.
    pub fn flavor(mut self, flavor: Flavor) -> Self {
        self.flavor = flavor;
        self
    }

    /// Sets how many genes are chosen, instead of those within bounds. The flavors that rank choose 2,000 where nothing is set, or all
    /// where there are fewer; of `Seurat` and `CellRanger` those as variable as the last one belong to the choice.
    pub fn top(mut self, genes: usize) -> Self {
        self.top = Some(genes);
        self
    }

    /// Sets between which means the genes are chosen; for `Seurat` and `CellRanger` without [`top`](Self::top).
    pub fn means(mut self, above: f64, below: f64) -> Self {
        self.cutoffs.means = (above, below);
        self
    }

    /// Sets between which normalised dispersions the genes are chosen; for `Seurat` and `CellRanger` without [`top`](Self::top).
    pub fn dispersions(mut self, above: f64, below: f64) -> Self {
        self.cutoffs.dispersions = (above, below);
        self
    }

    /// Sets in how many ranges of the mean `Seurat` compares genes.
    pub fn bins(mut self, bins: usize) -> Self {
        self.bins = bins;
        self
    }

    /// Sets the share of the genes that one regression of the curve of `SeuratV3` reads.
    pub fn span(mut self, span: f64) -> Self {
        self.span = span;
        self
    }

    /// Sets the dispersion of the negative binomial of `PearsonResiduals`.
    pub fn theta(mut self, theta: f64) -> Self {
        self.theta = theta;
        self
    }

    /// Measures in every batch, a column of `obs`, and joins, so that genes that only differ between batches are not chosen.
    ///
    /// `PearsonResiduals` clips the residuals of a batch at the root of its own number of cells; scanpy clips all batches as the first.
    pub fn batch(mut self, column: &str) -> Self {
        self.batch = Some(column.to_owned());
        self
    }

    /// Sets whether the counts of flavors that read counts may have fractions, as those from which ambient counts were taken.
    pub fn fractional(mut self, fractional: bool) -> Self {
        self.fractional = fractional;
        self
    }

    /// Sets whether only the chosen genes are kept.
    pub fn subset(mut self, subset: bool) -> Self {
        self.subset = subset;
        self
    }

    /// Marks the genes. Adds to `var`, besides `highly_variable` and `means`, what the flavor measures, as scanpy names it:
    /// `dispersions` and `dispersions_norm`; or `variances`, `variances_norm` (`residual_variances`) and `highly_variable_rank`; over
    /// batches also `highly_variable_nbatches` and `highly_variable_intersection`.
    ///
    /// # Errors
    ///
    /// As [`highly_variable_genes`], when counts are read and a value is no whole number from 0, when an option is out of range, and when
    /// a batch has a single cell.
    pub fn run(&self, cells: &Cells) -> Result<Cells> {
        self.check(cells)?;
        let (n, _) = cells.shape();
        let batches = match &self.batch {
            Some(column) => {
                let groups = Groups::new(cells.obs(), column)?;
                let members = groups.members();
                if let Some(place) = members.iter().position(|cells| cells.len() < 2) {
                    let got = format!("1 cell in `{}`", groups.names[place]);
                    return Err(Error::value(
                        "batch",
                        "at least 2 cells in every batch",
                        got,
                    ));
                }
                members
            }
            None => vec![(0..n).collect()],
        };
        let columns = if self.flavor.reads_counts() {
            self.ranked(cells, &batches)?
        } else {
            self.binned(cells, &batches)?
        };
        let mut var = cells.var().clone();
        for column in columns {
            var = var.with(column)?;
        }
        let chosen = var.mask("highly_variable")?;
        let cells = cells.changed(|data| data.var = var);
        if !self.subset {
            return Ok(cells);
        }
        let places: Vec<usize> = (0..chosen.len()).filter(|gene| chosen[*gene]).collect();
        if places.is_empty() {
            let expected = "bounds that some gene is within";
            return Err(Error::value("subset", expected, "no gene"));
        }
        cells.select_genes(&places)
    }

    fn check(&self, cells: &Cells) -> Result<()> {
        let (n, genes) = cells.shape();
        if n < 2 || genes == 0 {
            let got = [n, genes];
            return Err(Error::shape("values", "at least (2, 1)", &got));
        }
        if let Some(top) = self.top
            && !(1..=genes).contains(&top)
        {
            return Err(Error::value("top", format!("1 to the {genes} genes"), top));
        }
        self.cutoffs.check()?;
        if self.bins == 0 {
            return Err(Error::value("bins", "at least 1", 0));
        }
        if !(self.span > 0.0 && self.span <= 1.0) {
            return Err(Error::value(
                "span",
                "a share above 0, at most 1",
                self.span,
            ));
        }
        if self.flavor.reads_counts() {
            if let Some(base) = cells.log_base() {
                let expected = format!("counts for the flavor {:?}", self.flavor);
                return Err(Error::value(
                    "cells",
                    expected,
                    format!("log1p of base {base}"),
                ));
            }
            return if self.fractional {
                not_negative(cells)
            } else {
                counts(cells)
            };
        }
        not_negative(cells)?;
        if self.flavor == Flavor::Seurat
            && cells.log_base().is_none()
            && looks_like_counts(cells.values())
        {
            let got = "only whole numbers, as counts are";
            return Err(Error::value(
                "values",
                "log-normalised values (normalize_total, then log1p)",
                got,
            ));
        }
        Ok(())
    }

    /// Flavors that compare genes of like mean.
    fn binned(&self, cells: &Cells, batches: &[Vec<usize>]) -> Result<Vec<Column>> {
        let asked = Asked {
            flavor: self.flavor,
            bins: self.bins,
            cutoffs: &self.cutoffs,
            top: self.top,
        };
        let found = if self.batch.is_some() {
            of_batches(cells, batches, &asked)?
        } else {
            of_all(cells, &asked)
        };
        let mut columns = vec![
            Column::new("highly_variable".into(), found.chosen),
            Column::new("means".into(), found.means),
            Column::new("dispersions".into(), found.measured),
            Column::new("dispersions_norm".into(), found.normalised),
        ];
        if self.batch.is_some() {
            columns.extend(over_batches(&found.batches, batches.len()));
        }
        Ok(columns)
    }

    /// Flavors that rank genes by a variance.
    fn ranked(&self, cells: &Cells, batches: &[Vec<usize>]) -> Result<Vec<Column>> {
        let genes = cells.shape().1;
        let top = self.top.unwrap_or(2000).min(genes);
        let residuals = self.flavor == Flavor::PearsonResiduals;
        let mut task = Task::new("highly variable genes", batches.len());
        let (means, variances) = moments(cells.values(), f64::from);
        let mut scores = Vec::new();
        for batch in batches {
            scores.push(match (residuals, &self.batch) {
                (true, None) => self.residual_variances(cells)?,
                (true, Some(_)) => self.residual_variances(&part(cells, batch)?)?,
                (false, None) => {
                    standardised::variances(cells.values(), (&means, &variances), self.span)?
                }
                (false, Some(_)) => {
                    let values = cells.values().select_rows(batch)?;
                    let (means, variances) = moments(&values, f64::from);
                    standardised::variances(&values, (&means, &variances), self.span)?
                }
            });
            task.step("")?;
        }
        let ranks = Ranks::new(&scores, top);
        let chosen = ranks.chosen(top, self.flavor != Flavor::SeuratV3);
        let mean = |gene: usize| {
            scores.iter().map(|scores| scores[gene]).sum::<f64>() / scores.len() as f64
        };
        let score: Vec<f64> = (0..genes).map(mean).collect();
        let name = if residuals {
            "residual_variances"
        } else {
            "variances_norm"
        };
        let mut columns = vec![
            Column::new("highly_variable".into(), chosen),
            Column::new("highly_variable_rank".into(), ranks.median),
            Column::new("means".into(), means),
            Column::new("variances".into(), variances),
            Column::new(name.into(), score),
        ];
        if self.batch.is_some() {
            columns.extend(over_batches(&ranks.batches, batches.len()));
        }
        Ok(columns)
    }

    fn residual_variances(&self, cells: &Cells) -> Result<Vec<f64>> {
        residual_variance::variances(cells, &Model::new(cells, self.theta, None)?)
    }
}

fn over_batches(counts: &[u32], batches: usize) -> [Column; 2] {
    let everywhere: Vec<bool> = counts
        .iter()
        .map(|count| *count as usize == batches)
        .collect();
    [
        Column::new("highly_variable_nbatches".into(), counts.to_vec()),
        Column::new("highly_variable_intersection".into(), everywhere),
    ]
}

impl Cells {
    /// Marks the genes that vary more between cells than others of like mean:
    /// [`expression::highly_variable_genes`](highly_variable_genes()).
    ///
    /// # Errors
    ///
    /// As [`expression::highly_variable_genes`](highly_variable_genes()).
    pub fn highly_variable_genes(&self) -> Result<Self> {
        highly_variable_genes(self)
    }
}
