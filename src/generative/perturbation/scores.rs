//! How near a predicted response is to the measured one.

use crate::training::correlation;
use ndarray::{Array1, Array2, Axis};

/// Returns the squared Pearson correlation of two rows of numbers, over some places; not a number where one of them does not vary.
pub(super) fn r_squared(a: &Array1<f64>, b: &Array1<f64>, places: &[usize]) -> f64 {
    let pick = |x: &Array1<f64>| -> Vec<f64> { places.iter().map(|&place| x[place]).collect() };
    correlation((&pick(a), &pick(b)), None).powi(2)
}

/// Returns the share of the measured change that is predicted: 1 less the squared misses over the squared changes. No change has 0, and
/// what is worse than that is below.
pub(super) fn change_explained(
    (before, after): (&Array1<f64>, &Array1<f64>),
    predicted: &Array1<f64>,
    places: &[usize],
) -> f64 {
    let sum = |of: &dyn Fn(usize) -> f64| places.iter().map(|&g| of(g).powi(2)).sum::<f64>();
    let missed = sum(&|gene| after[gene] - predicted[gene]);
    1.0 - missed / sum(&|gene| after[gene] - before[gene])
}

/// Returns Welch's t of every gene, of the second cells against the first; 0 where nothing differs, and infinite where
/// both differ and nothing varies.
pub(super) fn welch(first: &Array2<f64>, second: &Array2<f64>) -> Array1<f64> {
    let moments = |x: &Array2<f64>| {
        let n = x.nrows() as f64;
        let mean = x.sum_axis(Axis(0)) / n;
        let off = x - &mean;
        let error = (&off * &off).sum_axis(Axis(0)) / (n * (n - 1.0));
        (mean, error)
    };
    let ((a, spread_a), (b, spread_b)) = (moments(first), moments(second));
    let t = (b - a) / (spread_a + spread_b).mapv(f64::sqrt);
    t.mapv(|t| if t.is_nan() { 0.0 } else { t })
}
