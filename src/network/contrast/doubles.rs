//! Numbers in double precision.

use candle_core::{DType, Result, Tensor};

/// Copies the numbers of a tensor.
pub(crate) fn doubles(x: &Tensor) -> Result<Vec<f64>> {
    x.to_dtype(DType::F64)?.flatten_all()?.to_vec1()
}
