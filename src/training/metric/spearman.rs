//! The correlation of ranks.

use super::super::Labels;
use super::metric::Metric;
use crate::{Input, Result};

/// Computes Spearman's correlation: Pearson's correlation of the ranks, equal numbers sharing the middle of theirs.
///
/// Scores and labels have shape `(n)` or `(n, 1)`. Checked against `scipy.stats.spearmanr`, also with ties. (`bpnet-lite` breaks ties
/// by position, which correlates numbers that are all equal.)
///
/// # Errors
///
/// Fails when the lengths differ, there are fewer than two examples, a number is not finite, or all scores or all labels are equal.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::array, training::spearman};
/// # fn main() -> genolens::Result<()> {
/// let correlation = spearman(&array![1.0_f32, 2.0, 30.0], &array![0.1_f32, 7.0, 8.0])?;
/// assert!((correlation - 1.0).abs() < 1e-12);
/// # Ok(()) }
/// ```
pub fn spearman(scores: &dyn Input, labels: &dyn Labels) -> Result<f64> {
    Metric::Spearman.value(scores, labels)
}
