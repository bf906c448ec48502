//! How much every gene speaks for an output.

use crate::distribution::order::falling;
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView1, Axis};
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// What was added up over cells, group by group.
pub(super) struct Sums {
    scores: Array2<f64>,
    sizes: Array2<f64>,
    cells: Vec<usize>,
    unexplained: Option<f64>,
}

impl Sums {
    pub(super) fn new(groups: usize, genes: usize) -> Self {
        Self {
            scores: Array2::zeros((groups, genes)),
            sizes: Array2::zeros((groups, genes)),
            cells: vec![0; groups],
            unexplained: None,
        }
    }

    /// Adds the scores of a cell, and what they leave unexplained of its output.
    pub(super) fn add(
        &mut self,
        group: usize,
        scores: &ArrayView1<'_, f64>,
        unexplained: Option<f64>,
    ) {
        let mut sums = self.scores.row_mut(group);
        sums += scores;
        let mut sizes = self.sizes.row_mut(group);
        sizes += &scores.mapv(f64::abs);
        self.cells[group] += 1;
        if let Some(rest) = unexplained {
            self.unexplained = Some(self.unexplained.unwrap_or(0.0).max(rest.abs()));
        }
    }
}

/// How much every gene speaks for an output, on average over the cells of each group; cheap to clone.
///
/// Scores have the unit of the raw output, per unit of expression for gradients.
#[derive(Clone, PartialEq)]
pub struct GeneScores {
    genes: Arc<[String]>,
    groups: Arc<[String]>,
    cells: Arc<[usize]>,
    mean: Arc<Array2<f64>>,
    size: Arc<Array2<f64>>,
    unexplained: Option<f64>,
    method: Arc<str>,
    target: usize,
}

impl GeneScores {
    pub(super) fn new(
        (genes, groups): (Arc<[String]>, Arc<[String]>),
        sums: Sums,
        (method, target): (String, usize),
    ) -> Result<Self> {
        let finite = sums.sizes.iter().all(|size| size.is_finite());
        if !finite {
            return Err(Error::Diverged {
                what: method,
                detail: "a score is not finite".into(),
            });
        }
        let counts: Array1<f64> = sums
            .cells
            .iter()
            .map(|&count| count.max(1) as f64)
            .collect();
        let counts = counts.insert_axis(Axis(1));
        Ok(Self {
            genes,
            groups,
            mean: Arc::new(sums.scores / &counts),
            size: Arc::new(sums.sizes / &counts),
            cells: sums.cells.into(),
            unexplained: sums.unexplained,
            method: method.into(),
            target,
        })
    }

    /// Takes one row of scores for each group as they are.
    pub(super) fn of_rows(
        genes: &[String],
        (groups, rows): (Vec<String>, Array2<f64>),
        method: &str,
    ) -> Result<Self> {
        let mut sums = Sums::new(groups.len(), genes.len());
        for (group, row) in rows.rows().into_iter().enumerate() {
            sums.add(group, &row, None);
        }
        Self::new((genes.into(), groups.into()), sums, (method.into(), 0))
    }

    /// Returns the names of the genes.
    pub fn genes(&self) -> &[String] {
        &self.genes
    }

    /// Returns the names of the groups.
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// Returns how many cells each group has.
    pub fn cells(&self) -> &[usize] {
        &self.cells
    }

    /// Returns mean scores, shape `(groups, genes)`.
    pub fn by_group(&self) -> &Array2<f64> {
        &self.mean
    }

    /// Returns the mean score of every gene over all cells.
    pub fn mean(&self) -> Array1<f64> {
        self.over_cells(&self.mean)
    }

    /// Returns the mean absolute score of every gene over all cells: a gene that speaks for the output in some cells and against it in
    /// others is large here.
    pub fn size(&self) -> Array1<f64> {
        self.over_cells(&self.size)
    }

    fn over_cells(&self, values: &Array2<f64>) -> Array1<f64> {
        let weights: Array1<f64> = self.cells.iter().map(|&count| count as f64).collect();
        let total = weights.sum().max(1.0);
        weights.dot(values) / total
    }

    /// Returns the largest part of an output that the scores of a cell do not explain: its output less that of the baseline, less the sum
    /// of its scores. Nothing for a method without baseline.
    pub fn unexplained(&self) -> Option<f64> {
        self.unexplained
    }

    /// Returns the method and what it compares with.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns which output is explained, counted from 0.
    pub fn target(&self) -> usize {
        self.target
    }

    /// Returns the genes with the largest mean absolute scores alone, the largest first.
    pub fn top(&self, count: usize) -> Self {
        let mut order = falling(self.size());
        order.truncate(count);
        self.select(&order)
    }

    fn select(&self, genes: &[usize]) -> Self {
        Self {
            genes: genes.iter().map(|&gene| self.genes[gene].clone()).collect(),
            mean: Arc::new(self.mean.select(Axis(1), genes)),
            size: Arc::new(self.size.select(Axis(1), genes)),
            ..self.clone()
        }
    }

    /// Returns the scores of one group alone.
    ///
    /// # Errors
    ///
    /// Fails when there is no such group.
    pub fn group(&self, name: &str) -> Result<Self> {
        let Some(place) = self.groups.iter().position(|group| group == name) else {
            let expected = format!("one of {}", self.groups.join(", "));
            return Err(Error::value("group", expected, format!("`{name}`")));
        };
        Ok(Self {
            groups: self.groups[place..=place].into(),
            cells: self.cells[place..=place].into(),
            mean: Arc::new(self.mean.select(Axis(0), &[place])),
            size: Arc::new(self.size.select(Axis(0), &[place])),
            ..self.clone()
        })
    }

    /// Returns one row for each gene: `gene`, `score`, `size`, the mean and the mean absolute score over all cells, and with several
    /// groups the mean score of each.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table, such as for a group called `score`.
    pub fn table(&self) -> Result<DataFrame> {
        let mut columns = vec![
            Column::new("gene".into(), self.genes.to_vec()),
            Column::new("score".into(), self.mean().to_vec()),
            Column::new("size".into(), self.size().to_vec()),
        ];
        if self.groups.len() > 1 {
            for (name, row) in self.groups.iter().zip(self.mean.rows()) {
                columns.push(Column::new(name.as_str().into(), row.to_vec()));
            }
        }
        Ok(DataFrame::new(self.genes.len(), columns)?)
    }
}

impl fmt::Debug for GeneScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (genes, groups) = (self.genes.len(), self.groups.len());
        write!(
            f,
            "GeneScores({}, {genes} genes, {groups} groups)",
            self.method
        )
    }
}

impl fmt::Display for GeneScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cells: usize = self.cells.iter().sum();
        write!(
            f,
            "output {} by {}, {cells} cells:",
            self.target, self.method
        )?;
        let top = self.top(10);
        for (gene, score) in top.genes.iter().zip(top.mean()) {
            write!(f, " {gene} {score:.3}")?;
        }
        match self.unexplained {
            Some(rest) => write!(f, "; at most {rest:.1e} of an output unexplained"),
            None => Ok(()),
        }
    }
}
