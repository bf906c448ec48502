//! Weights in safetensors files; hostile until read.

use super::tensor::view_to_tensor;
use super::{Model, Network};
use crate::{Error, Result};
use candle_core::DType;
use ndarray::{ArrayView, IxDyn};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use std::collections::HashMap;
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

    /// Reads weights from a safetensors file into a network with these layers.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read or is not complete, or when a tensor is missing, unknown, of the wrong shape or type,
    /// or not finite; the message names the file and the tensor.
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
        let bytes = std::fs::read(path).map_err(|source| Error::read(path, source))?;
        let file = SafeTensors::deserialize(&bytes).map_err(|problem| {
            let text = problem.to_string();
            let first = text.lines().next().unwrap_or_default();
            let got = format!("{} bytes that are not ({first})", bytes.len());
            Error::value(
                &path.display().to_string(),
                "a complete safetensors file",
                got,
            )
        })?;
        let names = self.weight_names();
        let mut found: HashMap<String, TensorView<'_>> = file.tensors().into_iter().collect();
        let mut weights = Vec::new();
        for (name, own) in names.iter().zip(self.tensors()) {
            let argument = format!("{}: tensor {name}", path.display());
            let Some(view) = found.remove(name) else {
                let expected = format!("present, shape {:?}", own.dims());
                return Err(Error::value(&argument, expected, "missing"));
            };
            if view.dtype() != Dtype::F32 {
                let got = format!("{:?}", view.dtype());
                return Err(Error::value(&argument, "32-bit floats (F32)", got));
            }
            if view.shape() != own.dims() {
                let expected = format!("{:?}", own.dims())
                    .replace('[', "(")
                    .replace(']', ")");
                return Err(Error::shape(&argument, expected, view.shape()));
            }
            let values: Vec<f32> = view
                .data()
                .chunks_exact(4)
                .map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
                .collect();
            if let Some(value) = values.iter().find(|value| !value.is_finite()) {
                return Err(Error::value(&argument, "finite", value));
            }
            let view = ArrayView::from_shape(IxDyn(own.dims()), &values)
                .map_err(|_| Error::shape(&argument, "one that fits its data", own.dims()))?;
            weights.push(view_to_tensor(&view, self.device())?);
        }
        if let Some(name) = found.keys().min() {
            let argument = format!("{}: tensor {name}", path.display());
            let expected = format!("one of {}", names.join(", "));
            return Err(Error::value(&argument, expected, "unknown"));
        }
        Ok(self.with_tensors(weights))
    }
}
