//! The entries of a matrix that are not zero, cell by cell and gene by gene.

use super::super::Values;
use crate::sparse::Sparse;
use ndarray::Array2;
use rayon::prelude::*;
use std::borrow::Cow;

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

/// Changes all values, piece by piece; zero should stay zero, since entries that are not stored stay zero.
pub(in super::super) fn mapped(values: &Values, change: impl Fn(&mut [f32]) + Sync) -> Values {
    match values {
        Values::Sparse(values) => Values::Sparse(values.map_pieces(change)),
        Values::Dense(values) => {
            let mut values = (**values).clone();
            if let Some(values) = values.as_slice_mut() {
                values.par_chunks_mut(BLOCK).for_each(&change);
            }
            Values::from(values)
        }
    }
}

/// A matrix by genes.
pub(in super::super) enum Genes {
    /// Shape `(genes, cells)`.
    Sparse(Sparse),
    /// Shape `(genes, cells)`.
    Dense(Array2<f32>),
}

impl Genes {
    pub(in super::super) fn new(values: &Values) -> Self {
        match values {
            Values::Sparse(values) => Self::Sparse(values.transposed()),
            Values::Dense(values) => Self::Dense(turned(values)),
        }
    }

    /// Returns how many genes there are.
    pub(in super::super) fn len(&self) -> usize {
        match self {
            Self::Sparse(values) => values.nrows(),
            Self::Dense(values) => values.nrows(),
        }
    }

    /// Returns cells, rising, and values of one gene.
    pub(in super::super) fn gene(&self, gene: usize) -> Entries<'_> {
        match self {
            Self::Sparse(values) => {
                let (cells, values) = values.row(gene);
                (cells.into(), values.into())
            }
            Self::Dense(values) => stored(values.row(gene).iter().copied()),
        }
    }
}

/// How many genes are turned together: neighbours in memory.
const LINE: usize = 16;

/// Swaps cells and genes.
fn turned(values: &Array2<f32>) -> Array2<f32> {
    let (n, genes) = values.dim();
    let mut out = Array2::zeros((genes, n));
    let lines = out.as_slice_mut().unwrap_or_default();
    let lines = lines.par_chunks_mut((LINE * n).max(1)).enumerate();
    lines.for_each(|(line, out)| {
        for (cell, row) in values.rows().into_iter().enumerate() {
            let row = row.into_iter().skip(line * LINE);
            for (out, value) in out.chunks_exact_mut(n).zip(row) {
                out[cell] = *value;
            }
        }
    });
    out
}

/// How many values of a dense matrix are changed together.
const BLOCK: usize = 1 << 16;

/// How many blocks of cells are summed up on their own; fixed, so that the sums do not depend on the threads.
const BLOCKS: usize = 32;

/// Computes mean and variance (over `n - 1`) of every gene, after a change that leaves zero at zero.
pub(in super::super) fn moments(
    values: &Values,
    change: impl Fn(f32) -> f64 + Sync,
) -> (Vec<f64>, Vec<f64>) {
    let n = values.shape().0 as f64;
    let (sums, squares) = sums(values, |_, value| {
        let value = change(value);
        [value, value * value]
    });
    let means: Vec<f64> = sums.iter().map(|sum| sum / n).collect();
    let over = n.max(2.0) - 1.0;
    // Where the mean is far larger than the spread, the difference of two large numbers says little.
    let spread = |gene: usize| squares[gene] - sums[gene] * means[gene];
    if (0..means.len()).all(|gene| squares[gene] == 0.0 || spread(gene) > squares[gene] * 1e-6) {
        let variances = (0..means.len()).map(|gene| spread(gene) / over).collect();
        return (means, variances);
    }
    let (away, stored) = self::sums(values, |gene, value| {
        [(change(value) - means[gene]).powi(2), 1.0]
    });
    let variance = |gene: usize| {
        let square = means[gene].powi(2);
        let variance = (away[gene] + (n - stored[gene]) * square) / over;
        // What rounding of the mean leaves of a constant gene; single-precision values that differ do so by more.
        if variance > square * 1e-22 {
            variance
        } else {
            0.0
        }
    };
    let variances = (0..means.len()).map(variance).collect();
    (means, variances)
}

/// Sums up two numbers of every stored value of every gene, in the same order for any number of threads.
pub(in super::super) fn sums(
    values: &Values,
    numbers: impl Fn(usize, f32) -> [f64; 2] + Sync,
) -> (Vec<f64>, Vec<f64>) {
    let (n, genes) = values.shape();
    let size = n.div_ceil(BLOCKS).max(1);
    let blocks = (0..n.div_ceil(size)).into_par_iter().map(|block| {
        let mut sums = vec![[0.0; 2]; genes];
        for place in block * size..n.min((block + 1) * size) {
            let (genes, values) = cell(values, place);
            for (gene, value) in genes.iter().zip(values.iter()) {
                let gene = *gene as usize;
                let [a, b] = numbers(gene, *value);
                let [first, second] = &mut sums[gene];
                *first += a;
                *second += b;
            }
        }
        sums
    });
    let blocks: Vec<Vec<[f64; 2]>> = blocks.collect();
    let sum =
        |gene: usize, place: usize| blocks.iter().map(|block| block[gene][place]).sum::<f64>();
    (0..genes).map(|gene| (sum(gene, 0), sum(gene, 1))).unzip()
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
