//! Positions that gather around centres.

use crate::Result;
use crate::generative::discrepancy::squared_distances;
use crate::generative::penalty::penalised;
use crate::network::{Parameter, Shape, UserLayer};
use crate::random::Seed;
use candle_core::{D, Tensor};

/// Adds `weight` times the divergence of soft assignments to centres from their sharpened selves, on average over cells
/// (Xie et al. 2016, <https://arxiv.org/abs/1511.06335>; for cells DESC, Li et al. 2020, doi:10.1038/s41467-020-15851-3).
///
/// An assignment is Student's `1 / (1 + squared distance)`, made to sum to 1; the target is its square over the sum of the cluster, made
/// to sum to 1, over the cells that are learned from together.
#[derive(Debug)]
pub(super) struct Clusters {
    pub(super) dimensions: usize,
    /// Where the means of positions begin.
    pub(super) means: usize,
    pub(super) count: usize,
    pub(super) weight: f64,
}

/// Soft assignments of positions to centres, shape `(cells, clusters)`.
pub(super) fn assignments(z: &Tensor, centres: &Tensor) -> candle_core::Result<Tensor> {
    let distances = squared_distances(z, centres).map_err(candle_core::Error::wrap)?;
    let near = distances.affine(1.0, 1.0)?.recip()?;
    near.broadcast_div(&near.sum_keepdim(D::Minus1)?)
}

impl UserLayer for Clusters {
    fn name(&self) -> &'static str {
        "clusters"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }

    fn parameters(&self, _: Shape) -> Vec<Parameter> {
        vec![Parameter::new("centres", &[self.count, self.dimensions])]
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> Result<Tensor> {
        Ok(x.clone())
    }

    fn train(&self, weights: &[Tensor], x: &Tensor, _: Seed) -> Result<Tensor> {
        if self.weight == 0.0 {
            return Ok(x.clone());
        }
        // Of the means, which are what is shown.
        let z = x.narrow(1, self.means, self.dimensions)?.contiguous()?;
        let shares = assignments(&z, &weights[0])?;
        let fixed = shares.detach();
        let sharp = fixed
            .sqr()?
            .broadcast_div(&fixed.sum_keepdim(0)?.affine(1.0, 1e-12)?)?;
        let target = sharp.broadcast_div(&sharp.sum_keepdim(D::Minus1)?)?;
        let logs = shares.affine(1.0, 1e-12)?.log()?;
        // The rest of the divergence does not depend on positions.
        let cross = (target * logs)?.sum_all()?;
        let penalty = (cross * (-self.weight / x.dim(0)? as f64))?;
        Ok(penalised(x, &penalty)?)
    }
}
