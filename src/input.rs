//! What a model can read: anything that turns into one array of numbers.

use crate::Result;
use crate::sparse::Sparse;
use ndarray::{Array, CowArray, Dimension, IxDyn};
use polars::prelude::DataFrame;

/// A batch of examples as one array, the first axis counting the examples.
///
/// Arrays are inputs as they are; sequences are inputs through their one-hot code, shape `(n, letters, length)`.
pub trait Input {
    /// Returns the numbers.
    ///
    /// # Errors
    ///
    /// Fails when the examples do not fit into one array, for instance sequences of unequal length.
    fn array(&self) -> Result<CowArray<'_, f32, IxDyn>>;

    /// Returns the numbers as a sparse matrix, shape `(n, features)`, where they are one.
    fn sparse(&self) -> Option<&Sparse> {
        None
    }

    /// Returns what is known of each example beside the numbers, one row each, such as the type of a cell.
    fn about(&self) -> Option<&DataFrame> {
        None
    }
}

impl<D: Dimension> Input for Array<f32, D> {
    fn array(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        Ok(self.view().into_dyn().into())
    }
}

impl<T: Input + ?Sized> Input for &T {
    fn array(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        (**self).array()
    }

    fn sparse(&self) -> Option<&Sparse> {
        (**self).sparse()
    }

    fn about(&self) -> Option<&DataFrame> {
        (**self).about()
    }
}
