//! How different two sets are.

/// Returns 1 less the share of the features of either set that are in both; both are in ascending order, and two empty sets are equal.
pub(super) fn jaccard(a: &[usize], b: &[usize]) -> f64 {
    let (mut i, mut j, mut both) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        both += usize::from(a[i] == b[j]);
        let (next_a, next_b) = (a[i] <= b[j], b[j] <= a[i]);
        i += usize::from(next_a);
        j += usize::from(next_b);
    }
    match a.len() + b.len() - both {
        0 => 0.0,
        either => (either - both) as f64 / either as f64,
    }
}
