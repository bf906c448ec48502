//! From gradients to better weights.

use crate::{Error, Result};
use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};

/// How gradients change weights.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Optimizer {
    /// Adam with decay rates 0.9 and 0.999 and epsilon 1e-8 (Kingma and Ba 2015, <https://arxiv.org/abs/1412.6980>).
    #[default]
    Adam,
    /// Gradient descent; the velocity keeps this share of itself at every step, 0 to below 1.
    Sgd {
        /// The share that is kept.
        momentum: f64,
    },
}

impl Optimizer {
    pub(crate) fn check(self) -> Result<()> {
        match self {
            Self::Sgd { momentum } if !(0.0..1.0).contains(&momentum) => {
                Err(Error::value("momentum", "0 to below 1", momentum))
            }
            _ => Ok(()),
        }
    }
}

/// An optimiser with what it remembers of every weight.
pub(crate) struct Descent {
    optimizer: Optimizer,
    rate: f64,
    decay: f64,
    steps: i32,
    weights: Vec<Remembered>,
}

struct Remembered {
    weight: Var,
    first: Tensor,
    second: Tensor,
}

impl Descent {
    /// `decay` shrinks kernels and dense weights directly, not through the gradient (Loshchilov and Hutter 2019); never biases.
    pub(crate) fn new(
        optimizer: Optimizer,
        (rate, decay): (f64, f64),
        weights: &[Var],
    ) -> Result<Self> {
        let weights = weights
            .iter()
            .map(|weight| {
                Ok(Remembered {
                    weight: weight.clone(),
                    first: weight.zeros_like()?,
                    second: weight.zeros_like()?,
                })
            })
            .collect::<Result<_>>()?;
        Ok(Self {
            optimizer,
            rate,
            decay,
            steps: 0,
            weights,
        })
    }

    pub(crate) fn step(&mut self, gradients: &GradStore) -> Result<()> {
        self.steps += 1;
        for memory in &mut self.weights {
            let Some(gradient) = gradients.get(&memory.weight) else {
                continue;
            };
            let change = match self.optimizer {
                Optimizer::Adam => {
                    let (keep1, keep2) = (0.9, 0.999);
                    memory.first = blend(&memory.first, gradient, keep1)?;
                    memory.second = blend(&memory.second, &gradient.sqr()?, keep2)?;
                    let unbias1 = 1.0 - f64::powi(keep1, self.steps);
                    let unbias2 = 1.0 - f64::powi(keep2, self.steps);
                    let size = memory.second.affine(1.0 / unbias2, 0.0)?.sqrt()?;
                    (memory.first.affine(self.rate / unbias1, 0.0)? / size.affine(1.0, 1e-8)?)?
                }
                Optimizer::Sgd { momentum } => {
                    memory.first = (memory.first.affine(momentum, 0.0)? + gradient)?;
                    memory.first.affine(self.rate, 0.0)?
                }
            };
            let weight = memory.weight.as_detached_tensor();
            let kept = if weight.rank() > 1 && self.decay > 0.0 {
                weight.affine(1.0 - self.rate * self.decay, 0.0)?
            } else {
                weight
            };
            memory.weight.set(&(kept - change)?)?;
        }
        Ok(())
    }
}

fn blend(old: &Tensor, new: &Tensor, keep: f64) -> Result<Tensor> {
    Ok((old.affine(keep, 0.0)? + new.affine(1.0 - keep, 0.0)?)?)
}
