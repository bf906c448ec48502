//! The squared error of probabilities.

use super::super::Labels;
use super::metric::Metric;
use crate::{Input, Result};

/// Computes the Brier score: the mean squared difference of probability and label, 0 at best.
///
/// Scores are probabilities, as [`network::probabilities`](crate::network::probabilities) gives them, shape `(n)` or `(n, 1)`; labels
/// are 0 or 1. Checked against scikit-learn's `brier_score_loss`.
///
/// # Errors
///
/// Fails when the lengths differ, there is no example, a score is not between 0 and 1, or a label is neither 0 nor 1.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::array, training::brier};
/// # fn main() -> genolens::Result<()> {
/// assert_eq!(brier(&array![0.5_f32, 1.0], &array![0.0_f32, 1.0])?, 0.125);
/// # Ok(()) }
/// ```
pub fn brier(probabilities: &dyn Input, labels: &dyn Labels) -> Result<f64> {
    Metric::Brier.value(probabilities, labels)
}
