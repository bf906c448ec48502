//! What a class looks like to a model of sequences, as a motif.

use super::{ActivationMaximisation, Dreams, Objective, Space};
use crate::motif::Motif;
use crate::network::Model;
use crate::random::Seed;
use crate::training::RmsProp;
use crate::{Error, Result};
use ndarray::{Array2, Ix3};

/// Computes the motif of the first output, or of another: what a model would like to read, as in the Deep Motif Dashboard.
///
/// See [`ClassMotif`] for what is done.
///
/// # Errors
///
/// As [`ClassMotif::run`].
///
/// # Examples
///
/// ```
/// use genolens::{network, synthesis};
/// # fn main() -> genolens::Result<()> {
/// let motif = synthesis::class_motif(&network::deepbind(4), 40, 0)?;
/// assert_eq!((motif.name(), motif.len()), ("class 0", 40));
/// # Ok(()) }
/// ```
pub fn class_motif(model: &dyn Model, length: usize, output: usize) -> Result<Motif> {
    ClassMotif::new().output(output).run(model, length)
}

/// Computes the motif of an output, with options.
///
/// Numbers for every letter and position, drawn uniformly from 0 to 1, are changed so that the negative logarithm of the probability of the class
/// plus a share of the sum of squares falls. The result is cut to 0 to 1, divided by its largest number, raised by 0.01, and divided by the sum of
/// every position. The probability is the sigmoid of the output, or its share in the softmax of all with [`softmax`](Self::softmax).
///
/// The last step counts in the original, the best here.
///
/// # References
///
/// Lanchantin, Singh, Wang and Qi 2017, <https://arxiv.org/abs/1608.03644>; defaults as in `class_optimization.lua` of its code: share 0.009, `RMSprop`
/// with learning rate 0.05, 1000 steps. Checked against the same arithmetic in `PyTorch` 2.15.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassMotif {
    output: usize,
    softmax: bool,
    l2: f64,
    rate: f64,
    steps: usize,
    restarts: usize,
    seed: Seed,
}

impl ClassMotif {
    /// Takes the defaults: the first output, share 0.009, learning rate 0.05, 1000 steps, one start.
    pub fn new() -> Self {
        Self {
            output: 0,
            softmax: false,
            l2: 0.009,
            rate: 0.05,
            steps: 1000,
            restarts: 1,
            seed: Seed::default(),
        }
    }

    /// Sets which output is the class, counted from 0.
    pub fn output(mut self, output: usize) -> Self {
        self.output = output;
        self
    }

    /// Takes the softmax of all outputs, which are classes that exclude each other.
    pub fn softmax(mut self) -> Self {
        self.softmax = true;
        self
    }

    /// Sets the share of the sum of squares that is taken off.
    pub fn l2(mut self, share: f64) -> Self {
        self.l2 = share;
        self
    }

    /// Sets the learning rate of `RMSprop`.
    pub fn learning_rate(mut self, rate: f64) -> Self {
        self.rate = rate;
        self
    }

    /// Sets the number of steps.
    pub fn steps(mut self, steps: usize) -> Self {
        self.steps = steps;
        self
    }

    /// Sets how many random starts there are, of which the best is kept.
    pub fn restarts(mut self, restarts: usize) -> Self {
        self.restarts = restarts;
        self
    }

    /// Sets the seed of the starts.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Computes the motif, of so many positions.
    ///
    /// # Errors
    ///
    /// Fails when there is no such output, the model cannot read DNA of this length, nothing above 0 is left, and as
    /// [`ActivationMaximisation::random`].
    pub fn run(&self, model: &dyn Model, length: usize) -> Result<Motif> {
        let dreams = self.dream(model, length)?;
        let inputs = dreams.inputs().view().into_dimensionality::<Ix3>();
        let shape = dreams.inputs().shape();
        let inputs = inputs.map_err(|_| Error::shape("dream", "(1, 4, length)", shape))?;
        let numbers = inputs.index_axis(ndarray::Axis(0), 0);
        let numbers: Array2<f64> = numbers.t().mapv(|x| f64::from(x).clamp(0.0, 1.0));
        let most = numbers.iter().copied().fold(0.0, f64::max);
        if most == 0.0 {
            let expected = "something above 0: take a smaller `l2`";
            return Err(Error::value("class motif", expected, "0 everywhere"));
        }
        let counts = numbers.mapv(|x| x / most + 0.01);
        let sums = counts
            .sum_axis(ndarray::Axis(1))
            .insert_axis(ndarray::Axis(1));
        Motif::from_probabilities(&format!("class {}", self.output), &(counts / sums))
    }

    /// Computes the numbers behind the motif, not cut, shape `(1, 4, length)`.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn dream(&self, model: &dyn Model, length: usize) -> Result<Dreams> {
        let objective = if self.softmax {
            Objective::log_softmax(self.output)
        } else {
            Objective::log_probability(self.output)
        };
        ActivationMaximisation::new()
            .objective(objective)
            .space(Space::free())
            .uniform()
            .l2(self.l2)
            .optimizer(RmsProp::new())
            .learning_rate(self.rate)
            .steps(self.steps)
            .without_patience()
            .restarts(self.restarts)
            .seed(self.seed)
            .random(model, &[4, length])
    }
}

impl Default for ClassMotif {
    fn default() -> Self {
        Self::new()
    }
}
