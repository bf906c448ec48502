//! How sure a network is, from predictions with dropout.

use super::batches::in_batches;
use super::tensor::{to_dimension, view_to_tensor};
use super::{Model, Network, Pass, Predict};
use crate::random::Seed;
use crate::{Error, Input, Result, progress};
use ndarray::{Array2, Array3, ArrayView2, Axis, Ix2, Slice, concatenate, stack};
use std::fmt;
use std::sync::Arc;

/// Predicts 30 times with dropout switched on, as while training.
///
/// # Errors
///
/// Fails when the network has no dropout or cannot read `x`.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::Array3, network};
/// # fn main() -> genolens::Result<()> {
/// let x = Array3::<f32>::ones((5, 4, 50));
/// let scores = network::predict_with_dropout(&network::deepbind(8), &x)?;
/// assert_eq!(scores.mean().dim(), (5, 1));
/// assert_eq!(scores.spread().dim(), (5, 1));
/// # Ok(()) }
/// ```
pub fn predict_with_dropout(network: &Network, x: &dyn Input) -> Result<Uncertain> {
    MonteCarlo::new().run(network, x)
}

/// Predicts many times with dropout switched on: what the scores do then tells how sure the network is.
///
/// Only dropout is switched on: a batch norm still uses its running moments. What is silenced follows from the seed, the number of
/// the prediction and the place of the example among all examples, not from batches or threads
/// (Gal and Ghahramani 2016, <https://doi.org/10.48550/arXiv.1506.02142>).
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::Array3, network};
/// # fn main() -> genolens::Result<()> {
/// let x = Array3::<f32>::ones((5, 4, 50));
/// let model = network::deepbind(8);
/// let scores = network::Predict::new().batch(16).dropout(7).samples(100).run(&model, &x)?;
/// assert!(scores.spread()[[0, 0]] > 0.0);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonteCarlo {
    samples: usize,
    seed: Seed,
    batch: usize,
}

impl MonteCarlo {
    /// Takes the defaults: 30 predictions of every example, batches of 64.
    pub fn new() -> Self {
        Predict::new().dropout(Seed::default())
    }

    pub(crate) fn with(seed: Seed, batch: usize) -> Self {
        Self {
            samples: 30,
            seed,
            batch,
        }
    }

    /// Sets how often every example is predicted, at least twice.
    pub fn samples(mut self, samples: usize) -> Self {
        self.samples = samples;
        self
    }

    /// Sets the seed of what is silenced.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Sets the number of examples that are computed at once.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Computes mean and spread of the raw scores, each of shape `(n, outputs)`.
    ///
    /// # Errors
    ///
    /// Fails when the network has no dropout or cannot read `x`, when `x` has no example, or for fewer than two samples.
    pub fn run(&self, network: &Network, x: &dyn Input) -> Result<Uncertain> {
        let parts = self.sampled(network, x, Moments::default, |moments, scores| {
            moments.add(&scores.view());
        })?;
        let join = |of: &dyn Fn(&Moments) -> Array2<f32>| {
            let parts: Vec<Array2<f32>> = parts.iter().map(of).collect();
            let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
            concatenate(Axis(0), &views)
                .map_err(|_| Error::shape("output", "(n, outputs) for every batch", &[]))
        };
        Ok(Uncertain {
            mean: Arc::new(join(&|moments| moments.mean.mapv(|value| value as f32))?),
            spread: Arc::new(join(&Moments::spread)?),
            samples: self.samples,
        })
    }

    /// Computes the raw scores of every sample, shape `(samples, n, outputs)`.
    ///
    /// In a sample, the same is silenced for the same row of any `x`: scores of a mutant and of what it was made from may be compared sample
    /// by sample, where they are in the same row of two inputs.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn draws(&self, network: &Network, x: &dyn Input) -> Result<Array3<f32>> {
        let parts = self.sampled(network, x, Vec::new, Vec::push)?;
        let unequal = |_| Error::shape("output", "(n, outputs) for every batch", &[]);
        let stacked = parts.iter().map(|samples| {
            let views: Vec<_> = samples.iter().map(|scores| scores.view()).collect();
            stack(Axis(0), &views).map_err(unequal)
        });
        let stacked = stacked.collect::<Result<Vec<Array3<f32>>>>()?;
        let views: Vec<_> = stacked.iter().map(|part| part.view()).collect();
        concatenate(Axis(1), &views).map_err(unequal)
    }

    /// Collects what the samples of every batch give.
    fn sampled<T: Send>(
        &self,
        network: &Network,
        x: &dyn Input,
        empty: impl Fn() -> T + Sync,
        add: impl Fn(&mut T, Array2<f32>) + Sync,
    ) -> Result<Vec<T>> {
        if self.samples < 2 {
            return Err(Error::value("samples", "at least 2", self.samples));
        }
        if !network.has_dropout() {
            return Err(Error::value("network", "one with dropout", "one without"));
        }
        let x = x.array()?;
        let n = match x.shape() {
            [n, _, ..] if *n > 0 => *n,
            got => return Err(Error::shape("x", "(n, ...) with n at least 1", got)),
        };
        let device = network.device();
        in_batches("predict", (n, self.batch, device), |rows| {
            let first = rows.start;
            let batch = x.slice_axis(Axis(0), Slice::from(rows));
            let batch = view_to_tensor(&batch, device)?;
            let mut found = empty();
            for sample in 0..self.samples {
                progress::check("samples", sample, self.samples)?;
                let seed = self.seed.named("dropout samples").indexed(sample);
                let mut pass = Pass::sampling(seed, first);
                let out = network.score(&batch, &mut pass)?;
                add(&mut found, to_dimension::<Ix2>(&out)?);
            }
            Ok(found)
        })
    }
}

impl Default for MonteCarlo {
    fn default() -> Self {
        Self::new()
    }
}

/// Running mean and sum of squares (Welford 1962, <https://doi.org/10.1080/00401706.1962.10490022>).
#[derive(Default)]
struct Moments {
    count: f64,
    mean: Array2<f64>,
    squares: Array2<f64>,
}

impl Moments {
    fn add(&mut self, scores: &ArrayView2<'_, f32>) {
        if self.count == 0.0 {
            self.mean = Array2::zeros(scores.raw_dim());
            self.squares = Array2::zeros(scores.raw_dim());
        }
        self.count += 1.0;
        for ((mean, squares), &score) in self.mean.iter_mut().zip(&mut self.squares).zip(scores) {
            let before = f64::from(score) - *mean;
            *mean += before / self.count;
            *squares += before * (f64::from(score) - *mean);
        }
    }

    fn spread(&self) -> Array2<f32> {
        self.squares
            .mapv(|squares| (squares / (self.count - 1.0)).sqrt() as f32)
    }
}

/// What a network says when part of it is silenced.
///
/// `Display` says how many scores there are.
#[derive(Clone, PartialEq)]
pub struct Uncertain {
    mean: Arc<Array2<f32>>,
    spread: Arc<Array2<f32>>,
    samples: usize,
}

impl Uncertain {
    /// Returns the means of the raw scores, shape `(n, outputs)`.
    pub fn mean(&self) -> &Array2<f32> {
        &self.mean
    }

    /// Returns the standard deviations of the raw scores (over the samples less one), shape `(n, outputs)`.
    pub fn spread(&self) -> &Array2<f32> {
        &self.spread
    }

    /// Returns how often every example was predicted.
    pub fn samples(&self) -> usize {
        self.samples
    }
}

impl fmt::Display for Uncertain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, outputs) = self.mean.dim();
        let samples = self.samples;
        writeln!(
            f,
            "{n} examples, {outputs} outputs, {samples} predictions with dropout of each"
        )?;
        let rows = self.mean.rows().into_iter().zip(self.spread.rows());
        for (mean, spread) in rows.take(5) {
            let scores = mean.iter().zip(spread).take(5);
            let scores: Vec<String> = scores.map(|(m, s)| format!("{m:.3} ± {s:.3}")).collect();
            writeln!(f, "{}", scores.join("  "))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Uncertain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, outputs) = self.mean.dim();
        write!(f, "Uncertain({n} examples, {outputs} outputs)")
    }
}
