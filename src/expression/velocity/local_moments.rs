//! Means and variances over the neighbours of a cell.

use crate::embedding::Neighbors;
use crate::expression::{Cells, Values};
use crate::progress;
use crate::sparse::Sparse;
use crate::{Error, Result};
use ndarray::Array2;
use rayon::prelude::*;
use std::borrow::Cow;

/// Averages spliced and unspliced counts over neighbours: adds the layers `Ms` and `Mu`, dense, shape `(cells, genes)`.
///
/// A cell counts as one of its own neighbours; all that it is connected with weigh the same. As scVelo's `pp.moments`, checked to 1e-6.
///
/// # Errors
///
/// Fails when a layer `spliced` or `unspliced` is missing or not finite, or `neighbors` are those of other cells.
///
/// # Examples
///
/// ```
/// use genolens::{embedding, expression, simulate};
/// # fn main() -> genolens::Result<()> {
/// let cells = simulate::differentiation(60, 1)?;
/// let neighbors = embedding::neighbors(&cells)?;
/// let smooth = expression::moments(&cells, &neighbors)?;
/// assert_eq!(smooth.layer("Ms")?.shape(), (60, 300));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Bergen et al. 2020, <https://doi.org/10.1038/s41587-020-0591-3>.
pub fn moments(cells: &Cells, neighbors: &Neighbors) -> Result<Cells> {
    let moments = LocalMoments::new();
    let spliced = moments.mean(cells.layer("spliced")?, neighbors)?;
    let unspliced = moments.mean(cells.layer("unspliced")?, neighbors)?;
    cells.with_layer("Ms", spliced)?.with_layer("Mu", unspliced)
}

/// Averages values over the neighbours of each cell, itself counted.
///
/// # Examples
///
/// ```
/// use genolens::{embedding::Neighbors, expression::{LocalMoments, Values}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let pairs = Neighbors::new(&array![[1], [0], [3], [2]], &array![[1.0], [1.0], [1.0], [1.0]])?;
/// let values = Values::from(array![[1.0_f32], [3.0], [5.0], [5.0]]);
/// assert_eq!(LocalMoments::new().mean(&values, &pairs)?, array![[2.0], [2.0], [5.0], [5.0]]);
/// assert_eq!(LocalMoments::new().variance(&values, &pairs)?, array![[1.0], [1.0], [0.0], [0.0]]);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalMoments {
    nearest: bool,
}

impl LocalMoments {
    /// Starts from the default: over all cells that one is connected with, in either direction.
    pub fn new() -> Self {
        Self { nearest: false }
    }

    /// Sets whether only the nearest count, of which every cell has the same number.
    pub fn nearest(mut self, nearest: bool) -> Self {
        self.nearest = nearest;
        self
    }

    /// Computes means of `values`, shape `(cells, genes)`, in the same shape.
    ///
    /// # Errors
    ///
    /// Fails when `neighbors` are those of other cells, and for values that are not finite.
    pub fn mean(&self, values: &Values, neighbors: &Neighbors) -> Result<Array2<f32>> {
        let values = sparse(values)?;
        self.averaged(&values, neighbors)
    }

    /// Computes variances, the mean of squares less the square of the mean.
    ///
    /// # Errors
    ///
    /// As [`mean`](Self::mean).
    pub fn variance(&self, values: &Values, neighbors: &Neighbors) -> Result<Array2<f32>> {
        let values = sparse(values)?;
        let squares = self.averaged(&values.map(|value| value * value), neighbors)?;
        let mean = self.averaged(&values, neighbors)?;
        Ok(squares - &mean * &mean)
    }

    pub(super) fn averaged(&self, values: &Sparse, neighbors: &Neighbors) -> Result<Array2<f32>> {
        let (cells, genes) = values.shape();
        check(neighbors, cells)?;
        let mut out = Array2::zeros((cells, genes));
        if genes == 0 {
            return Ok(out);
        }
        let graph = if self.nearest {
            neighbors.distances()
        } else {
            neighbors.connectivities()
        };
        let rows = out.as_slice_mut().unwrap_or_default();
        rows.par_chunks_mut(genes)
            .enumerate()
            .try_for_each(|(cell, out)| -> Result<()> {
                progress::check("moments", cell, cells)?;
                let mut sums = vec![0.0_f64; genes];
                let near = around(graph, cell);
                let count = near.len() as f64;
                for near in near {
                    let (indices, values) = values.row(near as usize);
                    for (&gene, &value) in indices.iter().zip(values) {
                        sums[gene as usize] += f64::from(value);
                    }
                }
                for (out, sum) in out.iter_mut().zip(sums) {
                    *out = (sum / count) as f32;
                }
                Ok(())
            })?;
        Ok(out)
    }
}

impl Default for LocalMoments {
    fn default() -> Self {
        Self::new()
    }
}

/// Returns the cells that one is connected with, and itself as the last.
pub(super) fn around(graph: &Sparse, cell: usize) -> Vec<u32> {
    let (near, weights) = graph.row(cell);
    let near = near.iter().zip(weights);
    let near = near.filter(|(near, weight)| **weight > 0.0 && **near as usize != cell);
    near.map(|(near, _)| *near).chain([cell as u32]).collect()
}

pub(super) fn check(neighbors: &Neighbors, cells: usize) -> Result<()> {
    if neighbors.len() == cells {
        return Ok(());
    }
    Err(Error::value(
        "neighbors",
        format!("those of {cells} cells"),
        format!("of {} cells", neighbors.len()),
    ))
}

/// Returns values as compressed rows, once they are known to be finite.
pub(super) fn sparse(values: &Values) -> Result<Cow<'_, Sparse>> {
    let values = match values {
        Values::Sparse(values) => Cow::Borrowed(values),
        Values::Dense(values) => Cow::Owned(Sparse::from_dense(values)?),
    };
    match values.values().iter().find(|value| !value.is_finite()) {
        Some(value) => Err(Error::value("values", "finite", value)),
        None => Ok(values),
    }
}
