//! What can be explained without a look inside.

use super::{Answer, Model};
use crate::{Error, Result};
use candle_core::Device;
use ndarray::{Array2, ArrayD, ArrayView2};

/// Anything that scores a batch of examples.
///
/// Every function from rows of numbers, shape `(n, numbers)`, to scores is one; the type of its argument must be written out. It may
/// answer with one score for every row, or a row of them, and it may fail: see [`Answer`]. A function is given examples that have more
/// axes than one laid out in a row. [`ModelOutputs`](super::ModelOutputs) makes one of a model.
///
/// The score of an example must depend on nothing else: neither on chance nor on the other examples of the batch.
///
/// # Examples
///
/// ```
/// use genolens::{attribution::ExactShapley, ndarray::{Array1, ArrayView2, array}};
/// # fn main() -> genolens::Result<()> {
/// let product = |x: ArrayView2<f32>| -> Array1<f64> {
///     x.rows().into_iter().map(|row| f64::from(row[0] * row[1])).collect()
/// };
/// let found = ExactShapley::new().rows(&product, &array![[2.0_f32, 3.0]])?;
/// assert_eq!(found.values(), array![[3.0, 3.0]]);
/// # Ok(()) }
/// ```
pub trait BlackBox: Sync {
    /// Scores every example of a batch whose first axis counts them, shape `(n, outputs)`.
    ///
    /// # Errors
    ///
    /// Fails when the examples have a shape that cannot be read.
    fn scores(&self, x: &ArrayD<f32>) -> Result<Array2<f64>>;

    /// Returns where scores are computed: batches are computed side by side on the CPU, one after the other elsewhere.
    fn device(&self) -> &Device {
        &Device::Cpu
    }

    /// Returns the model behind the scores, if they are its outputs; nothing, if not told otherwise.
    ///
    /// Methods that need gradients need it, and others are faster with it.
    fn model(&self) -> Option<&dyn Model> {
        None
    }
}

impl<F, A> BlackBox for F
where
    F: Fn(ArrayView2<'_, f32>) -> A + Sync,
    A: Answer,
{
    fn scores(&self, x: &ArrayD<f32>) -> Result<Array2<f64>> {
        let n = x.shape().first().copied().unwrap_or_default().max(1);
        let rows = x.view().into_shape_with_order((n, x.len() / n));
        let rows = rows.map_err(|_| Error::shape("x", "(n, numbers)", x.shape()))?;
        self(rows).scores()
    }
}
