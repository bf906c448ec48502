//! Labels that the positions of cells should tell.

use crate::Result;
use crate::generative::penalty::penalised;
use crate::network::{Parameter, Shape, UserLayer};
use crate::random::Seed;
use candle_core::{D, Tensor};
use candle_nn::ops::log_softmax;
use std::ops::Range;

/// Adds `weight` times the cross-entropy of labels given drawn positions, on average over the cells that have one.
#[derive(Debug)]
pub(super) struct Classifier {
    pub(super) dimensions: usize,
    /// Where the labels stand, one-hot; nothing but zeros for a cell without.
    pub(super) labels: Range<usize>,
    pub(super) weight: f64,
}

impl UserLayer for Classifier {
    fn name(&self) -> &'static str {
        "classifier"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }

    fn parameters(&self, _: Shape) -> Vec<Parameter> {
        let classes = self.labels.len();
        vec![
            Parameter::new("weight", &[classes, self.dimensions]),
            Parameter::new("bias", &[classes]).filled(0.0),
        ]
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> Result<Tensor> {
        Ok(x.clone())
    }

    fn train(&self, weights: &[Tensor], x: &Tensor, _: Seed) -> Result<Tensor> {
        let labels = x.narrow(1, self.labels.start, self.labels.len())?.detach();
        let labelled = labels.sum_all()?.to_scalar::<f32>()?;
        if labelled == 0.0 {
            return Ok(x.clone());
        }
        let z = x.narrow(1, 0, self.dimensions)?.contiguous()?;
        let scores = z.matmul(&weights[0].t()?)?.broadcast_add(&weights[1])?;
        let sum = (log_softmax(&scores, D::Minus1)? * labels)?.sum_all()?;
        Ok(penalised(
            x,
            &(sum * (-self.weight / f64::from(labelled)))?,
        )?)
    }
}
