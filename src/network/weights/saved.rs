//! Weights of our own in safetensors files.

use super::{Mapping, Tensors};
use crate::network::Network;
use crate::{Error, Result};
use candle_core::DType;
use safetensors::{Dtype, tensor::TensorView};
use std::path::Path;

impl Network {
    /// Writes the weights to a safetensors file.
    ///
    /// The names are those of [`weight_names`](Self::weight_names), the numbers 32-bit floats.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_at(path.as_ref())
    }

    fn save_at(&self, path: &Path) -> Result<()> {
        let mut tensors = Vec::new();
        for (name, tensor) in self.weight_names().into_iter().zip(self.tensors()) {
            let values = tensor.to_dtype(DType::F32)?;
            let values = values.flatten_all()?.to_vec1::<f32>()?;
            let bytes: Vec<u8> = values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect();
            tensors.push((name, tensor.dims().to_vec(), bytes));
        }
        let views = tensors
            .iter()
            .map(|(name, shape, bytes)| {
                let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
                Ok((name.as_str(), view.map_err(candle_core::Error::wrap)?))
            })
            .collect::<Result<Vec<_>>>()?;
        let bytes = safetensors::serialize(views, None).map_err(candle_core::Error::wrap)?;
        std::fs::write(path, bytes).map_err(|source| Error::write(path, source))
    }

    /// Reads weights with the names of our own from a file into a network with these layers.
    ///
    /// That is what [`save`](Self::save) wrote; for files of others there is [`load_tensors`](Self::load_tensors).
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read or is not complete, or when a tensor is missing, unknown, of the wrong shape or not finite; the
    /// message names the file and the tensor.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::network;
    /// # fn main() -> genolens::Result<()> {
    /// let path = std::env::temp_dir().join("genolens_doc_weights.safetensors");
    /// let network = network::deepbind(4).with_seed(7)?;
    /// network.save(&path)?;
    /// let copy = network::deepbind(4).load(&path)?;
    /// assert_eq!(copy.filters()?, network.filters()?);
    /// # std::fs::remove_file(path).ok();
    /// # Ok(()) }
    /// ```
    pub fn load(&self, path: impl AsRef<Path>) -> Result<Self> {
        self.load_from(path.as_ref())
    }

    fn load_from(&self, path: &Path) -> Result<Self> {
        let tensors = Tensors::read(path)?;
        Ok(self
            .load_tensors(&tensors, &Mapping::by_name().strict())?
            .network)
    }
}
