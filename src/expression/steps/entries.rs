//! The entries of a matrix that are not zero, cell by cell and gene by gene.

use super::super::Values;
use crate::sparse::Sparse;
use ndarray::Array2;
use rayon::prelude::*;
use std::borrow::Cow;
use std::sync::Arc;

/// Columns (or rows) and values of the entries of one cell (or gene); a value may be zero.
pub(in super::super) type Entries<'a> = (Cow<'a, [u32]>, Cow<'a, [f32]>);

/// Returns genes and values of one cell.
pub(in super::super) fn cell(values: &Values, cell: usize) -> Entries<'_> {
    match values {
        Values::Sparse(values) => {
            let (genes, values) = values.row(cell);
            (genes.into(), values.into())
        }
        Values::Dense(values) => stored(values.row(cell).iter().copied()),
    }
}

/// Changes every value; zero should stay zero, since entries that are not stored stay zero.
pub(in super::super) fn mapped(values: &Values, change: impl Fn(f32) -> f32 + Sync) -> Values {
    match values {
        Values::Sparse(values) => Values::Sparse(values.map(change)),
        Values::Dense(values) => {
            let mut values = (**values).clone();
            if let Some(values) = values.as_slice_mut() {
                values
                    .par_iter_mut()
                    .for_each(|value| *value = change(*value));
            }
            Values::from(values)
        }
    }
}

/// A matrix by genes.
pub(in super::super) enum Genes {
    /// Shape `(genes, cells)`.
    Sparse(Sparse),
    /// Shape `(cells, genes)`.
    Dense(Arc<Array2<f32>>),
}

impl Genes {
    pub(in super::super) fn new(values: &Values) -> Self {
        match values {
            Values::Sparse(values) => Self::Sparse(values.transposed()),
            Values::Dense(values) => Self::Dense(values.clone()),
        }
    }

    /// Returns how many genes there are.
    pub(in super::super) fn len(&self) -> usize {
        match self {
            Self::Sparse(values) => values.nrows(),
            Self::Dense(values) => values.ncols(),
        }
    }

    /// Returns cells, rising, and values of one gene.
    pub(in super::super) fn gene(&self, gene: usize) -> Entries<'_> {
        match self {
            Self::Sparse(values) => {
                let (cells, values) = values.row(gene);
                (cells.into(), values.into())
            }
            Self::Dense(values) => stored(values.column(gene).iter().copied()),
        }
    }

    /// Computes something of every gene from its cells and values, in the order of the genes.
    pub(in super::super) fn each<T: Send>(
        &self,
        compute: impl Fn(&[u32], &[f32]) -> T + Sync,
    ) -> Vec<T> {
        let genes = (0..self.len()).into_par_iter();
        let found = genes.map(|gene| {
            let (cells, values) = self.gene(gene);
            compute(&cells, &values)
        });
        found.collect()
    }

    /// Computes mean and variance (over `n - 1`) of every gene of `n` cells, after a change that leaves zero at zero.
    pub(in super::super) fn moments(
        &self,
        n: usize,
        change: impl Fn(f32) -> f64 + Sync,
    ) -> (Vec<f64>, Vec<f64>) {
        let found = self.each(|_, values| moments(values.iter().map(|value| change(*value)), n));
        found.into_iter().unzip()
    }
}

/// Computes mean and variance (over `n - 1`) of `n` values, of which those not given are zero.
pub(in super::super) fn moments(
    values: impl ExactSizeIterator<Item = f64> + Clone,
    n: usize,
) -> (f64, f64) {
    let zeros = n - values.len();
    let mean = values.clone().sum::<f64>() / n as f64;
    let squares: f64 = values.map(|value| (value - mean).powi(2)).sum();
    let squares = squares + zeros as f64 * mean * mean;
    (mean, squares / (n.max(2) - 1) as f64)
}

fn stored<'a>(values: impl Iterator<Item = f32>) -> Entries<'a> {
    let values = values.enumerate().filter(|(_, value)| *value != 0.0);
    let (places, values): (Vec<u32>, Vec<f32>) =
        values.map(|(place, value)| (place as u32, value)).unzip();
    (places.into(), values.into())
}

/// Undoes a natural `log1p`; the exponential alone is twice as fast where nothing cancels.
pub(in super::super) fn undone(log: f64) -> f64 {
    if log > 1e-3 {
        log.exp() - 1.0
    } else {
        log.exp_m1()
    }
}
