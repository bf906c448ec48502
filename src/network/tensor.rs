//! The one exchange between arrays and tensors.

use crate::{Error, Input, Result};
use candle_core::{DType, Device, Tensor};
use ndarray::{ArrayD, ArrayView, Dimension, IxDyn};

/// Copies examples into a tensor on a device.
///
/// # Errors
///
/// Fails when the examples do not fit into one array or the device has no room.
///
/// # Examples
///
/// ```
/// use genolens::{candle_core::Device, ndarray::array, network};
/// # fn main() -> genolens::Result<()> {
/// let x = array![[1.0_f32, 2.0], [3.0, 4.0]];
/// let tensor = network::to_tensor(&x, &Device::Cpu)?;
/// assert_eq!(network::to_array(&tensor)?, x.into_dyn());
/// # Ok(()) }
/// ```
pub fn to_tensor(x: &dyn Input, device: &Device) -> Result<Tensor> {
    view_to_tensor(&x.array()?.view(), device)
}

/// Copies a tensor into an array of the same shape.
///
/// # Errors
///
/// Fails when the tensor does not hold numbers.
pub fn to_array(tensor: &Tensor) -> Result<ArrayD<f32>> {
    let values = tensor
        .to_dtype(DType::F32)?
        .flatten_all()?
        .to_vec1::<f32>()?;
    ArrayD::from_shape_vec(IxDyn(tensor.dims()), values)
        .map_err(|_| Error::shape("tensor", "as many numbers as its shape says", tensor.dims()))
}

/// Copies a tensor into an array with this number of axes.
pub(crate) fn to_dimension<D: Dimension>(tensor: &Tensor) -> Result<ndarray::Array<f32, D>> {
    to_array(tensor)?.into_dimensionality().map_err(|_| {
        let axes = D::NDIM.unwrap_or_default();
        Error::shape("output", format!("{axes} axes"), tensor.dims())
    })
}

pub(crate) fn view_to_tensor<D: Dimension>(
    x: &ArrayView<'_, f32, D>,
    device: &Device,
) -> Result<Tensor> {
    let values: Vec<f32> = match x.as_slice() {
        Some(slice) => slice.to_vec(),
        None => x.iter().copied().collect(),
    };
    Ok(Tensor::from_vec(values, x.shape(), device)?)
}
