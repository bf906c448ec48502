//! The largest of some numbers.

use super::real::Real;
use crate::network::is_ours;
use candle_core::{D, DType, Result, Tensor};

/// Returns the largest number along the last axis, which goes away; the gradient goes to the first that has it. NaN counts as larger than
/// any number.
///
/// Not candle's own `max`, which hands the gradient to every tie and counts it twice.
pub(crate) fn largest(x: &Tensor) -> Result<Tensor> {
    let x = x.contiguous()?;
    let place = first(&x.detach())?;
    x.gather(&place, D::Minus1)?.squeeze(D::Minus1)
}

/// Returns the first place of the largest number, the last axis having size 1.
fn first(x: &Tensor) -> Result<Tensor> {
    if is_ours(x.device()) {
        return x.argmax_keepdim(D::Minus1)?.contiguous();
    }
    // On a GPU `argmax` returns any of those that tie, and `max` may overlook what is no number.
    let infinite = Tensor::full(f32::INFINITY, x.shape(), x.device())?.to_dtype(x.dtype())?;
    let x = x.ne(x)?.where_cond(&infinite, x)?;
    let is_largest = x.broadcast_eq(&x.max_keepdim(D::Minus1)?)?;
    let size = x.dim(D::Minus1)? as u32;
    let early: Vec<u32> = (0..size).rev().map(|rank| rank + 1).collect();
    // All whole numbers up to the length of a sequence are numbers of single precision.
    let early = Tensor::from_vec(early, size as usize, x.device())?.to_dtype(DType::F32)?;
    let rank = is_largest.to_dtype(DType::F32)?.broadcast_mul(&early)?;
    rank.argmax_keepdim(D::Minus1)?.contiguous()
}

/// Returns the place of the largest number, the first of equal ones, or of the first that is not a number.
pub(crate) fn place_of_largest<T: Real>(x: &[T]) -> usize {
    let mut best = 0;
    for (place, value) in x.iter().enumerate().skip(1) {
        if *value > x[best] || (value.is_nan() && !x[best].is_nan()) {
            best = place;
        }
    }
    best
}
