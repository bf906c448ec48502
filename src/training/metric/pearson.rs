//! The correlation of numbers.

use super::super::Labels;
use super::metric::Metric;
use crate::{Input, Result};

/// Computes Pearson's correlation of scores and labels, -1 to 1, in double precision.
///
/// Scores and labels have shape `(n)` or `(n, 1)`. Checked against `scipy.stats.pearsonr`.
///
/// # Errors
///
/// Fails when the lengths differ, there are fewer than two examples, a number is not finite, or all scores or all labels are equal.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::array, training::pearson};
/// # fn main() -> genolens::Result<()> {
/// let correlation = pearson(&array![1.0_f32, 2.0, 3.0], &array![2.0_f32, 4.0, 6.0])?;
/// assert!((correlation - 1.0).abs() < 1e-12);
/// # Ok(()) }
/// ```
pub fn pearson(scores: &dyn Input, labels: &dyn Labels) -> Result<f64> {
    Metric::Pearson.value(scores, labels)
}

/// Correlates two rows, each pair counting so many times; not a number where one of them does not vary.
pub(crate) fn correlation((a, b): (&[f64], &[f64]), counts: Option<&[u32]>) -> f64 {
    let count = |place: usize| counts.map_or(1.0, |counts| f64::from(counts[place]));
    let varies = |of: &[f64]| {
        let mut known = (0..of.len()).filter(|&place| count(place) > 0.0);
        known
            .next()
            .is_some_and(|first| known.any(|place| of[place] != of[first]))
    };
    if !varies(a) || !varies(b) {
        return f64::NAN;
    }
    let (mut total, mut sum_a, mut sum_b) = (0.0, 0.0, 0.0);
    for place in 0..a.len() {
        let count = count(place);
        total += count;
        sum_a += count * a[place];
        sum_b += count * b[place];
    }
    let (mean_a, mean_b) = (sum_a / total, sum_b / total);
    let (mut both, mut only_a, mut only_b) = (0.0, 0.0, 0.0);
    for place in 0..a.len() {
        let count = count(place);
        let (a, b) = (a[place] - mean_a, b[place] - mean_b);
        both += count * a * b;
        only_a += count * a * a;
        only_b += count * b * b;
    }
    (both / only_a.sqrt() / only_b.sqrt()).clamp(-1.0, 1.0)
}
