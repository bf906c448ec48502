//! Spliced and unspliced counts made ready.

use super::local_moments::sparse;
use crate::distribution::order::quantile;
use crate::expression::{Cells, Values};
use crate::sparse::Sparse;
use crate::{Error, Result};

/// Chooses genes with enough counts of both kinds and brings every cell to the same depth, for each kind on its own.
///
/// Depth is counted before genes are chosen; cells are brought to the median depth. Values become the normalised spliced counts: take
/// their logarithms before variable genes and components are computed. As scVelo's `pp.filter_and_normalize`.
///
/// # Examples
///
/// ```
/// use genolens::{expression::SplicedCounts, simulate};
/// # fn main() -> genolens::Result<()> {
/// let cells = simulate::differentiation(200, 1)?;
/// let ready = SplicedCounts::new().shared_counts(500).run(&cells)?;
/// assert!(ready.shape().1 < cells.shape().1);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Bergen et al. 2020, <https://doi.org/10.1038/s41587-020-0591-3>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplicedCounts {
    shared: usize,
}

impl SplicedCounts {
    /// Starts from the default: genes with 20 counts or more in cells that have counts of both kinds.
    pub fn new() -> Self {
        Self { shared: 20 }
    }

    /// Sets how many counts a gene needs, of both kinds together, in cells that have counts of both.
    pub fn shared_counts(mut self, least: usize) -> Self {
        self.shared = least;
        self
    }

    /// Normalises the layers `spliced` and `unspliced` of `cells`, shape `(cells, genes)`.
    ///
    /// # Errors
    ///
    /// Fails when a layer is missing, a count is negative or not finite, or no gene has enough counts.
    pub fn run(&self, cells: &Cells) -> Result<Cells> {
        let spliced = sparse(cells.layer("spliced")?)?;
        let unspliced = sparse(cells.layer("unspliced")?)?;
        for (name, layer) in [("spliced", &spliced), ("unspliced", &unspliced)] {
            if let Some(value) = layer.values().iter().find(|value| **value < 0.0) {
                return Err(Error::value(name, "counts of at least 0", value));
            }
        }
        let mut shared = vec![0.0_f64; spliced.ncols()];
        for cell in 0..spliced.nrows() {
            let (genes, counts) = spliced.row(cell);
            for (&gene, &count) in genes.iter().zip(counts) {
                let other = unspliced.get(cell, gene as usize);
                if count > 0.0 && other > 0.0 {
                    shared[gene as usize] += f64::from(count) + f64::from(other);
                }
            }
        }
        let genes: Vec<usize> = (0..shared.len())
            .filter(|gene| shared[*gene] >= self.shared as f64)
            .collect();
        if genes.is_empty() {
            let expected = "at most what some gene has in cells with counts of both kinds";
            return Err(Error::value("shared_counts", expected, self.shared));
        }
        let spliced = normal(&spliced)?.select_columns(&genes)?;
        let unspliced = normal(&unspliced)?.select_columns(&genes)?;
        let chosen = cells
            .select_genes(&genes)?
            .with_values(Values::from(spliced.clone()))?;
        chosen
            .with_layer("spliced", spliced)?
            .with_layer("unspliced", unspliced)
    }
}

impl Default for SplicedCounts {
    fn default() -> Self {
        Self::new()
    }
}

/// Brings rows to the median sum; empty ones stay empty.
fn normal(counts: &Sparse) -> Result<Sparse> {
    let sums = counts.row_sums();
    let median = match quantile(sums.to_vec(), 0.5) {
        median if median > 0.0 => median,
        _ => 1.0,
    };
    let factor = |sum: &f64| {
        if *sum > 0.0 {
            (median / sum) as f32
        } else {
            1.0
        }
    };
    counts.scale_rows(&sums.iter().map(factor).collect::<Vec<f32>>())
}
