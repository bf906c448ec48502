//! Where a model thinks cells are, and what it says from there, some cells at a time.

use super::FittedVae;
use super::parameters::Totals;
use super::plan::Counted;
use crate::generative::noise::standard_normal;
use crate::network::{Model, to_array, to_tensor};
use crate::progress::Task;
use crate::random::Seed;
use crate::{Error, Result};
use ndarray::{Array2, ArrayView2, Axis, Ix2, s};

/// Cells that are looked at at once.
pub(super) const AT_ONCE: usize = 256;

/// Means and variances of positions, each of shape `(cells, dimensions)`; a library size that is learned is the last dimension.
pub(super) struct Posterior {
    pub(super) mean: Array2<f32>,
    pub(super) variance: Array2<f32>,
}

impl Posterior {
    /// Draws a position for every cell, the first of which has this place among all.
    pub(super) fn drawn(&self, places: (Seed, usize)) -> Array2<f32> {
        let noise = standard_normal(self.mean.dim(), places);
        let mut z = self.mean.clone();
        for ((z, &variance), noise) in z.iter_mut().zip(&self.variance).zip(noise) {
            *z += variance.sqrt() * noise;
        }
        z
    }

    /// The divergence of every dimension of every cell from the standard normal, in nats.
    pub(super) fn divergence(&self) -> Array2<f64> {
        ndarray::Zip::from(&self.mean)
            .and(&self.variance)
            .map_collect(|&mean, &variance| {
                let (mean, variance) = (f64::from(mean), f64::from(variance).max(1e-30));
                0.5 * (mean * mean + variance - 1.0 - variance.ln())
            })
    }
}

pub(super) fn table(values: ndarray::ArrayD<f32>) -> Result<Array2<f32>> {
    let shape = values.shape().to_vec();
    let table = values.into_dimensionality::<Ix2>();
    table.map_err(|_| Error::shape("output", "(n, numbers)", &shape))
}

impl FittedVae {
    /// Asks the encoder for the positions of some cells.
    pub(super) fn posterior(&self, cells: &Counted, rows: &[usize]) -> Result<Posterior> {
        let (x, _) = cells.both(rows);
        let x = to_tensor(&x, self.encoder().device())?;
        let out = table(to_array(&self.encoder().forward(&x)?)?)?;
        let dimensions = self.plan().drawn();
        Ok(Posterior {
            mean: out.slice(s![.., ..dimensions]).to_owned(),
            variance: out.slice(s![.., dimensions..2 * dimensions]).to_owned(),
        })
    }

    /// Asks the decoder for its scores, from positions, with library sizes where they matter, and covariates.
    pub(super) fn scores(
        &self,
        z: &Array2<f32>,
        covariates: &ArrayView2<'_, f32>,
    ) -> Result<Array2<f32>> {
        // Behind what is drawn stand its moments, which the decoder does not look at.
        let first = 3 * self.plan().drawn();
        let mut x = Array2::zeros((z.nrows(), first + covariates.ncols()));
        x.slice_mut(s![.., ..z.ncols()]).assign(z);
        x.slice_mut(s![.., first..]).assign(covariates);
        let x = to_tensor(&x, self.decoder().device())?;
        let out = table(to_array(&self.decoder().forward(&x)?)?)?;
        let own = self.plan().likelihood.parameters() * self.plan().genes.len();
        Ok(out.slice(s![.., ..own]).to_owned())
    }

    /// Returns the means of all genes at positions, for cells of these totals: in the batch of each, or on average over batches.
    pub(super) fn means(
        &self,
        z: &Array2<f32>,
        (covariates, totals): (ArrayView2<'_, f32>, Totals<'_>),
        own: bool,
    ) -> Result<Array2<f32>> {
        let batches = self.plan().levels().0;
        if own || batches == 0 {
            return Ok(self.plan().means(&self.scores(z, &covariates)?, totals));
        }
        let mut sum = Array2::<f32>::zeros((z.nrows(), self.plan().genes.len()));
        for batch in 0..batches {
            let mut other = covariates.to_owned();
            other.slice_mut(s![.., ..batches]).fill(0.0);
            other.column_mut(batch).fill(1.0);
            sum += &self.plan().means(&self.scores(z, &other.view())?, totals);
        }
        Ok(sum / batches as f32)
    }
}

/// Sends cells through `make`, some at a time, and puts the rows that it makes under each other.
pub(super) fn by_rows(
    (task, cells): (&str, &Counted),
    width: usize,
    make: impl Fn(&[usize]) -> Result<Array2<f32>>,
) -> Result<Array2<f32>> {
    let rows: Vec<usize> = (0..cells.totals().len()).collect();
    let mut out = Array2::zeros((rows.len(), width));
    let mut task = Task::new(task, rows.len().div_ceil(AT_ONCE));
    for (rows, mut out) in rows
        .chunks(AT_ONCE)
        .zip(out.axis_chunks_iter_mut(Axis(0), AT_ONCE))
    {
        out.assign(&make(rows)?);
        task.step("")?;
    }
    Ok(out)
}
