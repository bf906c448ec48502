//! What examples are taught.

use crate::Result;
use ndarray::{Array, ArrayView1, CowArray, Dimension, IxDyn};

/// The labels of a batch of examples as one array, the first axis counting the examples.
///
/// Shape `(n)` for one task, `(n, tasks)` for several, `(n, strands, positions)` for profiles. Arrays of any number of axes and
/// plain vectors are labels as they are, and so are columns of a polars frame, in which a null is a missing label (NaN); a type of your
/// own is, once it tells its numbers.
///
/// # Examples
///
/// ```
/// use genolens::ndarray::{Array2, array};
/// use genolens::{network::Architecture, training};
/// # fn main() -> genolens::Result<()> {
/// // Two tasks: which of the features is larger, and whether both are small.
/// let x = Array2::from_shape_fn((60, 2), |(i, j)| ((i * 7 + j * 3) % 10) as f32 / 10.0);
/// let labels = Array2::from_shape_fn((60, 2), |(i, task)| {
///     let is_so = if task == 0 { x[[i, 0]] > x[[i, 1]] } else { x[[i, 0]] + x[[i, 1]] < 0.8 };
///     if is_so { 1.0 } else { 0.0 }
/// });
/// let trained = training::fit(&Architecture::features(2).dense(2).build()?, &x, &labels)?;
/// assert_eq!(trained.history().validation_tasks("auroc")?.ncols(), 2);
/// # Ok(()) }
/// ```
pub trait Labels {
    /// Returns the numbers.
    ///
    /// # Errors
    ///
    /// Fails when the labels do not fit into one array.
    fn labels(&self) -> Result<CowArray<'_, f32, IxDyn>>;
}

impl<D: Dimension> Labels for Array<f32, D> {
    fn labels(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        Ok(self.view().into_dyn().into())
    }
}

impl Labels for Vec<f32> {
    fn labels(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        Ok(ArrayView1::from(self.as_slice()).into_dyn().into())
    }
}

impl<T: Labels + ?Sized> Labels for &T {
    fn labels(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        (**self).labels()
    }
}
