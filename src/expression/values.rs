//! A matrix of cells by genes, sparse or dense.

use crate::sparse::Sparse;
use crate::{Input, Result};
use ndarray::{Array1, Array2, CowArray, IxDyn};
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// Holds a matrix of cells by genes, as it came: sparse or dense; cheap to clone.
#[derive(Clone, PartialEq)]
pub enum Values {
    /// Few entries are not zero.
    Sparse(Sparse),
    /// Every entry is stored, shape `(cells, genes)`.
    Dense(Arc<Array2<f32>>),
}

impl Values {
    /// Returns cells and genes.
    pub fn shape(&self) -> (usize, usize) {
        match self {
            Self::Sparse(values) => values.shape(),
            Self::Dense(values) => values.dim(),
        }
    }

    /// Returns all entries, shape `(cells, genes)`.
    pub fn dense(&self) -> Cow<'_, Array2<f32>> {
        match self {
            Self::Sparse(values) => Cow::Owned(values.dense()),
            Self::Dense(values) => Cow::Borrowed(values),
        }
    }

    /// Returns the entries that are stored, row by row: those of a sparse matrix that are not left out, all of a dense one.
    pub(crate) fn stored(&self) -> Cow<'_, [f32]> {
        match self {
            Self::Sparse(values) => Cow::Borrowed(values.values()),
            Self::Dense(values) => match values.as_slice() {
                Some(values) => Cow::Borrowed(values),
                // A matrix that was built elsewhere may lie in memory column by column.
                None => Cow::Owned(values.iter().copied().collect()),
            },
        }
    }

    /// Returns one gene over all cells.
    ///
    /// # Panics
    ///
    /// Panics, as indexing does, when there are fewer genes.
    pub fn column(&self, gene: usize) -> Array1<f32> {
        match self {
            Self::Sparse(values) => {
                assert!(
                    gene < values.ncols(),
                    "no gene {gene} among {}",
                    values.ncols()
                );
                (0..values.nrows())
                    .map(|cell| values.get(cell, gene))
                    .collect()
            }
            Self::Dense(values) => values.column(gene).to_owned(),
        }
    }

    /// Takes some cells in the order given.
    ///
    /// # Errors
    ///
    /// Fails when a cell is named that is not there.
    pub fn select_rows(&self, cells: &[usize]) -> Result<Self> {
        Ok(match self {
            Self::Sparse(values) => Self::Sparse(values.select_rows(cells)?),
            Self::Dense(values) => {
                below("cells", cells, values.nrows())?;
                Self::from(values.select(ndarray::Axis(0), cells))
            }
        })
    }

    /// Takes some genes in the order given, each once.
    ///
    /// # Errors
    ///
    /// Fails when a gene is named that is not there, or twice.
    pub fn select_columns(&self, genes: &[usize]) -> Result<Self> {
        Ok(match self {
            Self::Sparse(values) => Self::Sparse(values.select_columns(genes)?),
            Self::Dense(values) => {
                below("genes", genes, values.ncols())?;
                Self::from(values.select(ndarray::Axis(1), genes))
            }
        })
    }
}

pub(super) fn below(argument: &str, places: &[usize], size: usize) -> Result<()> {
    match places.iter().find(|place| **place >= size) {
        Some(place) => Err(crate::Error::value(
            argument,
            format!("places below {size}"),
            place,
        )),
        None => Ok(()),
    }
}

impl From<Array2<f32>> for Values {
    fn from(values: Array2<f32>) -> Self {
        if values.is_standard_layout() {
            return Self::Dense(Arc::new(values));
        }
        Self::Dense(Arc::new(values.as_standard_layout().into_owned()))
    }
}

impl From<Sparse> for Values {
    fn from(values: Sparse) -> Self {
        Self::Sparse(values)
    }
}

impl Input for Values {
    fn array(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        match self {
            Self::Sparse(values) => Ok(values.dense().into_dyn().into()),
            Self::Dense(values) => Ok(values.view().into_dyn().into()),
        }
    }

    fn sparse(&self) -> Option<&Sparse> {
        match self {
            Self::Sparse(values) => Some(values),
            Self::Dense(_) => None,
        }
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sparse(values) => values.fmt(f),
            Self::Dense(values) => write!(f, "Dense({} x {})", values.nrows(), values.ncols()),
        }
    }
}
