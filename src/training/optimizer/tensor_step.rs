//! A step of an optimiser on another device: nothing leaves it.

use candle_core::{DType, Result, Tensor};

/// What an optimiser is given for one weight tensor at one step; as [`Step`](super::update::Step), where the numbers are on a GPU.
pub(crate) struct TensorStep<'a> {
    pub(super) number: u64,
    pub(super) rate: f64,
    pub(super) decay: f64,
    pub(super) momentum: Option<f64>,
    pub(super) weight: &'a Tensor,
    /// Slopes, clipped.
    pub(super) gradient: &'a Tensor,
    pub(super) memory: &'a mut [Tensor],
}

impl TensorStep<'_> {
    /// Returns the slopes with a share of the weights added.
    pub(super) fn pulled(&self, decay: f64) -> Result<Tensor> {
        if decay == 0.0 {
            return Ok(self.gradient.clone());
        }
        self.gradient + self.weight.affine(decay, 0.0)?
    }

    pub(super) fn unchanged(&self) -> Result<Tensor> {
        self.weight.copy()
    }
}

/// Clips slopes: all by this factor, and each to this size.
pub(super) fn clip(gradient: &Tensor, scale: f64, most: Option<f64>) -> Result<Tensor> {
    let mut clipped = gradient.clone();
    if scale != 1.0 {
        clipped = clipped.affine(scale, 0.0)?;
    }
    match most {
        Some(most) => clipped.clamp(-most, most),
        None => Ok(clipped),
    }
}

/// Shortens rows that are longer than allowed, as `torch.renorm`.
pub(super) fn shorten(weight: &Tensor, most: f64) -> Result<Tensor> {
    let rows = weight.flatten_from(1)?;
    let norms = rows.to_dtype(DType::F64)?.sqr()?.sum_keepdim(1)?.sqrt()?;
    let factors = (norms.affine(1.0, 1e-7)?.recip()? * most)?;
    let factors = norms
        .gt(most)?
        .where_cond(&factors, &factors.ones_like()?)?;
    let factors = factors.to_dtype(weight.dtype())?;
    rows.broadcast_mul(&factors)?.reshape(weight.shape())
}

/// Adds up the squares of all numbers of some tensors on one device, in double precision.
pub(super) fn squares<'a>(tensors: impl Iterator<Item = &'a Tensor>) -> Result<f64> {
    let sums = tensors
        .map(|tensor| tensor.to_dtype(DType::F64)?.sqr()?.sum_all())
        .collect::<Result<Vec<_>>>()?;
    if sums.is_empty() {
        return Ok(0.0);
    }
    // One question to the device, not one for each tensor.
    Tensor::stack(&sums, 0)?.sum_all()?.to_scalar()
}
