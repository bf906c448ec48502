//! The area under the precision-recall-gain curve.

use super::super::Labels;
use super::ranked::{Ranked, Steps};
use crate::{Input, Result};

/// Computes the area under the precision-recall-gain curve, 0 for chance and 1 at best.
///
/// Precision and recall are measured on a scale on which the share of positives is 0 and perfection is 1, harmonically:
/// `gain = (value - share) / ((1 - share) * value)`. On it, other than on that of precision and recall, chance is the same for
/// every share of positives, straight lines between thresholds are right, and the area ranks models as their expected F1 does
/// (Flach and Kull 2015, "Precision-Recall-Gain Curves: PR Analysis Done Right", NIPS 28). The area is taken over recall gains from
/// 0 to 1; a model that is worse than chance has precision gains, and can have an area, below 0. Checked against the authors' package
/// `pyprg`. Scores and labels have shape `(n)` or `(n, 1)`; [`precision_recall_gain`](crate::training::precision_recall_gain) gives
/// the curve.
///
/// # Errors
///
/// Fails when the lengths differ, a score is not a number, a label is neither 0 nor 1, or a class is absent.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::array, training::auprg};
/// # fn main() -> genolens::Result<()> {
/// let labels = array![0.0_f32, 0.0, 1.0, 1.0];
/// assert_eq!(auprg(&array![0.1_f32, 0.2, 0.6, 0.8], &labels)?, 1.0);
/// assert_eq!(auprg(&array![0.5_f32, 0.5, 0.5, 0.5], &labels)?, 0.0);
/// # Ok(()) }
/// ```
pub fn auprg(scores: &dyn Input, labels: &dyn Labels) -> Result<f64> {
    Ok(Ranked::new(scores, labels)?.steps.gain_area())
}

/// Returns recall gain, precision gain and threshold from the recall gain 0 on.
pub(crate) fn gains(steps: &Steps) -> Vec<(f64, f64, f64)> {
    let (positives, negatives) = (steps.positives as f64, steps.negatives as f64);
    let odds = positives / negatives;
    let point = |true_ones: f64, false_ones: f64, threshold: f32| {
        let gain = |wrong: f64| 1.0 - odds * wrong / true_ones;
        (
            gain(positives - true_ones),
            gain(false_ones),
            f64::from(threshold),
        )
    };
    // Recall is the share of positives here, in whole numbers: its gain is 0.
    let start = positives * positives / (positives + negatives);
    let mut points = Vec::new();
    let mut before = (0.0, 0.0);
    for step in &steps.list {
        let now = (step.positives as f64, step.negatives as f64);
        if now.0 >= start {
            if before.0 < start && now.0 > start {
                let share = (start - before.0) / (now.0 - before.0);
                let between = before.1 + share * (now.1 - before.1);
                let (_, gain, threshold) = point(start, between, step.threshold);
                points.push((0.0, gain, threshold));
            }
            points.push(point(now.0, now.1, step.threshold));
        }
        before = now;
    }
    points
}

impl Steps {
    pub(crate) fn gain_area(&self) -> f64 {
        let points = gains(self);
        let slices = points.windows(2).map(|pair| {
            let ((left, low, _), (right, high, _)) = (pair[0], pair[1]);
            (right - left) * f64::midpoint(low, high)
        });
        slices.sum()
    }
}
