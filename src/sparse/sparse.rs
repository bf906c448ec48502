//! One matrix of compressed rows.

use crate::{Input, Result};
use ndarray::{Array2, CowArray, IxDyn};
use rayon::prelude::*;
use std::fmt;
use std::sync::Arc;

/// Holds a matrix of which most entries are zero, as compressed rows (CSR); cheap to clone.
///
/// The columns of a row rise and no column is twice in a row; a stored value may be zero.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::array, sparse::Sparse};
/// # fn main() -> genolens::Result<()> {
/// let counts = Sparse::from_dense(&array![[0.0_f32, 2.0, 0.0], [1.0, 0.0, 3.0]])?;
/// assert_eq!(counts.shape(), (2, 3));
/// assert_eq!(counts.stored(), 3);
/// assert_eq!(counts.row(1), (&[0, 2][..], &[1.0, 3.0][..]));
/// assert_eq!(counts.transposed().row(2), (&[1][..], &[3.0][..]));
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct Sparse {
    pub(super) data: Arc<Data>,
}

#[derive(PartialEq)]
pub(super) struct Data {
    /// Matrices that differ in their values only share it.
    pub(super) pattern: Arc<Pattern>,
    pub(super) values: Vec<f32>,
}

/// Where entries are stored.
#[derive(PartialEq)]
pub(super) struct Pattern {
    columns: usize,
    /// Where each row begins, and where the last one ends.
    offsets: Vec<usize>,
    indices: Vec<u32>,
}

impl Sparse {
    /// Takes parts that are known to be right.
    pub(super) fn trusted(
        columns: usize,
        offsets: Vec<usize>,
        (indices, values): (Vec<u32>, Vec<f32>),
    ) -> Self {
        debug_assert_eq!(offsets.last(), Some(&indices.len()));
        let pattern = Pattern {
            columns,
            offsets,
            indices,
        };
        Self::of_pattern(Arc::new(pattern), values)
    }

    /// Takes other values, one for each stored entry.
    pub(super) fn with_values(&self, values: Vec<f32>) -> Self {
        Self::of_pattern(self.data.pattern.clone(), values)
    }

    fn of_pattern(pattern: Arc<Pattern>, values: Vec<f32>) -> Self {
        debug_assert_eq!(pattern.indices.len(), values.len());
        Self {
            data: Arc::new(Data { pattern, values }),
        }
    }

    /// Returns rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        (self.nrows(), self.ncols())
    }

    /// Returns how many rows there are.
    pub fn nrows(&self) -> usize {
        self.offsets().len() - 1
    }

    /// Returns how many columns there are.
    pub fn ncols(&self) -> usize {
        self.data.pattern.columns
    }

    /// Returns how many entries are stored.
    pub fn stored(&self) -> usize {
        self.data.values.len()
    }

    /// Returns where each row begins among the stored entries, and where the last one ends.
    pub fn offsets(&self) -> &[usize] {
        &self.data.pattern.offsets
    }

    /// Returns the column of every stored entry, row after row.
    pub fn indices(&self) -> &[u32] {
        &self.data.pattern.indices
    }

    /// Returns every stored entry, row after row.
    pub fn values(&self) -> &[f32] {
        &self.data.values
    }

    /// Returns the columns and the values that are stored of one row.
    ///
    /// # Panics
    ///
    /// Panics, as indexing does, when `row` is not below [`Sparse::nrows`].
    pub fn row(&self, row: usize) -> (&[u32], &[f32]) {
        let pattern = &*self.data.pattern;
        let range = pattern.offsets[row]..pattern.offsets[row + 1];
        (&pattern.indices[range.clone()], &self.data.values[range])
    }

    /// Returns one entry.
    ///
    /// # Panics
    ///
    /// Panics, as indexing does, when `row` is not below [`Sparse::nrows`].
    pub fn get(&self, row: usize, column: usize) -> f32 {
        let (indices, values) = self.row(row);
        let place = u32::try_from(column).map(|column| indices.binary_search(&column));
        place
            .ok()
            .and_then(std::result::Result::ok)
            .map_or(0.0, |place| values[place])
    }

    /// Returns all entries, shape `(rows, columns)`.
    pub fn dense(&self) -> Array2<f32> {
        let mut out = Array2::zeros(self.shape());
        if self.ncols() == 0 {
            return out;
        }
        let rows = out.as_slice_mut().unwrap_or_default();
        rows.par_chunks_mut(self.ncols())
            .enumerate()
            .for_each(|(row, out)| {
                let (indices, values) = self.row(row);
                for (&column, &value) in indices.iter().zip(values) {
                    out[column as usize] = value;
                }
            });
        out
    }
}

impl Input for Sparse {
    fn array(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        Ok(self.dense().into_dyn().into())
    }

    fn sparse(&self) -> Option<&Sparse> {
        Some(self)
    }
}

impl fmt::Debug for Sparse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, columns) = self.shape();
        write!(f, "Sparse({rows} x {columns}, {} stored)", self.stored())
    }
}
