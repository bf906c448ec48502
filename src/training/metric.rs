//! How well scores tell two classes apart, in one number.

use super::curve::Ranked;
use crate::{Input, Result};
use ndarray::Array1;

/// Computes the area under the receiver operating characteristic.
///
/// It is the chance that a positive scores higher than a negative, a tie counting one half (the Mann-Whitney statistic). Scores have
/// shape `(n)` or `(n, 1)`, labels are 0 or 1. Checked against scikit-learn's `roc_auc_score`.
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
pub fn auroc(scores: &dyn Input, labels: &Array1<f32>) -> Result<f64> {
    Ok(Ranked::new(scores, labels)?.auroc())
}

/// Computes the average precision: the precision at every positive, averaged.
///
/// The sum of precision times gain in recall over all thresholds, without interpolation, as scikit-learn's `average_precision_score`.
/// By chance it is the share of positives.
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
pub fn auprc(scores: &dyn Input, labels: &Array1<f32>) -> Result<f64> {
    Ok(Ranked::new(scores, labels)?.auprc())
}
