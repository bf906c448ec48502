//! Batches that should lie alike.

use crate::Result;
use crate::generative::penalty::penalised;
use crate::network::{Shape, UserLayer};
use crate::random::Seed;
use candle_core::{D, Tensor};
use std::ops::Range;

/// Widths of the kernels, as multiples of the mean squared distance.
const WIDTHS: [f64; 3] = [0.25, 1.0, 4.0];

/// Adds `weight` times the maximum mean discrepancy, squared, between the positions of every batch and those of all other cells, summed
/// over batches; Gaussian kernels of three widths around the mean squared distance (Gretton et al. 2012,
/// <https://jmlr.org/papers/v13/gretton12a.html>; as a layer Amodio et al. 2019, doi:10.1038/s41592-019-0576-7).
#[derive(Debug)]
pub(super) struct Discrepancy {
    pub(super) dimensions: usize,
    pub(super) batches: Range<usize>,
    pub(super) weight: f64,
}

impl UserLayer for Discrepancy {
    fn name(&self) -> &'static str {
        "discrepancy"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> Result<Tensor> {
        Ok(x.clone())
    }

    fn train(&self, _: &[Tensor], x: &Tensor, _: Seed) -> Result<Tensor> {
        let batches = x.narrow(1, self.batches.start, self.batches.len())?;
        let batches = batches.detach().to_vec2::<f32>()?;
        let n = batches.len();
        // Each column compares a batch with the rest: 1 / its size for its cells, -1 / theirs for the others.
        let mut contrasts = vec![0.0_f32; n * self.batches.len()];
        for batch in 0..self.batches.len() {
            let own = batches.iter().filter(|row| row[batch] > 0.0).count();
            if own == 0 || own == n {
                continue;
            }
            for (cell, row) in batches.iter().enumerate() {
                contrasts[cell * self.batches.len() + batch] = if row[batch] > 0.0 {
                    1.0 / own as f32
                } else {
                    -1.0 / (n - own) as f32
                };
            }
        }
        let contrasts = Tensor::from_vec(contrasts, (n, self.batches.len()), x.device())?;
        let z = x.narrow(1, 0, self.dimensions)?.contiguous()?;
        let distances = squared_distances(&z, &z)?;
        let mean = f64::from(distances.mean_all()?.to_scalar::<f32>()?).max(1e-12);
        let mut sum = Tensor::zeros((), x.dtype(), x.device())?;
        for width in WIDTHS {
            let kernel = (&distances * (-0.5 / (width * mean)))?.exp()?;
            let between = (kernel.matmul(&contrasts)? * &contrasts)?.sum_all()?;
            sum = (sum + between)?;
        }
        Ok(penalised(x, &(sum * self.weight)?)?)
    }
}

/// Squared distances of all rows of `a` to all rows of `b`, shape `(rows of a, rows of b)`.
pub(super) fn squared_distances(a: &Tensor, b: &Tensor) -> Result<Tensor> {
    let (ours, theirs) = (a.sqr()?.sum_keepdim(D::Minus1)?, b.sqr()?.sum(D::Minus1)?);
    let products = a.matmul(&b.t()?)?;
    let distances = ours.broadcast_add(&theirs)?.sub(&(products * 2.0)?)?;
    Ok(distances.relu()?)
}
