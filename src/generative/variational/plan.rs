//! What a variational model reads of cells, and where it stands.

use super::library::Prior;
use crate::Result;
use crate::expression::{Cells, Values};
use crate::generative::covariates::Levels;
use crate::generative::reader::{checked_totals, same_genes};
use crate::training::{Batch, Likelihood, Mean, Source};
use ndarray::{Array2, ArrayD, s};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// What a model was made for.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) genes: Arc<[String]>,
    pub(super) dimensions: usize,
    pub(super) likelihood: Likelihood,
    pub(super) batches: Option<Levels>,
    pub(super) labels: Option<Levels>,
    /// Where library sizes are learned, what they were before a cell was seen.
    pub(super) library: Option<Prior>,
    /// The decoder has no hidden layer.
    pub(super) linear: bool,
    /// The median total of a cell, for counts.
    pub(super) typical: f64,
}

impl Plan {
    /// Returns how many batches and labels there are; 0 where the model knows none.
    pub(super) fn levels(&self) -> (usize, usize) {
        let count = |levels: &Option<Levels>| levels.as_ref().map_or(0, |some| some.names.len());
        (count(&self.batches), count(&self.labels))
    }

    /// Returns how many numbers are drawn for a cell: its position and, behind it, a library size that is learned.
    pub(super) fn drawn(&self) -> usize {
        self.dimensions + usize::from(self.library.is_some())
    }

    /// Returns how many layers make what is drawn from.
    pub(super) fn encoding(&self) -> usize {
        1 + usize::from(self.library.is_some())
    }

    /// Returns how the scores of genes become means of counts.
    pub(super) fn mean(&self) -> Mean {
        match (self.likelihood.is_of_counts(), &self.library) {
            (true, None) => Mean::Shares,
            _ => Mean::Rates,
        }
    }

    /// Returns where the batches stand in what the decoder reads: what is drawn, its mean, its variance, batch, label.
    pub(super) fn batch_places(&self) -> Range<usize> {
        let start = 3 * self.drawn();
        start..start + self.levels().0
    }

    pub(super) fn label_places(&self) -> Range<usize> {
        let start = self.batch_places().end;
        start..start + self.levels().1
    }

    /// Checks that cells have the genes of the model, and reads what it needs of them. Labels are not needed: only training asks for them.
    pub(super) fn read(&self, cells: &Cells) -> Result<Counted> {
        same_genes(("cells", cells), &self.genes, "the training")?;
        let totals = checked_totals(cells, self.likelihood)?;
        let (batches, labels) = self.levels();
        let mut covariates = Array2::zeros((cells.len(), batches + labels));
        if let Some(levels) = &self.batches {
            levels.complete("batches", cells.obs())?;
            let own = levels.one_hot("batches", cells.obs())?;
            covariates.slice_mut(s![.., ..batches]).assign(&own);
        }
        Ok(Counted {
            values: cells.values().clone(),
            totals,
            covariates,
            counts: self.likelihood.is_of_counts(),
        })
    }

    /// Reads what training needs of cells: the same, and the labels of those that have one.
    pub(super) fn read_labelled(&self, cells: &Cells) -> Result<Counted> {
        let mut source = self.read(cells)?;
        if let Some(levels) = &self.labels {
            let own = levels.one_hot("labels", cells.obs())?;
            let mut places = source.covariates.slice_mut(s![.., self.levels().0..]);
            places.assign(&own);
        }
        Ok(source)
    }
}

/// Cells as the model reads them, a mini-batch at a time; sparse values stay sparse as a whole.
#[derive(Clone)]
pub(super) struct Counted {
    values: Values,
    totals: Vec<f64>,
    /// Batches, then labels, one-hot.
    covariates: Array2<f32>,
    counts: bool,
}

impl Counted {
    /// Returns what the network reads of some cells, and their values.
    pub(super) fn both(&self, rows: &[usize]) -> (Array2<f32>, Array2<f32>) {
        let (genes, more) = (self.values.shape().1, self.covariates.ncols());
        let mut x = Array2::zeros((rows.len(), genes + more));
        let mut values = Array2::zeros((rows.len(), genes));
        // Both are new, so that their numbers lie in a row.
        let (Some(read), Some(own)) = (x.as_slice_mut(), values.as_slice_mut()) else {
            return (x, values);
        };
        let pairs = read
            .par_chunks_mut(genes + more)
            .zip(own.par_chunks_mut(genes));
        pairs.zip(rows).for_each(|((x, values), &row)| {
            match &self.values {
                Values::Sparse(matrix) => {
                    let (columns, numbers) = matrix.row(row);
                    for (&column, &value) in columns.iter().zip(numbers) {
                        values[column as usize] = value;
                        x[column as usize] = self.seen(value);
                    }
                }
                Values::Dense(matrix) => {
                    for ((x, own), &value) in x.iter_mut().zip(values).zip(matrix.row(row)) {
                        *own = value;
                        // Most are zero, and stay so.
                        if value != 0.0 {
                            *x = self.seen(value);
                        }
                    }
                }
            }
            for (x, &covariate) in x[genes..].iter_mut().zip(self.covariates.row(row)) {
                *x = covariate;
            }
        });
        (x, values)
    }

    /// Returns what the network reads of a value.
    fn seen(&self, value: f32) -> f32 {
        if self.counts { value.ln_1p() } else { value }
    }

    pub(super) fn totals(&self) -> &[f64] {
        &self.totals
    }

    pub(super) fn covariates(&self) -> &Array2<f32> {
        &self.covariates
    }
}

impl Source for Counted {
    fn len(&self) -> usize {
        self.totals.len()
    }

    fn read(&self, rows: &[usize]) -> Result<Batch> {
        let (x, values) = self.both(rows);
        Ok(Batch::unchecked(x.into_dyn(), values.into_dyn()))
    }

    fn labels(&self, rows: &[usize]) -> Result<ArrayD<f32>> {
        Ok(self.both(rows).1.into_dyn())
    }
}
