//! Designs from nothing by normalised logits: as Fast `SeqProp`.

use super::constraints::{Constraints, Ready};
use super::designs::{Design, Designs};
use super::goal::Goal;
use super::gradient_design::descend;
use super::sampled::{Best, draw, mask};
use crate::network::{Model, to_tensor};
use crate::progress::Task;
use crate::random::Seed;
use crate::sequence::{Alphabet, Explainable, code};
use crate::training::{Adam, Descent, Limits, Optimizer};
use crate::{Error, Result};
use candle_core::{DType, Tensor, Var};
use ndarray::{ArrayView2, Axis};
use rand::RngExt;
use rand_distr::StandardNormal;

const TASK: &str = "Fast SeqProp";

/// Writes sequences anew so that a model says what is wanted: as Fast `SeqProp`.
///
/// # Errors
///
/// As [`SeqProp::run`].
///
/// # Examples
///
/// ```
/// use genolens::{network, sequence::Sequences, synthesis::{self, Goal}};
/// # fn main() -> genolens::Result<()> {
/// // Forty positions around a site that stays need `SeqProp::new().constraints(...)`.
/// let x = Sequences::dna(["N".repeat(40)])?;
/// let designs = synthesis::seq_prop(&network::deepbind(4), &x, Goal::highest(0))?;
/// assert!(designs.after()[[0, 0]] > designs.before()[[0, 0]]);
/// # Ok(()) }
/// ```
pub fn seq_prop(model: &dyn Model, x: &dyn Explainable, goal: Goal) -> Result<Designs> {
    SeqProp::new().goal(goal).run(model, x)
}

/// Writes sequences anew by gradients, with options.
///
/// Logits, drawn from the standard normal distribution, are normalised for every letter over the positions, scaled and shifted by numbers that are learned,
/// too; letters are drawn from that, and the gradient of the softmax passes straight through. The sequence that is given sets the
/// length and the letters that stay by the constraints; it is also the first of the sequences of which the best becomes the design.
///
/// # References
///
/// Linder and Seelig 2021, Fast activation maximization for molecular sequence design, doi:10.1186/s12859-021-04437-5. Drawn at every step are 10
/// sequences; learning rate 0.05 and 300 steps are ours.
#[derive(Clone, Debug, PartialEq)]
pub struct SeqProp {
    goal: Goal,
    constraints: Constraints,
    rate: f64,
    draws: usize,
    steps: usize,
    seed: Seed,
}

impl SeqProp {
    /// Takes the defaults, and as much as possible of the first output.
    pub fn new() -> Self {
        Self {
            goal: Goal::default(),
            constraints: Constraints::new(),
            rate: 0.05,
            draws: 10,
            steps: 300,
            seed: Seed::default(),
        }
    }

    /// Sets what is wanted.
    pub fn goal(mut self, goal: Goal) -> Self {
        self.goal = goal;
        self
    }

    /// Sets what designs must keep to.
    pub fn constraints(mut self, constraints: Constraints) -> Self {
        self.constraints = constraints;
        self
    }

    /// Sets the learning rate of Adam.
    pub fn learning_rate(mut self, rate: f64) -> Self {
        self.rate = rate;
        self
    }

    /// Sets how many sequences are drawn at every step.
    pub fn draws(mut self, draws: usize) -> Self {
        self.draws = draws;
        self
    }

    /// Sets the number of steps.
    pub fn steps(mut self, steps: usize) -> Self {
        self.steps = steps;
        self
    }

    /// Sets the seed of first logits and draws.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Designs one sequence for each of `x`.
    ///
    /// # Errors
    ///
    /// As [`GradientDesign::run`](super::GradientDesign::run).
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Designs> {
        if self.draws == 0 {
            return Err(Error::value("draws", "at least 1", 0));
        }
        if !(self.rate >= 0.0 && self.rate.is_finite()) {
            return Err(Error::value("learning_rate", "0 or more", self.rate));
        }
        let (code, sequences) = (code(x)?, x.sequences()?);
        let alphabet = sequences.alphabet();
        let ready = self.constraints.ready(alphabet, code.dim().2)?;
        let mut task = Task::new(TASK, sequences.len() * self.steps);
        let mut found = Vec::with_capacity(sequences.len());
        for (i, x) in code.axis_iter(Axis(0)).enumerate() {
            let letters = sequences.letters(i);
            ready.check(sequences.name(i), letters)?;
            let seed = self.seed.named(TASK).indexed(i);
            found.push(self.design((model, &ready, alphabet), (&x, letters), (seed, &mut task))?);
        }
        task.finish("");
        Designs::new(TASK, sequences, found)
    }

    fn design(
        &self,
        (model, ready, alphabet): (&dyn Model, &Ready, Alphabet),
        (x, letters): (&ArrayView2<'_, f32>, &[u8]),
        (seed, task): (Seed, &mut Task),
    ) -> Result<Design> {
        let device = model.device();
        let mask = mask(ready, x, device)?;
        let x = to_tensor(&x.insert_axis(Axis(0)).to_owned(), device)?;
        let mut best = Best::new((model, &x, letters), (&self.goal, ready, alphabet), 0.0)?;
        let mut random = seed.named("logits").generator();
        let logits: Vec<f32> = (0..x.elem_count())
            .map(|_| random.sample(StandardNormal))
            .collect();
        let free = Var::from_vec(logits, x.shape(), device)?;
        let channels = (1, alphabet.size(), 1);
        let scale = Var::ones(channels, DType::F32, device)?;
        let shift = Var::zeros(channels, DType::F32, device)?;
        let all = [free.clone(), scale.clone(), shift.clone()];
        let mut descent = Descent::new(Optimizer::from(Adam::new()), Limits::default(), &all)?;
        for step in 0..self.steps {
            let normal = normalised(&free)?
                .broadcast_mul(&scale)?
                .broadcast_add(&shift)?;
            let logits = (normal + &mask)?;
            let drawn = draw(&logits, (self.draws, seed.indexed(step)), (false, 1.0))?;
            let outputs = model.forward(&drawn.x)?.to_dtype(DType::F32)?;
            let loss = best.goal.loss(&outputs)?.mean_all()?;
            let now = f64::from(loss.to_scalar::<f32>()?);
            best.look(&drawn, &outputs, letters)?;
            descend(&loss, &mut descent, (&free, self.rate))?;
            task.record("loss", "", now);
            task.step(&format!("{now:.4}"))?;
        }
        Ok(best.finish())
    }
}

/// Gives the logits of every letter mean 0 and variance 1 over the positions.
fn normalised(logits: &Tensor) -> Result<Tensor> {
    let centred = logits.broadcast_sub(&logits.mean_keepdim(2)?)?;
    let variance = centred.sqr()?.mean_keepdim(2)?;
    Ok(centred.broadcast_div(&variance.affine(1.0, 1e-6)?.sqrt()?)?)
}

impl Default for SeqProp {
    fn default() -> Self {
        Self::new()
    }
}
