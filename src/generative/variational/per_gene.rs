//! Numbers that belong to genes alone.

use crate::Result;
use crate::network::{Parameter, Shape, UserLayer, repeat};
use candle_core::Tensor;

/// Says the same numbers, one for each gene, of every cell.
#[derive(Debug)]
pub(super) struct PerGene(pub(super) usize);

impl UserLayer for PerGene {
    fn name(&self) -> &'static str {
        "per_gene"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        match input {
            Shape::Features(_) => Ok(Shape::Features(self.0)),
            _ => Err("(n, features)".into()),
        }
    }

    fn parameters(&self, _: Shape) -> Vec<Parameter> {
        vec![Parameter::new("value", &[self.0]).filled(0.0)]
    }

    fn forward(&self, weights: &[Tensor], x: &Tensor) -> Result<Tensor> {
        Ok(repeat(&weights[0], x.dim(0)?)?)
    }
}
