//! What a variational model reads of cells, and where it stands.

use super::covariates::Levels;
use crate::expression::{Cells, Values};
use crate::generative::reader::totals;
use crate::training::{Batch, Likelihood, Source};
use crate::{Error, Result};
use ndarray::{Array2, ArrayD, Axis, concatenate, s};
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
    /// The median total of a cell, for counts.
    pub(super) typical: f64,
}

impl Plan {
    /// Returns how many batches and labels there are; 0 where the model knows none.
    pub(super) fn levels(&self) -> (usize, usize) {
        let count = |levels: &Option<Levels>| levels.as_ref().map_or(0, |some| some.names.len());
        (count(&self.batches), count(&self.labels))
    }

    /// Returns where the batches stand in what the decoder reads: position, its mean, its variance, batch, label.
    pub(super) fn batch_places(&self) -> Range<usize> {
        let start = 3 * self.dimensions;
        start..start + self.levels().0
    }

    pub(super) fn label_places(&self) -> Range<usize> {
        let start = self.batch_places().end;
        start..start + self.levels().1
    }

    /// Checks that cells have the genes of the model, and reads what it needs of them.
    pub(super) fn read(&self, cells: &Cells) -> Result<Counted> {
        if cells.genes() != &self.genes[..] {
            let (own, got) = (self.genes.len(), cells.shape().1);
            let expected = format!("the {own} genes of the training, in their order");
            let got = if own == got {
                "others".to_owned()
            } else {
                got.to_string()
            };
            return Err(Error::value("genes of cells", expected, got));
        }
        if cells.is_empty() {
            return Err(Error::value("cells", "at least 1 cell", "none"));
        }
        let values = cells.values().clone();
        let stored = match &values {
            Values::Sparse(values) => values.values(),
            Values::Dense(values) => values.as_slice().unwrap_or_default(),
        };
        if let Some((expected, at)) = self.likelihood.wrong(stored, 0) {
            let expected = format!("{expected}, for {}", self.likelihood);
            return Err(Error::value("values of cells", expected, stored[at]));
        }
        let counts = self.likelihood.is_of_counts();
        let totals = totals(&values);
        if let Some(cell) = totals.iter().position(|&total| counts && total == 0.0) {
            let name = cells.cells().get(cell).map_or("", String::as_str);
            let got = format!("none in cell `{name}`");
            return Err(Error::value("cells", "at least one count in each", got));
        }
        let mut parts = Vec::new();
        for (what, levels, needed) in [
            ("batches", &self.batches, true),
            ("labels", &self.labels, false),
        ] {
            if let Some(levels) = levels {
                parts.push(levels.one_hot(what, cells.obs(), needed)?);
            }
        }
        let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
        let covariates = if views.is_empty() {
            Array2::zeros((cells.len(), 0))
        } else {
            concatenate(Axis(1), &views)
                .map_err(|_| Error::value("cells", "one row a cell", "others"))?
        };
        Ok(Counted {
            values,
            totals,
            covariates,
            counts,
        })
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
        let seen = |value: f32| if self.counts { value.ln_1p() } else { value };
        for (at, &row) in rows.iter().enumerate() {
            match &self.values {
                Values::Sparse(matrix) => {
                    let (columns, numbers) = matrix.row(row);
                    for (&column, &value) in columns.iter().zip(numbers) {
                        values[[at, column as usize]] = value;
                        x[[at, column as usize]] = seen(value);
                    }
                }
                Values::Dense(matrix) => {
                    values.row_mut(at).assign(&matrix.row(row));
                    for (column, &value) in matrix.row(row).iter().enumerate() {
                        // Most are zero, and stay so.
                        if value != 0.0 {
                            x[[at, column]] = seen(value);
                        }
                    }
                }
            }
            x.slice_mut(s![at, genes..])
                .assign(&self.covariates.row(row));
        }
        (x, values)
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
