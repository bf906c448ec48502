//! A network that learns from a batch of each environment at a time.

use super::environments::Objective;
use crate::network::{Model, Network, Pass};
use crate::random::Seed;
use crate::training::{Descent, Limits, Optimizer};
use crate::{Error, Result};
use candle_core::{Tensor, Var};
use ndarray::{Array1, ArrayD};

pub(super) struct EnvironmentLearner {
    network: Network,
    weights: Vec<Tensor>,
    descent: Descent,
    rate: f64,
    /// How much each environment counts.
    shares: Array1<f64>,
}

impl EnvironmentLearner {
    /// Takes copies of the weights of a network.
    pub(super) fn new(
        network: &Network,
        (optimizer, rate, decay): (Optimizer, f64, f64),
        environments: usize,
    ) -> Result<Self> {
        let (mut weights, mut variables) = (Vec::new(), Vec::new());
        for (weight, trained) in network.tensors().iter().zip(network.trained()) {
            let copy = weight.detach().copy()?;
            if trained {
                let variable = Var::from_tensor(&copy)?;
                weights.push(variable.as_tensor().clone());
                variables.push(variable);
            } else {
                weights.push(copy);
            }
        }
        let limits = Limits {
            decay: (decay > 0.0).then_some(decay),
            ..Limits::default()
        };
        Ok(Self {
            network: network.with_tensors(weights.clone()),
            weights,
            descent: Descent::new(optimizer, limits, &variables)?,
            rate,
            shares: Array1::from_elem(environments, 1.0 / environments as f64),
        })
    }

    /// Takes one step on so many examples of each environment, unless a loss is no number, and returns the losses before it.
    pub(super) fn step(
        &mut self,
        (x, labels): (ArrayD<f32>, ArrayD<f32>),
        sizes: &[usize],
        (objective, seed): (Objective, Seed),
    ) -> Result<Vec<f64>> {
        let shape = x.shape().to_vec();
        let x = Tensor::from_vec(x.into_iter().collect(), shape, self.network.device())?;
        let mut pass = Pass::training(seed);
        let out = self.network.run(&x, self.network.len(), &mut pass)?;
        let scores = out.flatten_all()?.to_vec1::<f32>()?;
        if scores.len() != labels.len() {
            let expected = format!("(n, {}) as the labels", labels.len() / labels.shape()[0]);
            return Err(Error::shape("output of the network", expected, out.dims()));
        }
        let labels: Vec<f32> = labels.into_iter().collect();
        let width = scores.len() / sizes.iter().sum::<usize>();
        let mut first = 0;
        let measured: Vec<Measured> = sizes
            .iter()
            .map(|size| {
                let range = first..first + size * width;
                first = range.end;
                Measured::of(&scores[range.clone()], &labels[range])
            })
            .collect();
        let losses: Vec<f64> = measured.iter().map(|found| found.loss).collect();
        if losses.iter().any(|loss| !loss.is_finite()) {
            return Ok(losses);
        }
        if let Objective::GroupDro { step } = objective {
            // The greatest loss is taken off first, so that no exponential is infinite.
            let most = losses.iter().copied().fold(0.0, f64::max);
            self.shares
                .iter_mut()
                .zip(&losses)
                .for_each(|(share, loss)| *share *= (step * (loss - most)).exp());
            let sum = self.shares.sum();
            self.shares.mapv_inplace(|share| share / sum);
        }
        let penalty = if let Objective::Irm { penalty } = objective {
            penalty
        } else {
            0.0
        };
        // A large penalty is kept from making steps larger.
        let scale = 1.0 / penalty.max(1.0);
        let slopes = measured
            .iter()
            .zip(&self.shares)
            .flat_map(|(found, share)| {
                let both = found.slopes.iter().zip(&found.bends);
                both.map(move |(slope, bend)| {
                    (share * scale * (slope + 2.0 * penalty * found.pull * bend)) as f32
                })
            });
        let slopes = Tensor::from_vec(slopes.collect::<Vec<f32>>(), out.shape(), out.device())?;
        // Of this the slopes are the derivative.
        let gradients = (out * slopes)?.sum_all()?.backward()?;
        self.descent.step(&gradients, (self.rate, None))?;
        for (place, value) in pass.into_updates() {
            self.weights[place] = value;
        }
        self.network = self.network.with_tensors(self.weights.clone());
        Ok(losses)
    }

    /// Returns the network and how much each environment counts now.
    pub(super) fn finish(self) -> (Network, Array1<f64>) {
        let still = self.weights.iter().map(Tensor::detach).collect();
        (self.network.with_tensors(still), self.shares)
    }
}

/// The binary cross-entropy of one environment with its slopes by the scores, and its slope by their scale with its own slopes.
struct Measured {
    loss: f64,
    slopes: Vec<f64>,
    pull: f64,
    bends: Vec<f64>,
}

impl Measured {
    fn of(scores: &[f32], labels: &[f32]) -> Self {
        let n = scores.len() as f64;
        let (mut loss, mut pull) = (0.0, 0.0);
        let (mut slopes, mut bends) = (Vec::new(), Vec::new());
        for (&score, &label) in scores.iter().zip(labels) {
            let (score, label) = (f64::from(score), f64::from(label));
            let chance = 1.0 / (1.0 + (-score).exp());
            let off = chance - label;
            loss += (score.max(0.0) + (-score.abs()).exp().ln_1p() - label * score) / n;
            pull += score * off / n;
            slopes.push(off / n);
            bends.push((off + score * chance * (1.0 - chance)) / n);
        }
        Self {
            loss,
            slopes,
            pull,
            bends,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Slopes against differences of the loss, and of the square of its slope by the scale.
    #[test]
    fn slopes_are_derivatives() {
        let (scores, labels) = ([0.5_f32, -1.25, 2.0, 0.0], [1.0_f32, 0.0, 0.0, 1.0]);
        let found = Measured::of(&scores, &labels);
        let scaled = |by: f32| Measured::of(&scores.map(|score| score * by), &labels).loss;
        let step = 1.0 / 128.0;
        let slope = (scaled(1.0 + step) - scaled(1.0 - step)) / f64::from(2.0 * step);
        assert!((slope - found.pull).abs() < 1e-4, "{slope} {}", found.pull);
        for at in 0..4 {
            let moved = |by: f32| {
                let mut scores = scores;
                scores[at] += by;
                Measured::of(&scores, &labels)
            };
            let (up, down) = (moved(step), moved(-step));
            let two = f64::from(2.0 * step);
            assert!(((up.loss - down.loss) / two - found.slopes[at]).abs() < 1e-5);
            assert!(((up.pull - down.pull) / two - found.bends[at]).abs() < 1e-5);
        }
    }
}
