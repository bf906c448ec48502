//! Whether a classifier can tell two samples apart.

use super::samples::Samples;
use super::verdict::{ShiftTest, check_level};
use crate::calibration::logistic_regression;
use crate::distribution::normal;
use crate::network::{Network, Predict};
use crate::random::Seed;
use crate::training::{Fit, Loss, auroc};
use crate::{Error, Input, Result};
use ndarray::{Array1, Array2, Axis, concatenate};
use rand::seq::SliceRandom;

/// Tests whether a classifier can tell two samples apart, with the defaults of [`ClassifierTest`].
///
/// # Errors
///
/// As [`ClassifierTest::run`].
///
/// # Examples
///
/// ```
/// use genolens::{shift, simulate};
/// # fn main() -> genolens::Result<()> {
/// let (source, target) = (simulate::normal((100, 3), 1), simulate::normal((100, 3), 2) + 1.0);
/// let test = shift::classifier_test(&source, &target)?;
/// assert!(test.statistic() > 0.7 && test.is_shifted());
/// # Ok(()) }
/// ```
pub fn classifier_test(source: &dyn Input, target: &dyn Input) -> Result<ShiftTest> {
    ClassifierTest::new().run(source, target)
}

/// Trains a classifier on one half of two samples and tests on the other half whether it tells them apart, with options (Lopez-Paz and
/// Oquab 2017, <https://doi.org/10.48550/arXiv.1610.06545>).
///
/// The statistic is the area under the receiver operating characteristic on the other half, 0.5 by chance, whatever the sizes of the
/// samples; the p-value is that of the Mann-Whitney test against larger areas, by the normal distribution with ties counted. Logistic
/// regression on standardised features sees shifts of means; a network sees what it can learn.
#[derive(Clone, Debug)]
pub struct ClassifierTest {
    level: f64,
    ridge: f64,
    network: Option<(Network, Fit)>,
    seed: Seed,
}

impl ClassifierTest {
    /// Takes the defaults: logistic regression with ridge 0.01, level 0.05.
    pub fn new() -> Self {
        Self {
            level: 0.05,
            ridge: 0.01,
            network: None,
            seed: Seed::default(),
        }
    }

    /// Sets the chance of a false alarm, above 0 to below 1.
    pub fn level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// Sets how much large coefficients cost, at least 0.
    pub fn ridge(mut self, ridge: f64) -> Self {
        self.ridge = ridge;
        self
    }

    /// Trains this network in place of logistic regression: one with one output, or with two for
    /// [`Loss::CrossEntropy`], whose difference is the score.
    pub fn network(mut self, network: &Network, fit: Fit) -> Self {
        self.network = Some((network.clone(), fit));
        self
    }

    /// Sets the seed of the halves.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Tests samples of shape `(n, ...)` and `(m, ...)`, each of at least 8 examples.
    ///
    /// # Errors
    ///
    /// Fails for fewer examples, other features, a number that is not finite, a network with other outputs, an option that makes no sense,
    /// or as [`Fit::run`].
    pub fn run(&self, source: &dyn Input, target: &dyn Input) -> Result<ShiftTest> {
        check_level(self.level)?;
        if !(self.ridge.is_finite() && self.ridge >= 0.0) {
            return Err(Error::value("ridge", "at least 0", self.ridge));
        }
        let samples = Samples::new(source, target)?;
        let (n, m) = samples.sizes();
        if n.min(m) < 8 {
            return Err(Error::value(
                "source and target",
                "at least 8 examples each",
                n.min(m),
            ));
        }
        // Halves are drawn in each sample: both have examples to learn from and to test on.
        let half = |size: usize, first: usize, name: &str| {
            let mut rows: Vec<usize> = (first..first + size).collect();
            rows.shuffle(&mut self.seed.named(name).generator());
            let test = rows.split_off(size.div_ceil(2));
            (rows, test)
        };
        let (mut train, mut test) = half(n, 0, "source");
        let (more, others) = half(m, n, "target");
        train.extend(more);
        test.extend(others);
        let label = |rows: &[usize]| -> Array1<f32> {
            rows.iter()
                .map(|&row| f32::from(u8::from(row >= n)))
                .collect()
        };
        let scores = match &self.network {
            Some((network, fit)) => {
                let (source, target) = (source.array()?, target.array()?);
                let all = concatenate(Axis(0), &[source.view(), target.view()])
                    .map_err(|_| Error::shape("target", "(n, ...) as `source`", target.shape()))?;
                let held = all.select(Axis(0), &test);
                let outputs = Predict::new().run(network, &held)?.ncols();
                let is_log_odds = outputs == 2 && *fit == fit.clone().loss(Loss::CrossEntropy);
                if outputs != 1 && !is_log_odds {
                    let expected = "(n, 1), or (n, 2) for cross-entropy";
                    let got = [test.len(), outputs];
                    return Err(Error::shape("output of the network", expected, &got));
                }
                let trained = fit.run(network, &all.select(Axis(0), &train), &label(&train))?;
                let scores = Predict::new().run(&trained, &held)?;
                match outputs {
                    1 => scores.remove_axis(Axis(1)),
                    // The log-odds of the target.
                    _ => &scores.column(1) - &scores.column(0),
                }
            }
            None => linear(&samples, (&train, &test), (&label(&train), self.ridge))?,
        };
        let labels = label(&test);
        let area = auroc(&scores, &labels)?;
        let z = (area - 0.5) / chance_spread(&scores, &labels);
        let p = if z.is_nan() { 1.0 } else { normal::above(z) };
        Ok(ShiftTest::new(
            "area under the curve of a classifier",
            (area, p),
            self.level,
        ))
    }
}

impl Default for ClassifierTest {
    fn default() -> Self {
        Self::new()
    }
}

fn linear(
    samples: &Samples,
    (train, test): (&[usize], &[usize]),
    (labels, ridge): (&Array1<f32>, f64),
) -> Result<Array1<f32>> {
    let all = with_ones(&samples.standardised()?.together()?)?;
    let targets = labels.mapv(f64::from);
    let weights = logistic_regression(&all.select(Axis(0), train).view(), &targets.view(), ridge)?;
    Ok(all
        .select(Axis(0), test)
        .dot(&weights)
        .mapv(|score| score as f32))
}

/// Adds a column of ones at the end.
pub(super) fn with_ones(rows: &Array2<f64>) -> Result<Array2<f64>> {
    concatenate(
        Axis(1),
        &[rows.view(), Array2::ones((rows.nrows(), 1)).view()],
    )
    .map_err(|_| Error::shape("source", "(n, features)", rows.shape()))
}

/// Returns the standard deviation of the area by chance, ties of scores counted; 0 where all scores are the same.
fn chance_spread(scores: &Array1<f32>, labels: &Array1<f32>) -> f64 {
    let n = labels.len() as f64;
    let ones = labels.iter().filter(|label| **label == 1.0).count() as f64;
    let mut sorted = scores.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let ties = sorted.chunk_by(|a, b| a == b).map(|tied| {
        let tied = tied.len() as f64;
        tied * (tied * tied - 1.0)
    });
    let ties = ties.sum::<f64>() / (n * (n - 1.0));
    ((n + 1.0 - ties) / (12.0 * ones * (n - ones))).sqrt()
}
