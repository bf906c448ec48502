//! The area under the precision-recall curve.

use super::super::Labels;
use super::ranked::{Ranked, Steps};
use crate::{Input, Result};

/// Computes the average precision: the precision at every positive, averaged.
///
/// It is the area under the precision-recall curve by steps, [`Interpolation::Step`]: the sum of precision times gain in recall over
/// all thresholds, as scikit-learn's `average_precision_score`. By chance it is the share of positives. Scores and labels have shape
/// `(n)` or `(n, 1)`.
///
/// # Errors
///
/// Fails when the lengths differ, a score is not a number, a label is neither 0 nor 1, or a class is absent.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::array, training::auprc};
/// # fn main() -> genolens::Result<()> {
/// let area = auprc(&array![0.1_f32, 0.4, 0.35, 0.8], &array![0.0, 0.0, 1.0, 1.0])?;
/// assert!((area - 5.0 / 6.0).abs() < 1e-12);
/// # Ok(()) }
/// ```
pub fn auprc(scores: &dyn Input, labels: &dyn Labels) -> Result<f64> {
    Auprc::new().run(scores, labels)
}

/// How the precision-recall curve goes from one threshold to the next.
///
/// There is no straight line among them: between two thresholds the true positives `t` and the false positives `f` grow evenly, and
/// precision `t / (t + f)` then bends below the line that joins the two points. The area under straight lines is one that no threshold
/// reaches; it is too large, most where positives are rare and ties are many (Davis and Goadrich 2006,
/// doi:10.1145/1143844.1143874).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Interpolation {
    /// Steps: a recall between two thresholds has the precision of the lower one. Average precision.
    #[default]
    Step,
    /// The curve through all mixtures of neighbouring thresholds, integrated exactly, as `auc.integral` of the R package PRROC
    /// (Davis and Goadrich 2006; Keilwagen, Grosse and Grau 2014, doi:10.1371/journal.pone.0092209).
    DavisGoadrich,
}

/// Computes the area under the precision-recall curve, with options.
///
/// Checked against scikit-learn (steps) and against numerical integration of the definition (Davis and Goadrich).
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::array, training::{Auprc, Interpolation}};
/// # fn main() -> genolens::Result<()> {
/// // All four examples tie: precision is one half at every recall.
/// let (scores, labels) = (array![1.0_f32, 1.0, 1.0, 1.0], array![0.0_f32, 1.0, 0.0, 1.0]);
/// let area = Auprc::new().interpolation(Interpolation::DavisGoadrich).run(&scores, &labels)?;
/// assert_eq!(area, 0.5);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Auprc {
    interpolation: Interpolation,
}

impl Auprc {
    /// Takes the defaults: steps.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how the curve goes from one threshold to the next.
    pub fn interpolation(mut self, interpolation: Interpolation) -> Self {
        self.interpolation = interpolation;
        self
    }

    /// Computes the area, 0 to 1.
    ///
    /// # Errors
    ///
    /// As [`auprc`].
    pub fn run(&self, scores: &dyn Input, labels: &dyn Labels) -> Result<f64> {
        Ok(self.interpolation.area(&Ranked::new(scores, labels)?.steps))
    }
}

impl Interpolation {
    pub(super) fn area(self, steps: &Steps) -> f64 {
        match self {
            Self::Step => steps.average_precision(),
            Self::DavisGoadrich => steps.davis_goadrich(),
        }
    }
}
