//! How often the more probable class is right.

use super::super::Labels;
use super::metric::Metric;
use crate::{Input, Result};

/// Computes the share of examples whose more probable class is theirs; a probability of one half says 0.
///
/// Scores are probabilities, as [`network::probabilities`](crate::network::probabilities) gives them, shape `(n)` or `(n, 1)`; labels
/// are 0 or 1.
///
/// # Errors
///
/// Fails when the lengths differ, there is no example, a score is not between 0 and 1, or a label is neither 0 nor 1.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::array, training::accuracy};
/// # fn main() -> genolens::Result<()> {
/// assert_eq!(accuracy(&array![0.2_f32, 0.7, 0.4, 0.9], &array![0.0_f32, 1.0, 1.0, 1.0])?, 0.75);
/// # Ok(()) }
/// ```
pub fn accuracy(probabilities: &dyn Input, labels: &dyn Labels) -> Result<f64> {
    Metric::Accuracy.value(probabilities, labels)
}
