//! Variances, which are positive.

use crate::Result;
use crate::network::{Shape, UserLayer};
use candle_core::Tensor;

/// Added to every variance of a position, as in scvi-tools.
const LEAST: f64 = 1e-4;

/// Makes variances of any numbers: `exp(x) + 1e-4`.
#[derive(Debug)]
pub(super) struct Variance;

impl UserLayer for Variance {
    fn name(&self) -> &'static str {
        "variance"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> Result<Tensor> {
        // Within what single precision can hold.
        Ok(x.clamp(-60_f32, 60_f32)?.exp()?.affine(1.0, LEAST)?)
    }
}
