//! Cells as examples of themselves, a mini-batch at a time.

use crate::distribution::order::median;
use crate::expression::{Cells, Values};
use crate::training::{Batch, Likelihood, Source};
use crate::{Error, Result};
use ndarray::{Array2, ArrayD, Axis, concatenate};

/// Reads cells in the way a model wants them; sparse values become dense a batch at a time.
#[derive(Clone)]
pub(super) struct Reader {
    values: Values,
    /// The total of every cell over the typical one, for counts.
    sizes: Option<Vec<f32>>,
    /// Batches, one-hot, where training needs them.
    batches: Option<Array2<f32>>,
}

/// Returns the total of every cell.
pub(super) fn totals(values: &Values) -> Vec<f64> {
    match values {
        Values::Sparse(values) => values.row_sums().to_vec(),
        Values::Dense(values) => {
            let rows = values.rows().into_iter();
            rows.map(|row| row.iter().map(|&value| f64::from(value)).sum())
                .collect()
        }
    }
}

/// Checks that cells, which an argument gave, have these genes, in this order; `whose` they are is told.
pub(super) fn same_genes(
    (argument, cells): (&str, &Cells),
    genes: &[String],
    whose: &str,
) -> Result<()> {
    if cells.genes() == genes {
        return Ok(());
    }
    let (own, got) = (genes.len(), cells.shape().1);
    let expected = format!("the {own} genes of {whose}, in their order");
    let got = if own == got {
        "others".to_owned()
    } else {
        got.to_string()
    };
    Err(Error::value(&format!("genes of {argument}"), expected, got))
}

/// Returns the total of every cell, where there are cells whose values can be draws from a distribution and, for counts, none is empty.
pub(super) fn checked_totals(cells: &Cells, likelihood: Likelihood) -> Result<Vec<f64>> {
    if cells.is_empty() {
        return Err(Error::value("cells", "at least 1 cell", "none"));
    }
    let stored = cells.values().stored();
    if let Some((expected, at)) = likelihood.wrong(&stored, 0) {
        let expected = format!("{expected}, for {likelihood}");
        return Err(Error::value("values of cells", expected, stored[at]));
    }
    let totals = totals(cells.values());
    let empty = |&total: &f64| likelihood.is_of_counts() && total == 0.0;
    if let Some(cell) = totals.iter().position(empty) {
        let name = cells.cells().get(cell).map_or("", String::as_str);
        let got = format!("none in cell `{name}`");
        return Err(Error::value("cells", "at least one count in each", got));
    }
    Ok(totals)
}

/// Returns the median total of cells of counts, 1 for other values.
///
/// # Errors
///
/// As [`checked_totals`].
pub(super) fn typical_total(cells: &Cells, likelihood: Likelihood) -> Result<f64> {
    let totals = checked_totals(cells, likelihood)?;
    Ok(if likelihood.is_of_counts() {
        median(totals)
    } else {
        1.0
    })
}

impl Reader {
    /// Reads counts as `log1p(count / size)`, the size being the total of the cell over the typical one, or values as they are.
    pub(super) fn new(cells: &Cells, likelihood: Likelihood, typical: f64) -> Result<Self> {
        let totals = checked_totals(cells, likelihood)?;
        let sizes = totals.iter().map(|total| (total / typical) as f32);
        Ok(Self {
            values: cells.values().clone(),
            sizes: likelihood.is_of_counts().then(|| sizes.collect()),
            batches: None,
        })
    }

    /// Tells the network batches behind the values that it learns from.
    pub(super) fn with_batches(mut self, one_hot: Array2<f32>) -> Self {
        self.batches = Some(one_hot);
        self
    }

    /// Returns the size of a cell, 1 where there are no counts.
    pub(super) fn size(&self, cell: usize) -> f32 {
        self.sizes.as_ref().map_or(1.0, |sizes| sizes[cell])
    }

    /// Returns the values of some cells.
    fn dense(&self, rows: &[usize]) -> Array2<f32> {
        let mut out = Array2::zeros((rows.len(), self.values.shape().1));
        for (mut out, &row) in out.rows_mut().into_iter().zip(rows) {
            match &self.values {
                Values::Sparse(values) => {
                    let (columns, values) = values.row(row);
                    for (&column, &value) in columns.iter().zip(values) {
                        out[column as usize] = value;
                    }
                }
                Values::Dense(values) => out.assign(&values.row(row)),
            }
        }
        out
    }

    /// Returns what the network reads of values.
    fn seen(&self, values: &Array2<f32>, rows: &[usize]) -> Array2<f32> {
        let mut x = values.clone();
        if self.sizes.is_some() {
            for (mut x, &row) in x.rows_mut().into_iter().zip(rows) {
                let size = self.size(row);
                x.mapv_inplace(|count| (count / size).ln_1p());
            }
        }
        x
    }

    /// Returns what the network reads of some cells.
    pub(super) fn x(&self, rows: &[usize]) -> Array2<f32> {
        self.seen(&self.dense(rows), rows)
    }
}

impl Source for Reader {
    fn len(&self) -> usize {
        self.values.shape().0
    }

    fn read(&self, rows: &[usize]) -> Result<Batch> {
        let values = self.dense(rows);
        let mut x = self.seen(&values, rows);
        if let Some(batches) = &self.batches {
            let batches = batches.select(Axis(0), rows);
            x = concatenate(Axis(1), &[x.view(), batches.view()])
                .map_err(|_| Error::shape("batches", "one for each cell", batches.shape()))?;
        }
        Batch::new(x.into_dyn(), values.into_dyn())
    }

    fn labels(&self, rows: &[usize]) -> Result<ArrayD<f32>> {
        Ok(self.dense(rows).into_dyn())
    }
}
