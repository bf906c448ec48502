//! A model as a black box.

use super::{BlackBox, Model, to_array, to_tensor};
use crate::{Error, Result};
use candle_core::Device;
use ndarray::{Array2, ArrayD, Ix2};

/// The outputs of a model, for methods that take any function of a batch.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::ArrayD, network::{self, BlackBox, ModelOutputs}};
/// # fn main() -> genolens::Result<()> {
/// let outputs = ModelOutputs(network::deepbind(4));
/// assert_eq!(outputs.scores(&ArrayD::zeros(vec![3, 4, 30]))?.dim(), (3, 1));
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ModelOutputs<M>(pub M);

impl<M: Model> BlackBox for ModelOutputs<M> {
    fn scores(&self, x: &ArrayD<f32>) -> Result<Array2<f64>> {
        let out = self.0.forward(&to_tensor(x, self.0.device())?)?;
        let scores = to_array(&out)?.into_dimensionality::<Ix2>();
        let scores =
            scores.map_err(|_| Error::shape("output of the model", "(n, outputs)", out.dims()))?;
        Ok(scores.mapv(f64::from))
    }

    fn device(&self) -> &Device {
        self.0.device()
    }

    fn model(&self) -> Option<&dyn Model> {
        Some(&self.0)
    }
}
