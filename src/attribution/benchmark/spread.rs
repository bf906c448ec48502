//! Means with their standard errors.

/// Returns the mean and its standard error, of the values that are there; without two of them there is no error.
pub(super) fn mean_and_error(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let known: Vec<f64> = values.filter(|value| !value.is_nan()).collect();
    let n = known.len() as f64;
    let mean = known.iter().sum::<f64>() / n;
    if known.len() < 2 {
        return (mean, f64::NAN);
    }
    let squares: f64 = known.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0) / n).sqrt())
}
