//! How well a model explains cells.

use super::FittedVae;
use super::posterior::AT_ONCE;
use crate::expression::Cells;
use crate::progress::Task;
use crate::random::Seed;
use crate::training::{Reconstruction, measure_each};
use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis};
use std::fmt;
use std::sync::Arc;

/// The evidence lower bound (ELBO) of cells and its parts, in nats; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Evidence {
    reconstruction: Arc<Array1<f64>>,
    divergence: Arc<Array1<f64>>,
}

impl Evidence {
    /// Returns the ELBO, the mean over cells: [`reconstruction`](Self::reconstruction) less [`divergence`](Self::divergence).
    pub fn elbo(&self) -> f64 {
        self.reconstruction() - self.divergence()
    }

    /// Returns how well drawn positions explain the values: the log-likelihood summed over genes, the mean over cells.
    pub fn reconstruction(&self) -> f64 {
        self.reconstruction.mean().unwrap_or(f64::NAN)
    }

    /// Returns the divergence of positions from the standard normal, and of library sizes that are learned from their prior
    /// (Kullback-Leibler, summed over dimensions), the mean over cells.
    pub fn divergence(&self) -> f64 {
        self.divergence.mean().unwrap_or(f64::NAN)
    }

    /// Returns the log-likelihood of the values of every cell.
    pub fn reconstruction_by_cell(&self) -> &Array1<f64> {
        &self.reconstruction
    }

    /// Returns the divergence of the position of every cell.
    pub fn divergence_by_cell(&self) -> &Array1<f64> {
        &self.divergence
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (elbo, said, off) = (self.elbo(), self.reconstruction(), self.divergence());
        let cells = self.reconstruction.len();
        write!(
            f,
            "ELBO {elbo:.2} nats a cell ({cells} cells): reconstruction {said:.2}, divergence {off:.2}"
        )
    }
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Evidence({self})")
    }
}

impl FittedVae {
    /// Computes the ELBO of cells and its parts, from one drawn position of each; for cells that were held out, how well the model
    /// explains what it has not seen.
    ///
    /// # Errors
    ///
    /// As [`latent`](FittedVae::latent).
    pub fn evidence(&self, cells: &Cells) -> Result<Evidence> {
        let drawn = self.explained("evidence", cells, 1)?;
        Ok(Evidence {
            reconstruction: Arc::new(drawn.map(|draws| draws[0].0)),
            divergence: Arc::new(drawn.map(|draws| draws[0].2)),
        })
    }

    /// Estimates the logarithm of the probability of every cell by importance sampling: from so many drawn positions, each weighed by how
    /// likely it is before and after the cell was seen. In nats; it rises towards the truth with the draws, and 1 is an ELBO.
    ///
    /// Burda et al. 2016, <https://arxiv.org/abs/1509.00519>.
    ///
    /// # Errors
    ///
    /// As [`latent`](FittedVae::latent), and when `draws` is 0.
    pub fn log_likelihood(&self, cells: &Cells, draws: usize) -> Result<Array1<f64>> {
        if draws == 0 {
            return Err(Error::value("draws", "at least 1", 0));
        }
        let drawn = self.explained("log-likelihood", cells, draws)?;
        Ok(drawn.map(|draws| {
            let logs = draws.iter().map(|(said, ratio, _)| said + ratio);
            let largest = logs.clone().fold(f64::NEG_INFINITY, f64::max);
            let mean = logs.map(|log| (log - largest).exp()).sum::<f64>() / draws.len() as f64;
            largest + mean.ln()
        }))
    }

    /// Explains every cell from drawn positions: log-likelihood, log prior less log posterior of the position, and divergence.
    fn explained(&self, task: &str, cells: &Cells, draws: usize) -> Result<Array1<Explained>> {
        let source = self.plan().read(cells)?;
        let rows: Vec<usize> = (0..cells.len()).collect();
        let steps = rows.len().div_ceil(AT_ONCE) * draws;
        let mut task = Task::new(task, steps);
        let mut all = Vec::with_capacity(rows.len());
        for rows in rows.chunks(AT_ONCE) {
            let posterior = self.posterior(&source, rows)?;
            let divergence = posterior.divergence().sum_axis(Axis(1));
            let (_, values) = source.both(rows);
            let mut found = vec![Vec::with_capacity(draws); rows.len()];
            for draw in 0..draws {
                let seed = Seed::default().named("evidence").indexed(draw);
                let z = posterior.drawn((seed, rows[0]));
                let covariates = source.covariates().select(Axis(0), rows);
                let said = self.log_probability(&self.scores(&z, &covariates.view())?, &values);
                for (row, found) in found.iter_mut().enumerate() {
                    let ratio: f64 = (0..z.ncols())
                        .map(|at| {
                            let z = f64::from(z[[row, at]]);
                            let mean = f64::from(posterior.mean[[row, at]]);
                            let variance = f64::from(posterior.variance[[row, at]]);
                            // The logarithm of 2 pi cancels.
                            0.5 * ((z - mean).powi(2) / variance + variance.ln() - z * z)
                        })
                        .sum();
                    found.push((said[row], ratio, divergence[row]));
                }
                task.step("")?;
            }
            all.extend(found);
        }
        Ok(Array1::from(all))
    }

    /// The log-likelihood of the values of every cell, given the scores of the decoder.
    fn log_probability(&self, scores: &Array2<f32>, values: &Array2<f32>) -> Vec<f64> {
        let loss = Reconstruction::new(self.plan().likelihood).mean(self.plan().mean());
        let (scores, values) = (scores.as_standard_layout(), values.as_standard_layout());
        let n = scores.nrows();
        let (Some(scores), Some(values)) = (scores.as_slice(), values.as_slice()) else {
            return vec![f64::NAN; n];
        };
        let (losses, _) = measure_each(loss, (scores, values, n), None);
        losses.into_iter().map(|loss| -loss).collect()
    }
}

type Explained = Vec<(f64, f64, f64)>;
