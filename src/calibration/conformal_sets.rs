//! Sets of classes that hold the right one with a chance that is promised.

use super::paired::{Paired, check_sums, classes, matrix};
use super::prediction_sets::PredictionSets;
use crate::random::Seed;
use crate::training::Labels;
use crate::{Error, Input, Result};
use ndarray::{Array2, ArrayView1};
use rand::RngExt;
use std::fmt;
use std::sync::Arc;

/// How strange a class is for an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strangeness {
    /// One less its probability: the smallest sets (Sadinle, Lei and Wasserman 2019, <https://doi.org/10.1080/01621459.2017.1395341>).
    #[default]
    Threshold,
    /// The probability of all classes before it and, times a random number, its own: sets that are larger for hard examples (adaptive
    /// prediction sets; Romano, Sesia and Candès 2020, <https://doi.org/10.48550/arXiv.2006.02544>).
    Adaptive,
}

/// Learns sets of classes that hold the right one in 90 of 100 examples, with the defaults of [`Conformal`].
///
/// # Errors
///
/// As [`Conformal::run`].
///
/// # Examples
///
/// ```
/// use genolens::{calibration, ndarray::{Array1, Array2}};
/// # fn main() -> genolens::Result<()> {
/// let sure = |i: usize| 0.4 + (i * 29 % 60) as f32 / 100.0;
/// let chances = Array2::from_shape_fn((200, 2), |(i, class)| if class == 0 { sure(i) } else { 1.0 - sure(i) });
/// let labels = Array1::from_shape_fn(200, |i| if (i * 53 % 100) as f32 / 100.0 < sure(i) { 0.0_f32 } else { 1.0 });
/// let conformal = calibration::conformal_sets(&chances, &labels)?;
/// let sets = conformal.sets(&chances)?;
/// assert!(sets.coverage(&labels)? >= 0.9);
/// # Ok(()) }
/// ```
pub fn conformal_sets(probabilities: &dyn Input, labels: &dyn Labels) -> Result<ConformalSets> {
    Conformal::new().run(probabilities, labels)
}

/// Learns sets of classes that hold the right one with a chance that is promised, with options (split conformal prediction; Vovk, Gammerman
/// and Shafer 2005; Angelopoulos and Bates 2021, <https://doi.org/10.48550/arXiv.2107.07511>).
///
/// Whatever the model, of new examples that come as the held-out ones did, the sets hold the right class with at least the chance asked
/// for, and with `n` held-out examples and no ties at most `1 / (n + 1)` more. That is a mean over examples and over draws of the held-out
/// ones: it does not hold for each kind of example alone, and not after a shift of the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conformal {
    coverage: f64,
    strangeness: Strangeness,
    class_conditional: bool,
    randomised: bool,
    seed: Seed,
}

impl Conformal {
    /// Takes the defaults: coverage 0.9, [`Strangeness::Threshold`], one threshold for all classes.
    pub fn new() -> Self {
        Self {
            coverage: 0.9,
            strangeness: Strangeness::Threshold,
            class_conditional: false,
            randomised: true,
            seed: Seed::default(),
        }
    }

    /// Sets the chance with which sets hold the right class, above 0 to below 1.
    pub fn coverage(mut self, coverage: f64) -> Self {
        self.coverage = coverage;
        self
    }

    /// Sets how strange a class is.
    pub fn strangeness(mut self, strangeness: Strangeness) -> Self {
        self.strangeness = strangeness;
        self
    }

    /// Promises the coverage for every class on its own, which takes more examples; of rare classes sets hold all examples.
    pub fn class_conditional(mut self, conditional: bool) -> Self {
        self.class_conditional = conditional;
        self
    }

    /// Tells whether adaptive sets are randomised, so that coverage is exact and a set may be empty, or larger than need be and never
    /// empty.
    pub fn randomised(mut self, randomised: bool) -> Self {
        self.randomised = randomised;
        self
    }

    /// Sets the seed of the random numbers.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Learns from probabilities `(n, classes)` of held-out examples and the numbers of their classes `(n)`.
    ///
    /// # Errors
    ///
    /// Fails when shapes do not fit, rows do not sum to 1, a label is none, or the coverage makes no sense.
    pub fn run(&self, probabilities: &dyn Input, labels: &dyn Labels) -> Result<ConformalSets> {
        check_coverage(self.coverage)?;
        let paired = Paired::probabilities(probabilities, labels)?;
        let Some(truth) = paired.classes() else {
            let expected = "(n, classes), beside labels (n) of class numbers";
            return Err(Error::shape(
                "probabilities",
                expected,
                paired.values.shape(),
            ));
        };
        let seed = self.seed.named("held out");
        let mut own: Vec<Vec<f64>> = vec![Vec::new(); paired.width()];
        for (row, (shares, &class)) in paired.values.rows().into_iter().zip(truth).enumerate() {
            own[class].push(self.strange(&shares, seed.indexed(row))[class]);
        }
        let thresholds = if self.class_conditional {
            own.into_iter()
                .map(|scores| threshold(scores, self.coverage))
                .collect()
        } else {
            vec![threshold(own.concat(), self.coverage); paired.width()]
        };
        Ok(ConformalSets {
            options: *self,
            thresholds: thresholds.into(),
            examples: truth.len(),
        })
    }

    /// Returns how strange every class is for an example.
    fn strange(&self, shares: &ArrayView1<'_, f64>, seed: Seed) -> Vec<f64> {
        if self.strangeness == Strangeness::Threshold {
            return shares.iter().map(|share| 1.0 - share).collect();
        }
        let part = if self.randomised {
            seed.generator().random::<f64>()
        } else {
            1.0
        };
        let mut order: Vec<usize> = (0..shares.len()).collect();
        order.sort_by(|&a, &b| shares[b].total_cmp(&shares[a]));
        let (mut scores, mut before) = (vec![0.0; shares.len()], 0.0);
        for (place, class) in order.into_iter().enumerate() {
            // Without chance the most probable class is never left out.
            let own = if place == 0 && !self.randomised {
                0.0
            } else {
                part * shares[class]
            };
            scores[class] = before + own;
            before += shares[class];
        }
        scores
    }
}

impl Default for Conformal {
    fn default() -> Self {
        Self::new()
    }
}

/// Sets of classes that hold the right one with a chance that is promised, as held-out examples taught; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct ConformalSets {
    options: Conformal,
    thresholds: Arc<[f64]>,
    examples: usize,
}

impl ConformalSets {
    /// Returns the set of classes of every example; probabilities have shape `(n, classes)`.
    ///
    /// # Errors
    ///
    /// Fails for another number of classes than those that taught, or rows that do not sum to 1.
    pub fn sets(&self, probabilities: &dyn Input) -> Result<PredictionSets> {
        let values = matrix("probabilities", probabilities)?;
        if values.ncols() != self.thresholds.len() {
            let expected = format!("(n, {}) as those that taught", self.thresholds.len());
            return Err(Error::shape("probabilities", expected, values.shape()));
        }
        if let Some(value) = values.iter().find(|value| !(0.0..=1.0).contains(*value)) {
            return Err(Error::value("probabilities", "0 to 1", value));
        }
        check_sums("probabilities", &values)?;
        let seed = self.options.seed.named("sets");
        let mut held = Array2::from_elem(values.dim(), false);
        for (row, shares) in values.rows().into_iter().enumerate() {
            let strange = self.options.strange(&shares, seed.indexed(row));
            for (class, strange) in strange.into_iter().enumerate() {
                held[[row, class]] = strange <= self.thresholds[class];
            }
        }
        Ok(PredictionSets::new(held, self.options.coverage))
    }

    /// Returns the chance that was asked for.
    pub fn coverage(&self) -> f64 {
        self.options.coverage
    }

    /// Returns the greatest strangeness that a set holds, for every class; infinite where there were too few examples to promise anything,
    /// so that every set holds the class.
    pub fn thresholds(&self) -> ndarray::Array1<f64> {
        self.thresholds.iter().copied().collect()
    }
}

impl fmt::Display for ConformalSets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Conformal {
            coverage,
            class_conditional,
            ..
        } = self.options;
        let each = if class_conditional {
            " of every class"
        } else {
            ""
        };
        write!(
            f,
            "sets that hold the right class in {:.1} % of examples{each}, learned from {}",
            100.0 * coverage,
            self.examples
        )?;
        let all = self
            .thresholds
            .iter()
            .filter(|threshold| threshold.is_infinite())
            .count();
        if all > 0 {
            write!(
                f,
                "; {all} of {} classes are in every set, for want of examples",
                self.thresholds.len()
            )?;
        }
        Ok(())
    }
}

/// Checks a coverage.
pub(super) fn check_coverage(coverage: f64) -> Result<()> {
    if coverage > 0.0 && coverage < 1.0 {
        return Ok(());
    }
    Err(Error::value("coverage", "above 0 to below 1", coverage))
}

/// Returns the score that is exceeded by at most the share that may be left out, counting the example to come; infinite where even the
/// greatest would not do.
pub(super) fn threshold(mut scores: Vec<f64>, coverage: f64) -> f64 {
    // Rounding must not ask for one example more.
    let rank = ((scores.len() + 1) as f64 * coverage - 1e-9).ceil() as usize;
    if rank > scores.len() {
        return f64::INFINITY;
    }
    *scores
        .select_nth_unstable_by(rank.max(1) - 1, f64::total_cmp)
        .1
}

/// Reads the numbers of classes of examples.
pub(super) fn class_numbers(labels: &dyn Labels, (n, count): (usize, usize)) -> Result<Vec<usize>> {
    let labels = labels.labels()?;
    if labels.len() != n || labels.shape().first() != Some(&n) {
        let expected = format!("({n}), the number of the class of every example");
        return Err(Error::shape("labels", expected, labels.shape()));
    }
    classes(&labels.view().into_owned(), count)
}
