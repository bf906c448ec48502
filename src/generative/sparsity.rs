//! A pull of every unit of the code towards silence.

use super::penalty::penalised;
use crate::Result;
use crate::network::{Shape, UserLayer};
use crate::random::Seed;
use candle_core::Tensor;

/// Adds `weight * mean over cells of sum |code|` to what training makes small.
#[derive(Debug)]
pub(super) struct Sparsity(pub(super) f64);

impl UserLayer for Sparsity {
    fn name(&self) -> &'static str {
        "sparsity"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> Result<Tensor> {
        Ok(x.clone())
    }

    fn train(&self, _: &[Tensor], x: &Tensor, _: Seed) -> Result<Tensor> {
        // The slope of a size is the sign, 0 at 0.
        let sizes = (x * x.sign()?.detach())?;
        let weight = self.0 / x.dim(0)? as f64;
        Ok(penalised(x, &(sizes.sum_all()? * weight)?)?)
    }

    fn is_linear(&self) -> bool {
        true
    }
}
