//! Outputs that are expression: never negative, and with the total that the real cells have.

use crate::Result;
use crate::network::{Shape, UserLayer};
use candle_core::Tensor;

/// Rectifies, so that a gene can be absent, then gives every cell the same total and takes the logarithm that the real cells have.
#[derive(Debug)]
pub(super) struct Library {
    /// The total before the logarithm, where all cells have the same.
    pub(super) total: Option<f64>,
    /// The base of the logarithm of one plus the values, where one was taken.
    pub(super) base: Option<f64>,
}

impl UserLayer for Library {
    fn name(&self) -> &'static str {
        "library"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        match input {
            Shape::Features(_) => Ok(input),
            _ => Err("(n, features)".into()),
        }
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> Result<Tensor> {
        let x = x.relu()?;
        let Some(total) = self.total else {
            return Ok(x);
        };
        // A cell of which every gene is absent has no total to divide by.
        let sums = x.sum_keepdim(1)?.affine(1.0 / total, 1e-12)?;
        let x = x.broadcast_div(&sums)?;
        match self.base {
            Some(base) => Ok(x.affine(1.0, 1.0)?.log()?.affine(1.0 / base.ln(), 0.0)?),
            None => Ok(x),
        }
    }
}
