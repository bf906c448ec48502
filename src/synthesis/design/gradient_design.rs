//! Designs by gradients that are drawn as letters, with few edits: as Ledidi.

use super::constraints::{Constraints, Ready};
use super::designs::{Design, Designs};
use super::goal::Goal;
use super::sampled::{Best, draw, mask};
use crate::network::{Model, to_tensor};
use crate::progress::Task;
use crate::random::Seed;
use crate::sequence::{Alphabet, Explainable, code};
use crate::training::{AdamW, Descent, Limits, Optimizer};
use crate::{Error, Result};
use candle_core::{DType, Tensor, Var};
use ndarray::{ArrayView2, Axis};

const TASK: &str = "gradient design";

/// Changes few letters so that a model says what is wanted, by gradients: as Ledidi.
///
/// # Errors
///
/// As [`GradientDesign::run`].
///
/// # Examples
///
/// ```
/// use genolens::{network, sequence::Sequences, synthesis::{self, Goal}};
/// # fn main() -> genolens::Result<()> {
/// let x = Sequences::dna(["ACGTACGTACGTACG"])?;
/// let designs = synthesis::gradient_design(&network::deepbind(4), &x, Goal::value(0, 0.5))?;
/// println!("{:?}", designs.table()?);
/// # Ok(()) }
/// ```
pub fn gradient_design(model: &dyn Model, x: &dyn Explainable, goal: Goal) -> Result<Designs> {
    GradientDesign::new().goal(goal).run(model, x)
}

/// Changes few letters by gradients, with options.
///
/// Weights, at first 0, are added to the logarithm of the code (plus 1e-4); letters are drawn from that with the Gumbel-softmax, whose gradient passes
/// straight through. The loss is the mean of that of the goal (the mean squared distance from values that are wanted) over the drawn sequences, plus a
/// price for every edit. The design is the sequence with the smallest loss of all that were drawn and keep to the constraints; the start is one of them.
///
/// # References
///
/// Schreiber and Lu, Ledidi, <https://github.com/jmschrei/ledidi>; defaults as its version 2.2: price 0.1, `AdamW` with learning rate 1, 16 sequences at a
/// time, at most 1000 steps, an end after 100 without a smaller loss, temperature 1. Ledidi gives back the 16 sequences of its best step, here it is
/// the best single one.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientDesign {
    goal: Goal,
    constraints: Constraints,
    price: f64,
    rate: f64,
    temperature: f64,
    draws: usize,
    steps: usize,
    patience: usize,
    seed: Seed,
}

impl GradientDesign {
    /// Takes the defaults of Ledidi, and as much as possible of the first output.
    pub fn new() -> Self {
        Self {
            goal: Goal::default(),
            constraints: Constraints::new(),
            price: 0.1,
            rate: 1.0,
            temperature: 1.0,
            draws: 16,
            steps: 1000,
            patience: 100,
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

    /// Sets what every edit adds to the loss.
    pub fn price(mut self, price: f64) -> Self {
        self.price = price;
        self
    }

    /// Sets the learning rate.
    pub fn learning_rate(mut self, rate: f64) -> Self {
        self.rate = rate;
        self
    }

    /// Sets the temperature of the softmax whose gradient is taken.
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.temperature = temperature;
        self
    }

    /// Sets how many sequences are drawn at every step.
    pub fn draws(mut self, draws: usize) -> Self {
        self.draws = draws;
        self
    }

    /// Sets the number of steps at most.
    pub fn steps(mut self, steps: usize) -> Self {
        self.steps = steps;
        self
    }

    /// Stops after so many steps without a smaller mean loss.
    pub fn patience(mut self, steps: usize) -> Self {
        self.patience = steps;
        self
    }

    /// Sets the seed of the draws.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Designs one sequence from each of `x`; an unknown letter is filled in at no price.
    ///
    /// # Errors
    ///
    /// Fails when `x` has a shape that the model cannot read or does not keep to the constraints, the goal names no output of the model, an output is no
    /// number, the model cannot be differentiated, an option makes no sense, or the user interrupts.
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Designs> {
        self.check()?;
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
        let mut best = Best::new(
            (model, &x, letters),
            (&self.goal, ready, alphabet),
            self.price,
        )?;
        // Unknown letters cost nothing.
        let known = x.max_keepdim(1)?.eq(1.0)?.to_dtype(DType::F32)?;
        let base = (x.affine(1.0, 1e-4)?.log()? + mask)?;
        let free = Var::zeros(x.shape(), DType::F32, device)?;
        let optimizer = Optimizer::from(AdamW::new());
        let mut descent = Descent::new(optimizer, Limits::default(), std::slice::from_ref(&free))?;
        let (mut least, mut without) = (best.loss, 0);
        for step in 0..self.steps {
            let logits = (&base + free.as_tensor())?;
            let drawn = draw(
                &logits,
                (self.draws, seed.indexed(step)),
                (true, self.temperature),
            )?;
            let outputs = model.forward(&drawn.x)?.to_dtype(DType::F32)?;
            let reach = best.goal.loss(&outputs)?.mean_all()?;
            let edits = drawn
                .x
                .broadcast_sub(&x)?
                .abs()?
                .broadcast_mul(&known)?
                .sum_all()?;
            let price = self.price / (2.0 * self.draws as f64);
            let loss = (reach + edits.affine(price, 0.0)?)?;
            let now = f64::from(loss.to_scalar::<f32>()?);
            best.look(&drawn, &outputs, letters)?;
            descend(&loss, &mut descent, (&free, self.rate))?;
            task.record("loss", "", now);
            task.step(&format!("{now:.4}"))?;
            if now < least {
                (least, without) = (now, 0);
            } else {
                without += 1;
            }
            if without >= self.patience {
                break;
            }
        }
        Ok(best.finish())
    }

    fn check(&self) -> Result<()> {
        if self.draws == 0 {
            return Err(Error::value("draws", "at least 1", 0));
        }
        for (name, value) in [("price", self.price), ("learning_rate", self.rate)] {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(Error::value(name, "0 or more", value));
            }
        }
        if !(self.temperature > 0.0 && self.temperature.is_finite()) {
            return Err(Error::value("temperature", "above 0", self.temperature));
        }
        Ok(())
    }
}

impl Default for GradientDesign {
    fn default() -> Self {
        Self::new()
    }
}

/// Takes one step down.
pub(super) fn descend(
    loss: &Tensor,
    descent: &mut Descent,
    (free, rate): (&Var, f64),
) -> Result<()> {
    let gradients = if loss.track_op() {
        Some(loss.backward()?)
    } else {
        None
    };
    if let Some(gradients) = gradients.filter(|gradients| gradients.get(free).is_some()) {
        return descent.step(&gradients, (rate, None));
    }
    let got = "one whose output does not depend on `x` in a way that candle can differentiate";
    Err(Error::value("model", "differentiable", got))
}
