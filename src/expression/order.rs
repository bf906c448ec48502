//! Numbers in order.

/// Sorts numbers from the least to the greatest.
pub(super) fn rising(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// The median; not a number where there is none.
pub(super) fn median(values: Vec<f64>) -> f64 {
    let sorted = rising(values);
    match sorted.len() {
        0 => f64::NAN,
        n => f64::midpoint(sorted[(n - 1) / 2], sorted[n / 2]),
    }
}
