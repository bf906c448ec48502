//! The gradient around the sequence instead of at it.

use super::Attribution;
use super::gradient::{each_sequence, gradient_of_batch};
use crate::network::Model;
use crate::progress;
use crate::random::Seed;
use crate::sequence::Explainable;
use crate::{Error, Result};
use ndarray::{Array2, Array3, Zip};
use rand::RngExt;
use rand_distr::StandardNormal;

/// Computes the mean gradient of the first output over 50 sequences with noise.
///
/// # Errors
///
/// Fails when `x` has a shape that the model cannot read, the model cannot be differentiated, or the user interrupts.
///
/// # Examples
///
/// ```
/// use genolens::{attribution, network, sequence::Sequences};
/// # fn main() -> genolens::Result<()> {
/// let peaks = Sequences::dna(["ACGTACGTAC"])?;
/// let scores = attribution::smooth_grad(&network::deepbind(4), &peaks)?;
/// assert_eq!(scores.scores().dim(), (1, 4, 10));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Smilkov et al. 2017, <https://arxiv.org/abs/1706.03825>; squares and variances: Hooker et al. 2019, <https://arxiv.org/abs/1806.10758>, and
/// Adebayo et al. 2018, <https://arxiv.org/abs/1810.03307>. The definitions are those of captum's `NoiseTunnel` around `Saliency` without `abs`.
pub fn smooth_grad(model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
    SmoothGrad::new().run(model, x)
}

/// What is made of the gradients of noisy sequences.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Smoothing {
    /// Their mean.
    #[default]
    Mean,
    /// The mean of their squares.
    Squares,
    /// Their variance, the sum of squares over the number of samples.
    Variance,
}

/// Averages the gradient over sequences with normal noise, with options.
#[derive(Clone, Debug)]
pub struct SmoothGrad {
    target: usize,
    samples: usize,
    spread: f64,
    smoothing: Smoothing,
    seed: Seed,
    batch: usize,
}

impl SmoothGrad {
    /// Takes the defaults: the first output, the mean over 50 samples with noise of standard deviation 0.1, batches of 64.
    pub fn new() -> Self {
        Self {
            target: 0,
            samples: 50,
            spread: 0.1,
            smoothing: Smoothing::Mean,
            seed: Seed::default(),
            batch: 64,
        }
    }

    /// Sets which output to explain, counted from 0.
    pub fn target(mut self, target: usize) -> Self {
        self.target = target;
        self
    }

    /// Sets how many noisy copies of every sequence are looked at.
    pub fn samples(mut self, samples: usize) -> Self {
        self.samples = samples;
        self
    }

    /// Sets the standard deviation of the noise, in units of the one-hot code.
    pub fn spread(mut self, spread: f64) -> Self {
        self.spread = spread;
        self
    }

    /// Sets what is made of the gradients.
    pub fn smoothing(mut self, smoothing: Smoothing) -> Self {
        self.smoothing = smoothing;
        self
    }

    /// Sets the seed of the noise; default 0. The noise of a sequence follows from it and from the letters.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Sets the number of copies that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Computes the scores.
    ///
    /// # Errors
    ///
    /// Fails when `x` has a shape that the model cannot read, there is no such output, the model cannot be differentiated, there are no
    /// samples, the spread is no number of 0 or more, or the user interrupts.
    pub fn run(&self, model: &dyn Model, x: &dyn Explainable) -> Result<Attribution> {
        const METHOD: &str = "SmoothGrad";
        if self.batch == 0 || self.samples == 0 {
            let name = if self.batch == 0 { "batch" } else { "samples" };
            return Err(Error::value(name, "at least 1", 0));
        }
        if !(self.spread >= 0.0 && self.spread.is_finite()) {
            return Err(Error::value("spread", "a number of 0 or more", self.spread));
        }
        let steps = self.samples.div_ceil(self.batch);
        let (found, _) = each_sequence(METHOD, (model, x), |all, index, x| {
            let mut generator = self.seed.named(all.text(index)).generator();
            let mut sums = Array2::<f64>::zeros(x.dim());
            let mut squares = Array2::<f64>::zeros(x.dim());
            for step in 0..steps {
                // One sequence can take long: an interrupt must not wait for its end.
                progress::check(METHOD, step, steps)?;
                let count = self.batch.min(self.samples - step * self.batch);
                let mut noisy = Array3::zeros((count, x.nrows(), x.ncols()));
                for mut copy in noisy.outer_iter_mut() {
                    Zip::from(&mut copy).and(x).for_each(|copy, &x| {
                        let noise: f64 = generator.sample(StandardNormal);
                        *copy = x + (self.spread * noise) as f32;
                    });
                }
                let gradients = gradient_of_batch(model, &noisy, self.target)?;
                for gradient in gradients.outer_iter() {
                    let all = Zip::from(&mut sums).and(&mut squares).and(&gradient);
                    all.for_each(|sum, square, &gradient| {
                        let gradient = f64::from(gradient);
                        *sum += gradient;
                        *square += gradient * gradient;
                    });
                }
            }
            let count = self.samples as f64;
            let (mean, squares) = (sums / count, squares / count);
            let scores = match self.smoothing {
                Smoothing::Mean => mean,
                Smoothing::Squares => squares,
                Smoothing::Variance => (squares - &mean * &mean).mapv_into(|v| v.max(0.0)),
            };
            Ok((scores, ()))
        })?;
        Ok(found.targeted(self.target))
    }
}

impl Default for SmoothGrad {
    fn default() -> Self {
        Self::new()
    }
}
