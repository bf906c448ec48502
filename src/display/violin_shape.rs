//! The outline of a violin: how dense values are along an axis.

use super::axis;

/// Places along the values at which the density is known.
const PLACES: usize = 100;
/// Bins that many values are counted in first.
const BINS: usize = 400;

/// Returns places from the lowest to the highest value with the density there, the highest density 1.
///
/// As seaborn's `violinplot(cut=0, density_norm="width")`: a Gaussian of Scott's width, the standard deviation over the fifth root of the
/// number of values.
pub(crate) fn outline(values: &[f64]) -> Vec<(f64, f64)> {
    let Some((low, high)) = axis::span(values.iter().copied()) else {
        return Vec::new();
    };
    let n = values.len() as f64;
    if high <= low || values.len() < 2 {
        return vec![(low, 1.0)];
    }
    let mean = values.iter().sum::<f64>() / n;
    let squares = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>();
    let width = (squares / (n - 1.0)).sqrt() * n.powf(-0.2);
    if !width.is_finite() || width <= 0.0 {
        return vec![(low, 1.0)];
    }
    let step = (high - low) / BINS as f64;
    let mut counts = [0.0; BINS];
    for value in values {
        counts[(((value - low) / step) as usize).min(BINS - 1)] += 1.0;
    }
    let full: Vec<(f64, f64)> = (0..BINS)
        .map(|bin| (low + step * (bin as f64 + 0.5), counts[bin]))
        .filter(|(_, count)| *count > 0.0)
        .collect();
    let density = |at: f64| -> f64 {
        let parts = full.iter().map(|(place, count)| {
            let off = (at - place) / width;
            count * (-0.5 * off * off).exp()
        });
        parts.sum()
    };
    let mut shape: Vec<(f64, f64)> = (0..PLACES)
        .map(|i| low + (high - low) * i as f64 / (PLACES - 1) as f64)
        .map(|at| (at, density(at)))
        .collect();
    let most = shape.iter().map(|part| part.1).fold(0.0, f64::max);
    for part in &mut shape {
        part.1 /= most;
    }
    shape
}
