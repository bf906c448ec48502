//! One example: its loss, and the slopes of it by every output of the network.

use super::operation::single;
use super::terms::{self, Positive, log_sum};
use super::{Likelihood, Mean, Reconstruction};
use rayon::prelude::*;

/// Returns the sum of the losses of all examples, and the slopes of that sum divided by `n`.
///
/// `weights` has one number for each example, or for each value, where it is given.
pub(crate) fn measure(
    loss: Reconstruction,
    (scores, values, n): (&[f32], &[f32], usize),
    weights: Option<&[f32]>,
) -> (f64, Vec<f32>) {
    let (sums, slopes) = measure_each(loss, (scores, values, n), weights);
    // In the order of the examples, whoever computed them.
    (sums.iter().sum(), slopes)
}

/// Returns the loss of every example, and the slopes of their sum divided by `n`.
pub(crate) fn measure_each(
    loss: Reconstruction,
    (scores, values, n): (&[f32], &[f32], usize),
    weights: Option<&[f32]>,
) -> (Vec<f64>, Vec<f32>) {
    let (outputs, width) = (scores.len() / n, values.len() / n);
    let mut slopes = vec![0.0; scores.len()];
    let sums: Vec<f64> = slopes
        .par_chunks_mut(outputs)
        .enumerate()
        .map(|(row, slopes)| {
            let weights = weights.map(|weights| {
                if weights.len() == n {
                    &weights[row..=row]
                } else {
                    &weights[row * width..][..width]
                }
            });
            let example = Example {
                scores: &scores[row * outputs..][..outputs],
                values: &values[row * width..][..width],
                weights: weights.unwrap_or(&[1.0]),
                scale: 1.0 / n as f64,
            };
            example.measure(loss, slopes)
        })
        .collect();
    (sums, slopes)
}

struct Example<'a> {
    scores: &'a [f32],
    values: &'a [f32],
    /// One for all values, or one for each.
    weights: &'a [f32],
    /// What slopes are multiplied by.
    scale: f64,
}

impl Example<'_> {
    fn measure(&self, loss: Reconstruction, slopes: &mut [f32]) -> f64 {
        let width = self.values.len();
        let total: f64 = self.values.iter().map(|&value| f64::from(value)).sum();
        let of_shares = match loss.mean {
            Mean::Shares => Some(log_sum(&self.scores[..width])),
            _ => None,
        };
        let offset = match loss.mean {
            Mean::Rates => 0.0,
            Mean::Sized(typical) => (total / typical).ln(),
            Mean::Shares => total.ln() - of_shares.unwrap_or_default(),
        };
        let (mut sum, mut pulls) = (0.0, 0.0);
        for at in 0..width {
            let score = |block: usize| f64::from(self.scores[block * width + at]);
            let x = f64::from(self.values[at]);
            let (value, by) = match loss.likelihood {
                Likelihood::Gaussian => terms::gaussian(x, score(0), Positive::from_log(score(1))),
                Likelihood::Poisson | Likelihood::Categorical => {
                    terms::poisson(x, Positive::from_log(score(0) + offset))
                }
                Likelihood::NegativeBinomial => terms::negative_binomial(
                    x,
                    Positive::from_log(score(0) + offset),
                    Positive::from_log(score(1)),
                ),
                Likelihood::Zinb => {
                    let mean = Positive::from_log(score(0) + offset);
                    terms::zero_inflated(x, (mean, Positive::from_log(score(1))), score(2))
                }
            };
            let weight = match self.weights {
                [one] => f64::from(*one),
                each => f64::from(each[at]),
            };
            if weight == 0.0 {
                continue;
            }
            sum -= weight * value;
            pulls -= weight * by[0];
            for (block, by) in by[..loss.likelihood.parameters()].iter().enumerate() {
                slopes[block * width + at] = single(-weight * by * self.scale);
            }
        }
        if let Some(log_sum) = of_shares {
            // All scores share one total.
            for (slope, &score) in slopes[..width].iter_mut().zip(self.scores) {
                let share = (f64::from(score) - log_sum).exp();
                *slope = single(f64::from(*slope) - pulls * share * self.scale);
            }
        }
        sum + self.divergence(loss, slopes)
    }

    /// The divergence of the latent position from the standard normal.
    fn divergence(&self, loss: Reconstruction, slopes: &mut [f32]) -> f64 {
        let first = self.values.len() * loss.likelihood.parameters();
        let weight = loss.beta
            * match self.weights {
                [one] => f64::from(*one),
                _ => 1.0,
            };
        let (means, variances) = self.scores[first..].split_at(loss.latent);
        let (by_mean, by_variance) = slopes[first..].split_at_mut(loss.latent);
        let mut sum = 0.0;
        for (at, (&mean, &variance)) in means.iter().zip(variances).enumerate() {
            let (mean, variance) = (f64::from(mean), f64::from(variance).clamp(1e-30, f64::MAX));
            sum += 0.5 * (mean * mean + variance - 1.0 - variance.ln());
            by_mean[at] = single(weight * mean * self.scale);
            by_variance[at] = single(weight * 0.5 * (1.0 - 1.0 / variance) * self.scale);
        }
        weight * sum
    }
}
