//! One example: its loss, and the slopes of it by every output of the network.
#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of its caller"
)]
#![expect(
    unsafe_code,
    reason = "the trait of work for any registers is unsafe; nothing here is"
)]

use super::draws::{AT_ONCE, Draws, bounded, positive};
use super::operation::single;
use super::{Likelihood, Mean, Reconstruction};
use crate::distribution::elementary::exp;
use crate::network::{Lanes, Work, with_widest};
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
        .map_init(
            || vec![0.0; width],
            |shares, (row, slopes)| {
                let weights = weights.map(|weights| {
                    if weights.len() == n {
                        &weights[row..=row]
                    } else {
                        &weights[row * width..][..width]
                    }
                });
                with_widest(Example {
                    loss,
                    scores: &scores[row * outputs..][..outputs],
                    values: &values[row * width..][..width],
                    weights: weights.unwrap_or(&[1.0]),
                    scale: 1.0 / n as f64,
                    slopes,
                    shares,
                })
            },
        )
        .collect();
    (sums, slopes)
}

/// Numbers that are added up at a time.
const LANES: usize = 16;

struct Example<'a> {
    loss: Reconstruction,
    scores: &'a [f32],
    values: &'a [f32],
    /// One for all values, or one for each.
    weights: &'a [f32],
    /// What slopes are multiplied by.
    scale: f64,
    slopes: &'a mut [f32],
    /// Room for the share of every value in the total.
    shares: &'a mut [f64],
}

impl Work<f64> for Example<'_> {
    type Output = f64;

    #[inline(always)]
    unsafe fn run<V: Lanes<Number = f64>>(mut self) -> f64 {
        let width = self.values.len();
        let total = sum(self.values);
        let offset = match self.loss.mean {
            Mean::Rates => 0.0,
            Mean::Sized(typical) => (total / typical).ln(),
            Mean::Shares => total.ln() - self.share_out(),
        };
        let mut draws = Draws::new();
        let (mut losses, mut pulls) = ([0.0; AT_ONCE], [0.0; AT_ONCE]);
        for start in (0..width).step_by(AT_ONCE) {
            let count = AT_ONCE.min(width - start);
            self.load(&mut draws, (start, count), (offset, total));
            draws.measure_here(self.loss.likelihood);
            let mut weights = [f64::from(self.weights[0]); AT_ONCE];
            if self.weights.len() > 1 {
                for (own, &weight) in weights.iter_mut().zip(&self.weights[start..]) {
                    *own = f64::from(weight);
                }
            }
            for i in 0..count {
                losses[i] -= weights[i] * draws.value[i];
                pulls[i] -= weights[i] * draws.by[0][i];
            }
            for block in 0..self.loss.likelihood.parameters() {
                let slopes = &mut self.slopes[block * width + start..][..count];
                for ((slope, by), weight) in slopes.iter_mut().zip(&draws.by[block]).zip(&weights) {
                    *slope = single(-weight * by * self.scale);
                }
            }
        }
        if self.loss.mean == Mean::Shares {
            // All scores share one total.
            let pull = pulls.iter().sum::<f64>() * self.scale;
            for (slope, share) in self.slopes[..width].iter_mut().zip(&*self.shares) {
                *slope = single(f64::from(*slope) - pull * share);
            }
        }
        losses.iter().sum::<f64>() + self.divergence()
    }
}

/// Adds up numbers, several at a time.
#[inline(always)]
fn sum<T: Copy + Into<f64>>(numbers: &[T]) -> f64 {
    let (rows, rest) = numbers.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for row in rows {
        for (lane, &number) in lanes.iter_mut().zip(row) {
            *lane += number.into();
        }
    }
    lanes.iter().sum::<f64>() + rest.iter().map(|&number| number.into()).sum::<f64>()
}

/// Finds the largest of some numbers, several at a time.
#[inline(always)]
fn largest(numbers: &[f32]) -> f32 {
    let larger = |a: f32, b: f32| if b > a { b } else { a };
    let (rows, rest) = numbers.as_chunks::<LANES>();
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for row in rows {
        for (lane, &number) in lanes.iter_mut().zip(row) {
            *lane = larger(*lane, number);
        }
    }
    lanes
        .iter()
        .chain(rest)
        .fold(f32::NEG_INFINITY, |a, &b| larger(a, b))
}

impl Example<'_> {
    /// Computes the shares of all scores (softmax); returns the logarithm of the sum of their exponentials.
    #[inline(always)]
    fn share_out(&mut self) -> f64 {
        let scores = &self.scores[..self.values.len()];
        let largest = f64::from(largest(scores));
        for (share, &score) in self.shares.iter_mut().zip(scores) {
            *share = exp(f64::from(score) - largest);
        }
        let all = sum(self.shares);
        let part = 1.0 / all;
        for share in self.shares.iter_mut() {
            *share *= part;
        }
        largest + all.ln()
    }

    /// Takes so many values with their parameters.
    #[inline(always)]
    fn load(&self, draws: &mut Draws, (start, count): (usize, usize), (offset, total): (f64, f64)) {
        let width = self.values.len();
        let likelihood = self.loss.likelihood;
        let block = |block: usize| &self.scores[block * width + start..][..count];
        for (x, &value) in draws.x.iter_mut().zip(&self.values[start..][..count]) {
            *x = f64::from(value);
        }
        if likelihood == Likelihood::Gaussian {
            for (mean, &score) in draws.mean.iter_mut().zip(block(0)) {
                *mean = f64::from(score);
            }
        } else {
            for (log, &score) in draws.log.iter_mut().zip(block(0)) {
                *log = bounded(f64::from(score) + offset);
            }
            if self.loss.mean == Mean::Shares {
                for (mean, share) in draws.mean.iter_mut().zip(&self.shares[start..][..count]) {
                    *mean = positive(share * total);
                }
            } else {
                for (mean, &log) in draws.mean[..count].iter_mut().zip(&draws.log) {
                    *mean = exp(log);
                }
            }
        }
        if likelihood.parameters() > 1 {
            for (spread, &score) in draws.spread.iter_mut().zip(block(1)) {
                *spread = exp(bounded(f64::from(score)));
            }
        }
        if likelihood.parameters() > 2 {
            for (logit, &score) in draws.logit.iter_mut().zip(block(2)) {
                *logit = f64::from(score);
            }
        }
    }

    /// The divergence of the latent position from the standard normal.
    fn divergence(&mut self) -> f64 {
        let (loss, scale) = (self.loss, self.scale);
        let first = self.values.len() * loss.likelihood.parameters();
        let weight = loss.beta
            * match self.weights {
                [one] => f64::from(*one),
                _ => 1.0,
            };
        let (means, variances) = self.scores[first..].split_at(loss.latent);
        let (by_mean, by_variance) = self.slopes[first..].split_at_mut(loss.latent);
        let mut sum = 0.0;
        for (at, (&mean, &variance)) in means.iter().zip(variances).enumerate() {
            let (mean, variance) = (f64::from(mean), f64::from(variance).clamp(1e-30, f64::MAX));
            sum += 0.5 * (mean * mean + variance - 1.0 - variance.ln());
            by_mean[at] = single(weight * mean * scale);
            by_variance[at] = single(weight * 0.5 * (1.0 - 1.0 / variance) * scale);
        }
        weight * sum
    }
}
