//! Genes of like mean.

use crate::distribution::order::{median, rising};

/// Puts every mean into one of so many bins of the same width; the first and the last hold the extremes.
pub(super) fn equal_width(means: &[f64], bins: usize) -> Vec<usize> {
    let least = means.iter().copied().fold(f64::INFINITY, f64::min);
    let most = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let step = (most - least) / bins as f64;
    // Edges between the bins; what lies on an edge belongs to the lower bin.
    let edges: Vec<f64> = (1..bins).map(|bin| least + bin as f64 * step).collect();
    placed(means, &edges)
}

/// Puts every mean into a bin between percentiles 10, 15, 20 to 95, and 100; equal edges are one.
pub(super) fn percentiles(means: &[f64]) -> Vec<usize> {
    let sorted = rising(means.to_vec());
    let mut edges: Vec<f64> = (10..=100)
        .step_by(5)
        .map(|at| percentile(&sorted, f64::from(at)))
        .collect();
    edges.dedup();
    placed(means, &edges)
}

fn placed(means: &[f64], edges: &[f64]) -> Vec<usize> {
    means
        .iter()
        .map(|mean| edges.partition_point(|edge| edge < mean))
        .collect()
}

/// The value below which so many percent of rising values are, between two of them in proportion.
fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let at = percent / 100.0 * (sorted.len() - 1) as f64;
    let (low, share) = (sorted[at as usize], at.fract());
    let high = sorted[(at as usize + 1).min(sorted.len() - 1)];
    // The two forms of numpy, so that edges agree to the last digit.
    if share < 0.5 {
        low + (high - low) * share
    } else {
        high - (high - low) * (1.0 - share)
    }
}

/// Mean and standard deviation (over `n - 1`) of the dispersions of every bin, those that are no numbers left out.
///
/// The standard deviation of a single gene is not known: its z-score shall be 1.
pub(super) fn mean_and_deviation(dispersions: &[f64]) -> (f64, f64) {
    let known = dispersions.iter().filter(|value| !value.is_nan());
    let n = known.clone().count() as f64;
    let mean = known.clone().sum::<f64>() / n;
    if n < 2.0 {
        return (0.0, mean);
    }
    let squares: f64 = known.map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (n - 1.0)).sqrt())
}

/// Median, and median absolute deviation on the scale of a standard deviation, of the dispersions of a bin.
pub(super) fn median_and_deviation(dispersions: &[f64]) -> (f64, f64) {
    /// The 75th percentile of the normal distribution.
    const NORMAL: f64 = 0.674_489_750_196_081_7;
    let middle = median(dispersions.to_vec());
    let away = dispersions.iter().map(|value| (value - middle).abs());
    (middle, median(away.collect()) / NORMAL)
}

/// Measures every dispersion from the centre of its bin in units of its spread.
pub(super) fn normalised(
    dispersions: &[f64],
    bins: &[usize],
    centre_and_spread: fn(&[f64]) -> (f64, f64),
) -> Vec<f64> {
    let most = bins.iter().copied().max().unwrap_or(0);
    let mut members = vec![Vec::new(); most + 1];
    for (dispersion, bin) in dispersions.iter().zip(bins) {
        members[*bin].push(*dispersion);
    }
    let found: Vec<(f64, f64)> = members
        .iter()
        .map(|members| centre_and_spread(members))
        .collect();
    let pairs = dispersions.iter().zip(bins);
    pairs
        .map(|(dispersion, bin)| (dispersion - found[*bin].0) / found[*bin].1)
        .collect()
}
