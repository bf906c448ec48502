//! The area under the receiver operating characteristic.

use super::super::Labels;
use super::ranked::Ranked;
use crate::{Input, Result};

/// Computes the area under the receiver operating characteristic.
///
/// It is the chance that a positive scores higher than a negative, a tie counting one half (the Mann-Whitney statistic). Scores and
/// labels have shape `(n)` or `(n, 1)`, labels are 0 or 1. Checked against scikit-learn's `roc_auc_score`.
/// [`delong`](super::delong()) gives it with an interval, [`measure`](super::measure()) for many tasks.
///
/// # Errors
///
/// Fails when the lengths differ, a score is not a number, a label is neither 0 nor 1, or a class is absent.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::array, training::auroc};
/// # fn main() -> genolens::Result<()> {
/// let area = auroc(&array![0.1_f32, 0.4, 0.35, 0.8], &array![0.0, 0.0, 1.0, 1.0])?;
/// assert_eq!(area, 0.75);
/// # Ok(()) }
/// ```
pub fn auroc(scores: &dyn Input, labels: &dyn Labels) -> Result<f64> {
    Ok(Ranked::new(scores, labels)?.steps.auroc())
}
