//! The t-test of two means whose variances differ.

use super::summary::Joined;
use crate::distribution::student;

/// Returns t and its chance (Welch 1947, doi:10.1093/biomet/34.1-2.28); `size` is the number of other cells that is believed.
///
/// Without any variance, equal means have t 0 and chance 1.
pub(super) fn welch(group: &Joined, rest: &Joined, size: f64) -> (f64, f64) {
    let (a, b) = (group.variance / group.size, rest.variance / size);
    let t = (group.mean - rest.mean) / (a + b).sqrt();
    if t.is_nan() {
        return (0.0, 1.0);
    }
    let freedom = (a + b).powi(2) / (a * a / (group.size - 1.0) + b * b / (size - 1.0));
    let freedom = if freedom.is_nan() { 1.0 } else { freedom };
    let p = student::both_tails(t, freedom);
    (t, if p.is_nan() { 1.0 } else { p })
}
