//! Inputs that a model likes best: activation maximisation.

use super::ascent::Ascent;
use super::dreams::{Dreams, Parts};
use super::objective::Objective;
use super::penalties::Penalties;
use super::space::Space;
use crate::network::{Model, to_array, to_tensor};
use crate::progress::Task;
use crate::random::Seed;
use crate::sequence::Alphabet;
use crate::training::{Adam, Optimizer};
use crate::{Error, Input, Result};
use candle_core::{Device, Tensor};
use ndarray::Axis;
use rand::RngExt;
use rand_distr::StandardNormal;
use std::ops::Range;

const TASK: &str = "activation maximisation";

/// Changes inputs so that an output of a model rises, with the defaults of [`ActivationMaximisation::new`].
///
/// The second argument is where dreams begin, `(n, ...)`; see [`ActivationMaximisation`] for what may be dreamt.
///
/// # Errors
///
/// As [`ActivationMaximisation::run`].
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::Array2, network::Architecture, synthesis};
/// # fn main() -> genolens::Result<()> {
/// let model = Architecture::features(5).dense(8).relu().dense(3).build()?;
/// let dreams = synthesis::dream(&model, &Array2::<f32>::zeros((2, 5)), 1)?;
/// assert_eq!(dreams.inputs().shape(), [2, 5]);
/// assert!(dreams.values()[0] >= dreams.start_values()[0]);
/// # Ok(()) }
/// ```
pub fn dream(model: &dyn Model, x: &dyn Input, what: impl Into<Objective>) -> Result<Dreams> {
    ActivationMaximisation::new().objective(what).run(model, x)
}

/// Dreams up a DNA sequence of so many positions that raises an output, from random shares of letters.
///
/// Three restarts, of which the best is kept; [`ActivationMaximisation::sequences`] has the options.
///
/// # Errors
///
/// As [`ActivationMaximisation::random`].
///
/// # Examples
///
/// ```
/// use genolens::{network, synthesis};
/// # fn main() -> genolens::Result<()> {
/// let dreams = synthesis::dream_sequence(&network::deepbind(4), 30, 0)?;
/// assert_eq!(dreams.sequences()?.length()?, 30);
/// # Ok(()) }
/// ```
pub fn dream_sequence(
    model: &dyn Model,
    length: usize,
    what: impl Into<Objective>,
) -> Result<Dreams> {
    let options = ActivationMaximisation::sequences().objective(what);
    let letters = options.alphabet.size();
    options.restarts(3).random(model, &[letters, length])
}

/// Changes inputs by gradient ascent so that an [`Objective`] rises, with options.
///
/// Raises the objective less penalties. An input is made of free numbers as its [`Space`] says; an optimiser changes these. The best input of
/// all steps is kept, and the start is one of them: no dream is worth less than its start.
///
/// Where a model is flat, as before a rectifier that is off, there is no way up: such a start stays what it is, and others, by restarts or more noise, help.
///
/// Shapes: `(n, features)`, `(n, letters, length)`, `(n, channels, height, width)` or whatever the model reads.
///
/// # References
///
/// Simonyan, Vedaldi and Zisserman 2014, <https://arxiv.org/abs/1312.6034>: the score less a share of the sum of squares of the input. The
/// optimisers are those of [`training`](crate::training), which agree with `PyTorch`; the path on a network with a smooth activation agrees with one
/// that `PyTorch` 2.15 took.
///
/// # Examples
///
/// ```
/// use genolens::{network, synthesis::{ActivationMaximisation, Objective}};
/// # fn main() -> genolens::Result<()> {
/// let model = network::deepbind(4);
/// let options = ActivationMaximisation::sequences().objective(Objective::log_probability(0)).entropy(0.1);
/// let dreams = options.steps(20).restarts(2).random(&model, &[4, 40])?;
/// assert_eq!(dreams.history().dim(), (1, 2, 21));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct ActivationMaximisation {
    pub(super) objective: Objective,
    pub(super) space: Space,
    penalties: Penalties,
    optimizer: Optimizer,
    rate: f64,
    steps: usize,
    patience: Option<usize>,
    restarts: usize,
    noise: f64,
    /// Whether random starts are uniform from 0 to 1 in place of normal.
    uniform: bool,
    batch: usize,
    pub(super) alphabet: Alphabet,
    seed: Seed,
}

impl ActivationMaximisation {
    /// Takes the defaults for any numbers: the first output, no penalty, 200 steps of Adam with learning rate 0.05, one start.
    pub fn new() -> Self {
        Self {
            objective: Objective::default(),
            space: Space::free(),
            penalties: Penalties::default(),
            optimizer: Adam::new().into(),
            rate: 0.05,
            steps: 200,
            patience: Some(100),
            restarts: 1,
            noise: 0.1,
            uniform: false,
            batch: 64,
            alphabet: Alphabet::Dna,
            seed: Seed::default(),
        }
    }

    /// Takes the defaults for sequences: shares of letters, learning rate 0.1, noise 1.
    pub fn sequences() -> Self {
        let options = Self::new().space(Space::letters());
        options.learning_rate(0.1).noise(1.0)
    }

    /// Takes the defaults for images: numbers from 0 to 1, learning rate 0.02.
    pub fn images() -> Self {
        let options = Self::new().space(Space::bounded(0.0, 1.0));
        options.learning_rate(0.02)
    }

    /// Takes the defaults for expression: counts by a softplus, learning rate 0.1, noise 1.
    pub fn counts() -> Self {
        let options = Self::new().space(Space::counts());
        options.learning_rate(0.1).noise(1.0)
    }

    /// Sets what is raised: an output or an [`Objective`].
    pub fn objective(mut self, what: impl Into<Objective>) -> Self {
        self.objective = what.into();
        self
    }

    /// Sets which inputs can be dreamt of.
    pub fn space(mut self, space: Space) -> Self {
        self.space = space;
        self
    }

    /// Takes this share of the sum of squares of the input off the objective.
    pub fn l2(mut self, share: f64) -> Self {
        self.penalties.size = share;
        self
    }

    /// Takes this share of the sum of squared differences from the start off the objective.
    pub fn near_start(mut self, share: f64) -> Self {
        self.penalties.distance = share;
        self
    }

    /// Takes this share of the mean entropy of a position, in bits, off the objective: letters become surer.
    pub fn entropy(mut self, share: f64) -> Self {
        self.penalties.entropy = share;
        self
    }

    /// Takes this share of the squared difference between the mean information of a position and `bits` off the objective.
    pub fn information(mut self, bits: f64, share: f64) -> Self {
        self.penalties.information = (share, bits);
        self
    }

    /// Takes this share of the sum of absolute differences between neighbours, along the axes behind the channels, off the objective.
    pub fn total_variation(mut self, share: f64) -> Self {
        self.penalties.variation = share;
        self
    }

    /// Sets the optimiser.
    pub fn optimizer(mut self, optimizer: impl Into<Optimizer>) -> Self {
        self.optimizer = optimizer.into();
        self
    }

    /// Sets the learning rate.
    pub fn learning_rate(mut self, rate: f64) -> Self {
        self.rate = rate;
        self
    }

    /// Sets the number of steps at most.
    pub fn steps(mut self, steps: usize) -> Self {
        self.steps = steps;
        self
    }

    /// Stops after so many steps in which no input of a batch became better; 100 unless set.
    pub fn patience(mut self, steps: usize) -> Self {
        self.patience = Some(steps);
        self
    }

    /// Takes all steps, whatever they bring.
    pub fn without_patience(mut self) -> Self {
        self.patience = None;
        self
    }

    /// Sets how often each input is begun with; all but the first begin with noise added to the free numbers. The best is kept.
    pub fn restarts(mut self, restarts: usize) -> Self {
        self.restarts = restarts;
        self
    }

    /// Sets the standard deviation of the noise in free numbers; in a box, in quarters of its width.
    pub fn noise(mut self, deviation: f64) -> Self {
        self.noise = deviation;
        self
    }

    /// Draws starts uniformly from 0 to 1.
    pub(super) fn uniform(mut self) -> Self {
        self.uniform = true;
        self
    }

    /// Sets the number of inputs that are changed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Sets the alphabet of sequences; DNA unless set.
    pub fn alphabet(mut self, alphabet: Alphabet) -> Self {
        self.alphabet = alphabet;
        self
    }

    /// Sets the seed of the noise.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Dreams from given inputs, shape `(n, ...)`.
    ///
    /// # Errors
    ///
    /// Fails when `x` has a shape that the model cannot read or lies outside the space, the model cannot be differentiated or gives numbers that are not
    /// finite, an option makes no sense, or the user interrupts.
    pub fn run(&self, model: &dyn Model, x: &dyn Input) -> Result<Dreams> {
        let x = x.array()?;
        if x.ndim() < 2 || x.is_empty() {
            let expected = "(n, ...) with at least one number";
            return Err(Error::shape("x", expected, x.shape()));
        }
        if let Some(number) = x.iter().find(|x| !x.is_finite()) {
            return Err(Error::value("x", "finite numbers", number));
        }
        self.check(x.shape())?;
        let rows = x.shape()[0] * self.restarts;
        self.dream(model, rows, |some| {
            let examples: Vec<usize> = some.clone().map(|row| row / self.restarts).collect();
            let start = to_tensor(&x.select(Axis(0), &examples), model.device())?;
            let noise = self.added(some, start.dims(), |row| row % self.restarts > 0)?;
            let noise = noise.to_device(model.device())?;
            Ok((start.clone(), (self.space.enter(&start)? + noise)?))
        })
    }

    /// Dreams from noise; the shape is that of one example, such as `[4, 101]`. The result has one dream, the best of all restarts.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn random(&self, model: &dyn Model, shape: &[usize]) -> Result<Dreams> {
        if shape.is_empty() || shape.contains(&0) {
            let expected = "one axis or more, none of them empty";
            return Err(Error::shape("shape", expected, shape));
        }
        let numbers = shape.iter().try_fold(1_usize, |all, &n| all.checked_mul(n));
        if numbers.is_none_or(|numbers| numbers.checked_mul(self.restarts).is_none()) {
            return Err(Error::shape("shape", "fewer numbers", shape));
        }
        self.check(&[&[1], shape].concat())?;
        self.dream(model, self.restarts, |some| {
            let sizes = [&[some.len()], shape].concat();
            let noise = self.added(some, &sizes, |_| true)?;
            let free = noise.to_device(model.device())?;
            let free = free.affine(1.0, self.space.middle())?;
            let free = self.space.project(&free)?.unwrap_or(free);
            Ok((self.space.make(&free)?.kept, free))
        })
    }

    /// Draws what is added to the free numbers of some rows.
    fn added(
        &self,
        rows: Range<usize>,
        sizes: &[usize],
        noisy: impl Fn(usize) -> bool,
    ) -> Result<Tensor> {
        let numbers: usize = sizes[1..].iter().product();
        let deviation = self.noise * self.space.unit();
        let mut all = Vec::with_capacity(rows.len() * numbers);
        for row in rows {
            let mut random = self.seed.named(TASK).indexed(row).generator();
            let deviation = if noisy(row) { deviation } else { 0.0 };
            all.extend((0..numbers).map(|_| {
                if self.uniform {
                    return random.random::<f32>();
                }
                let draw: f64 = random.sample(StandardNormal);
                (deviation * draw) as f32
            }));
        }
        Ok(Tensor::from_vec(all, sizes, &Device::Cpu)?)
    }

    /// Dreams so many rows, batch by batch; `begin` gives their starts and free numbers.
    fn dream(
        &self,
        model: &dyn Model,
        rows: usize,
        begin: impl Fn(Range<usize>) -> Result<(Tensor, Tensor)>,
    ) -> Result<Dreams> {
        let ascent = Ascent {
            model,
            objective: &self.objective,
            space: self.space,
            penalties: self.penalties,
            optimizer: self.optimizer,
            rate: self.rate,
            steps: self.steps,
            patience: self.patience,
        };
        let batches = rows.div_ceil(self.batch);
        let mut task = Task::new(TASK, batches * self.steps);
        let mut starts = Vec::with_capacity(batches);
        let mut climbed = Vec::with_capacity(batches);
        for first in (0..rows).step_by(self.batch) {
            let (start, free) = begin(first..rows.min(first.saturating_add(self.batch)))?;
            climbed.push(ascent.climb(&start, &free, &mut task)?);
            starts.push(to_array(&start)?);
        }
        task.finish("");
        let alphabet = self.space.is_letters().then_some(self.alphabet);
        let parts = Parts {
            objective: self.objective.describe(),
            alphabet,
            restarts: self.restarts,
            stride: ascent.stride(),
        };
        Dreams::new(parts, &starts, &climbed)
    }

    fn check(&self, shape: &[usize]) -> Result<()> {
        self.objective.check()?;
        self.space.check()?;
        self.optimizer.check()?;
        self.penalties.check(self.space, shape)?;
        for (name, value) in [("restarts", self.restarts), ("batch", self.batch)] {
            if value == 0 {
                return Err(Error::value(name, "at least 1", value));
            }
        }
        for (name, value) in [("learning_rate", self.rate), ("noise", self.noise)] {
            if !(value >= 0.0 && value.is_finite()) {
                return Err(Error::value(name, "0 or more", value));
            }
        }
        if self.space.is_letters() && (shape.len() != 3 || shape[1] != self.alphabet.size()) {
            let expected = format!(
                "(n, {}, length) for {}",
                self.alphabet.size(),
                self.alphabet
            );
            return Err(Error::shape("x", expected, shape));
        }
        Ok(())
    }
}

impl Default for ActivationMaximisation {
    fn default() -> Self {
        Self::new()
    }
}
