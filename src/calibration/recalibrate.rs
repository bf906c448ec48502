//! Calibration and its judgement on two halves of the same data.

use super::assessment::Assessment;
use super::calibrate::Calibrate;
use super::calibrator::Calibrator;
use super::method::Method;
use crate::random::Seed;
use crate::training::{HoldOut, Labels, Split};
use crate::{Error, Input, Result};
use ndarray::{Array, ArrayD, Axis, CowArray, IxDyn};
use std::fmt;

/// Fits a calibrator on one half of the examples and judges it on the other, with the defaults of [`Recalibrate`].
///
/// # Errors
///
/// As [`Recalibrate::run`].
///
/// # Examples
///
/// ```
/// use genolens::{calibration, ndarray::Array1};
/// # fn main() -> genolens::Result<()> {
/// let scores = Array1::from_shape_fn(2000, |i| (i % 101) as f32 / 5.0 - 10.0);
/// let labels = scores.mapv(|score| if score > 4.0 { 1.0_f32 } else { 0.0 });
/// let recalibrated = calibration::recalibrate(&scores, &labels)?;
/// assert_eq!(recalibrated.split().test().len(), 1000);
/// assert!(recalibrated.assessment().after().ece() < recalibrated.assessment().before().ece());
/// # Ok(()) }
/// ```
pub fn recalibrate(scores: &dyn Input, labels: &dyn Labels) -> Result<Recalibrated> {
    Recalibrate::new().run(scores, labels)
}

/// Fits a calibrator on a share of the examples and judges it on the others, with options.
///
/// None of the examples may be among those that the model learned from.
#[derive(Clone, Debug, PartialEq)]
pub struct Recalibrate {
    calibrate: Calibrate,
    share: f64,
    split: Option<Split>,
    seed: Seed,
}

impl Recalibrate {
    /// Takes the defaults: [`Calibrate::new`] on one half, of every class, the other half for the judgement.
    pub fn new() -> Self {
        Self {
            calibrate: Calibrate::new(),
            share: 0.5,
            split: None,
            seed: Seed::default(),
        }
    }

    /// Sets how scores become probabilities.
    pub fn method(mut self, method: Method) -> Self {
        self.calibrate = self.calibrate.method(method);
        self
    }

    /// Sets how the calibrator is fitted.
    pub fn calibrate(mut self, calibrate: Calibrate) -> Self {
        self.calibrate = calibrate;
        self
    }

    /// Sets the share of examples on which the calibrator is judged, above 0 to below 1.
    pub fn share(mut self, share: f64) -> Self {
        self.share = share;
        self
    }

    /// Fits on the first rows of a split and judges on those it holds out, such as other chromosomes, in place of a random share.
    pub fn split(mut self, split: &Split) -> Self {
        self.split = Some(split.clone());
        self
    }

    /// Sets the seed of the split.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Fits and judges; shapes as in [`Calibrate::run`].
    ///
    /// # Errors
    ///
    /// As [`Calibrate::run`], and when the examples cannot be split.
    pub fn run(&self, scores: &dyn Input, labels: &dyn Labels) -> Result<Recalibrated> {
        let (scores, values) = (scores.array()?, labels.labels()?);
        let n = scores.shape().first().copied().unwrap_or_default();
        if values.shape().first() != Some(&n) {
            let expected = format!("({n}, ...), one row for each of the scores");
            return Err(Error::shape("labels", expected, values.shape()));
        }
        let random = HoldOut::new().share(self.share).seed(self.seed);
        let split = halves(self.split.as_ref(), &random, (labels, n))?;
        let part = |values: &CowArray<'_, f32, IxDyn>, rows: &[usize]| -> ArrayD<f32> {
            values.select(Axis(0), rows)
        };
        let fitted = |rows: &[usize]| (part(&scores, rows), part(&values, rows));
        let (held, held_labels): (Array<f32, IxDyn>, _) = fitted(split.train());
        let calibrator = self.calibrate.run(&held, &held_labels)?;
        let (test, test_labels) = fitted(split.test());
        let assessment = calibrator.assess(&test, &test_labels)?;
        Ok(Recalibrated {
            calibrator,
            split,
            assessment,
        })
    }
}

/// The split that was asked for, or else a random one; it has examples to judge on.
pub(super) fn halves(
    asked: Option<&Split>,
    random: &HoldOut,
    (labels, n): (&dyn Labels, usize),
) -> Result<Split> {
    let split = asked.map_or_else(|| random.run(labels), |split| Ok(split.clone()))?;
    split.check(("split", n))?;
    if split.test().is_empty() {
        let expected = "one that holds examples out";
        return Err(Error::value("split", expected, "none held out"));
    }
    Ok(split)
}

impl Default for Recalibrate {
    fn default() -> Self {
        Self::new()
    }
}

/// A calibrator, the rows it was fitted and judged on, and the judgement; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Recalibrated {
    calibrator: Calibrator,
    split: Split,
    assessment: Assessment,
}

impl Recalibrated {
    /// Returns the calibrator.
    pub fn calibrator(&self) -> Calibrator {
        self.calibrator.clone()
    }

    /// Returns the rows it was fitted on, and those that were held out to judge it.
    pub fn split(&self) -> Split {
        self.split.clone()
    }

    /// Returns the reliability before and after, on the rows that were held out.
    pub fn assessment(&self) -> Assessment {
        self.assessment.clone()
    }
}

impl fmt::Display for Recalibrated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.calibrator, self.assessment)
    }
}
