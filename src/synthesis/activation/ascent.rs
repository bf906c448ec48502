//! Gradient ascent on inputs, which forgets no step that was better.

use super::objective::Objective;
use super::penalties::Penalties;
use super::space::{Made, Space};
use crate::network::{Model, to_array, to_dimension};
use crate::progress::Task;
use crate::training::{Descent, Limits, Optimizer};
use crate::{Error, Result};
use candle_core::{Tensor, Var};
use ndarray::{Array2, ArrayD, Ix2};

/// How inputs are changed.
pub(super) struct Ascent<'a> {
    pub(super) model: &'a dyn Model,
    pub(super) objective: &'a Objective,
    pub(super) space: Space,
    pub(super) penalties: Penalties,
    pub(super) optimizer: Optimizer,
    pub(super) rate: f64,
    pub(super) steps: usize,
    pub(super) patience: Option<usize>,
}

/// What became of a batch of inputs.
pub(super) struct Climbed {
    /// The best of every row.
    pub(super) inputs: ArrayD<f32>,
    /// The score of the best, and the same less the penalties.
    pub(super) scores: Vec<f32>,
    pub(super) values: Vec<f32>,
    /// Scores and values at every step, the start first.
    pub(super) curve: Vec<(Vec<f32>, Vec<f32>)>,
    /// All outputs of the model, at the steps that are followed.
    pub(super) outputs: Vec<Array2<f32>>,
}

/// One look at a batch.
struct Look {
    made: Made,
    scores: Vec<f32>,
    values: Vec<f32>,
    outputs: Option<Tensor>,
    /// The sum of the values, to differentiate.
    sum: Tensor,
}

impl Ascent<'_> {
    /// How many steps lie between two at which all outputs are noted.
    pub(super) fn stride(&self) -> usize {
        self.steps.div_ceil(100).max(1)
    }

    /// Climbs from free numbers; `start` is what stands for no change.
    pub(super) fn climb(&self, start: &Tensor, free: &Tensor, task: &mut Task) -> Result<Climbed> {
        let free = Var::from_tensor(free)?;
        let mut descent = Descent::new(
            self.optimizer,
            Limits::default(),
            std::slice::from_ref(&free),
        )?;
        let given = Made {
            x: start.clone(),
            kept: start.clone(),
            soft: start.clone(),
        };
        let first = self.look(given, start, 0)?;
        let (mut best, mut scores, mut values) = (
            first.made.kept.clone(),
            first.scores.clone(),
            first.values.clone(),
        );
        let mut curve = vec![(first.scores, first.values)];
        let mut outputs = Vec::new();
        self.follow(0, first.outputs.as_ref(), &mut outputs)?;
        let mut now = self.look(self.space.make(&free)?, start, 0)?;
        let mut without = 0;
        for step in 0..=self.steps {
            if step > 0 {
                self.change(&now, &free, &mut descent)?;
                now = self.look(self.space.make(&free)?, start, step)?;
                self.follow(step, now.outputs.as_ref(), &mut outputs)?;
                curve.push((now.scores.clone(), now.values.clone()));
            }
            let better: Vec<u8> = (now.values.iter().zip(&values))
                .map(|(now, best)| u8::from(now > best))
                .collect();
            if better.contains(&1) {
                without = 0;
                for (row, _) in better
                    .iter()
                    .enumerate()
                    .filter(|(_, better)| **better == 1)
                {
                    (scores[row], values[row]) = (now.scores[row], now.values[row]);
                }
                best = chosen(better, &now.made.kept, &best)?;
            } else {
                without += 1;
            }
            if step > 0 {
                let mean = values.iter().sum::<f32>() / values.len() as f32;
                task.record("value", "", mean.into());
                task.step(&format!("{mean:.4}"))?;
            }
            if self.patience.is_some_and(|patience| without > patience) {
                break;
            }
        }
        Ok(Climbed {
            inputs: to_array(&best)?,
            scores,
            values,
            curve,
            outputs,
        })
    }

    fn look(&self, made: Made, start: &Tensor, step: usize) -> Result<Look> {
        let scored = self.objective.score(self.model, &made.x)?;
        let value = match self.penalties.of(&made, start)? {
            Some(costs) => (&scored.scores - costs)?,
            None => scored.scores.clone(),
        };
        let values: Vec<f32> = value.to_vec1()?;
        if let Some(row) = values.iter().position(|value| !value.is_finite()) {
            let got = format!("{} for input {row} at step {step}", values[row]);
            return Err(Error::value("value of the objective", "finite", got));
        }
        Ok(Look {
            scores: scored.scores.to_vec1()?,
            values,
            outputs: scored.outputs,
            sum: value.sum_all()?,
            made,
        })
    }

    fn change(&self, now: &Look, free: &Var, descent: &mut Descent) -> Result<()> {
        let wrong = || {
            let got =
                "one whose score does not depend on `x` in a way that candle can differentiate";
            Error::value("model", "differentiable", got)
        };
        if !now.sum.track_op() {
            return Err(wrong());
        }
        let gradients = now.sum.neg()?.backward()?;
        if gradients.get(free).is_none() {
            return Err(wrong());
        }
        descent.step(&gradients, (self.rate, None))?;
        if let Some(inside) = self.space.project(&free.as_detached_tensor())? {
            free.set(&inside)?;
        }
        Ok(())
    }

    fn follow(
        &self,
        step: usize,
        outputs: Option<&Tensor>,
        all: &mut Vec<Array2<f32>>,
    ) -> Result<()> {
        if let (0, Some(outputs)) = (step % self.stride(), outputs) {
            all.push(to_dimension::<Ix2>(outputs)?);
        }
        Ok(())
    }
}

/// Takes the rows that are better from one tensor, and the others from another.
fn chosen(better: Vec<u8>, new: &Tensor, old: &Tensor) -> Result<Tensor> {
    let mut sizes = vec![1; new.rank()];
    sizes[0] = better.len();
    let mask = Tensor::from_vec(better, sizes, new.device())?;
    Ok(mask.broadcast_as(new.shape())?.where_cond(new, old)?)
}
