//! What the other rooms know of a model.

use super::Network;
use crate::Result;
use candle_core::{Device, Tensor};

/// Anything that turns a batch of examples into raw scores.
///
/// Every method that explains, tests or uses a model works on this trait, so a model of your own gets all of them.
///
/// # Examples
///
/// ```
/// use genolens::candle_core::{Device, Tensor};
/// use genolens::network::{Model, predict};
///
/// /// Counts the first letter.
/// struct Counter;
///
/// impl Model for Counter {
///     fn forward(&self, x: &Tensor) -> genolens::Result<Tensor> {
///         Ok(x.narrow(1, 0, 1)?.sum(2)?)
///     }
///     fn device(&self) -> &Device {
///         &Device::Cpu
///     }
/// }
///
/// # fn main() -> genolens::Result<()> {
/// let x = genolens::ndarray::Array3::<f32>::ones((1, 4, 7));
/// assert_eq!(predict(&Counter, &x)?[[0, 0]], 7.0);
/// # Ok(()) }
/// ```
pub trait Model: Send + Sync {
    /// Computes raw scores (logits), shape `(n, outputs)`, in evaluation mode.
    ///
    /// Built from operations that candle can differentiate, so that gradients reach `x`.
    ///
    /// # Errors
    ///
    /// Fails when `x` has a shape that the model cannot read.
    fn forward(&self, x: &Tensor) -> Result<Tensor>;

    /// Returns where the weights are, and where `x` must be.
    fn device(&self) -> &Device;

    /// Returns the network behind the scores, if they are the outputs of one; nothing, if not told otherwise.
    ///
    /// Methods that look at layers need it, and others are faster with it.
    fn network(&self) -> Option<&Network> {
        None
    }
}

impl<M: Model + ?Sized> Model for &M {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        (**self).forward(x)
    }

    fn device(&self) -> &Device {
        (**self).device()
    }

    fn network(&self) -> Option<&Network> {
        (**self).network()
    }
}
