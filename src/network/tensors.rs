//! The weights as candle tensors, for those who differentiate or compute on their own.

use super::{Network, Pass};
use crate::random::Seed;
use crate::{Error, Result};
use candle_core::{DType, Tensor};

impl Network {
    /// Returns a weight as a tensor, by its name.
    ///
    /// # Errors
    ///
    /// Fails when there is no weight of this name.
    pub fn tensor(&self, name: &str) -> Result<Tensor> {
        Ok(self.tensors()[self.found(name)?].clone())
    }

    /// Returns the network with another tensor for one weight.
    ///
    /// With a [`Var`](candle_core::Var) there, what the network computes can be differentiated by it.
    ///
    /// # Errors
    ///
    /// Fails when there is no weight of this name, or the tensor has another shape, precision or device.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::candle_core::{Device, Tensor, Var};
    /// use genolens::network::{Architecture, Model};
    /// # fn main() -> genolens::Result<()> {
    /// let network = Architecture::features(3).dense(1).build()?;
    /// let weight = Var::from_tensor(&network.tensor("0.dense.weight")?)?;
    /// let x = Tensor::new(&[[1_f32, 2.0, 3.0]], &Device::Cpu)?;
    /// let score = network.with_tensor("0.dense.weight", &weight)?.forward(&x)?;
    /// let gradients = score.sum_all()?.backward()?;
    /// let gradient = gradients.get(&weight).map(Tensor::to_vec2::<f32>).transpose()?;
    /// assert_eq!(gradient, Some(vec![vec![1.0, 2.0, 3.0]]));
    /// # Ok(()) }
    /// ```
    pub fn with_tensor(&self, name: &str, tensor: &Tensor) -> Result<Self> {
        let place = self.found(name)?;
        let mut tensors = self.tensors().to_vec();
        let own = &tensors[place];
        if tensor.shape() != own.shape() {
            let expected = format!("{:?}", own.dims());
            let expected = expected.replace('[', "(").replace(']', ")");
            return Err(Error::shape("tensor", expected, tensor.dims()));
        }
        if tensor.dtype() != own.dtype() || !tensor.device().same_device(own.device()) {
            let says = |tensor: &Tensor| {
                format!(
                    "{} on {:?}",
                    tensor.dtype().as_str(),
                    tensor.device().location()
                )
            };
            return Err(Error::value("tensor", says(own), says(tensor)));
        }
        tensors[place] = tensor.clone();
        Ok(self.with_tensors(tensors))
    }

    /// Returns the network with weights of another precision, [`DType::F32`] or [`DType::F64`].
    ///
    /// Examples are converted to the precision of the weights on their way in.
    ///
    /// # Errors
    ///
    /// Fails for any other kind of numbers.
    pub fn to_dtype(&self, dtype: DType) -> Result<Self> {
        if !matches!(dtype, DType::F32 | DType::F64) {
            return Err(Error::value("dtype", "f32 or f64", dtype.as_str()));
        }
        let weights = self.tensors().iter();
        let weights = weights.map(|weight| Ok(weight.to_dtype(dtype)?));
        Ok(self.with_tensors(weights.collect::<Result<_>>()?))
    }

    /// Computes the raw scores `(n, outputs)` of a training step, and the network after it.
    ///
    /// Dropout silences what follows from the seed, and a batch norm uses the moments of the batch and moves its running ones, which is
    /// all that differs in the network that is returned. For a training loop of your own; `training::Fit` has one.
    ///
    /// # Errors
    ///
    /// Fails when `x` has a shape that the network cannot read.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::candle_core::{DType, Device, Tensor};
    /// use genolens::network::Architecture;
    /// # fn main() -> genolens::Result<()> {
    /// let network = Architecture::features(1).batch_norm().build()?;
    /// let x = Tensor::new(&[[1_f32], [5.0]], &Device::Cpu)?;
    /// let (_, after) = network.forward_training(&x, 1)?;
    /// assert!((after.weight("0.batch_norm.mean")?[0] - 0.3).abs() < 1e-6);
    /// # Ok(()) }
    /// ```
    pub fn forward_training(&self, x: &Tensor, seed: impl Into<Seed>) -> Result<(Tensor, Self)> {
        let mut pass = Pass::training(seed.into());
        let scores = self.score(x, &mut pass)?;
        let mut tensors = self.tensors().to_vec();
        for (place, value) in pass.into_updates() {
            tensors[place] = value;
        }
        Ok((scores, self.with_tensors(tensors)))
    }

    fn found(&self, name: &str) -> Result<usize> {
        let names = self.weight_names();
        let place = names.iter().position(|known| known == name);
        place.ok_or_else(|| Error::value("name", format!("one of {}", names.join(", ")), name))
    }
}
