//! The surprise of probabilities.

use super::super::Labels;
use super::metric::Metric;
use crate::{Input, Result};

/// Computes the logarithmic loss of probabilities in nats, 0 at best, infinite where a certainty is wrong.
///
/// Scores are probabilities, as [`network::probabilities`](crate::network::probabilities) gives them, shape `(n)` or `(n, 1)`; labels
/// are 0 or 1. From raw scores, [`Loss::BinaryCrossEntropy`](crate::training::Loss) computes the same without rounding to 0 or 1.
/// Checked against scikit-learn's `log_loss`, which moves certainties off 0 and 1 where this does not.
///
/// # Errors
///
/// Fails when the lengths differ, there is no example, a score is not between 0 and 1, or a label is neither 0 nor 1.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::array, training::log_loss};
/// # fn main() -> genolens::Result<()> {
/// assert_eq!(log_loss(&array![0.5_f32, 0.5], &array![0.0_f32, 1.0])?, 2_f64.ln());
/// # Ok(()) }
/// ```
pub fn log_loss(probabilities: &dyn Input, labels: &dyn Labels) -> Result<f64> {
    Metric::LogLoss.value(probabilities, labels)
}
