//! The ratio of unspliced to spliced molecules at rest, gene by gene.

use crate::distribution::order::quantile;

/// Floors what is divided by, as the peer does.
const SMALL: f64 = 1e-3;

/// Returns the ratio through the origin over cells with the most molecules, and which those are.
pub(super) fn steady_state(
    spliced: &[f32],
    unspliced: &[f32],
    percentile: f64,
) -> (f64, Vec<bool>) {
    let extreme = extreme(spliced, Some(unspliced), percentile);
    (slope(spliced, unspliced, &extreme), extreme)
}

/// Returns the ratio through the origin over all cells.
pub(super) fn ratio_of_all(spliced: &[f32], unspliced: &[f32]) -> f64 {
    slope(spliced, unspliced, &vec![true; spliced.len()])
}

fn slope(x: &[f32], y: &[f32], kept: &[bool]) -> f64 {
    let (mut products, mut squares) = (0.0, 0.0);
    for ((&x, &y), _) in x.iter().zip(y).zip(kept).filter(|(_, kept)| **kept) {
        products += f64::from(x) * f64::from(y);
        squares += f64::from(x) * f64::from(x);
    }
    if squares > 0.0 {
        products / squares
    } else {
        0.0
    }
}

/// Tells which cells are at or above a percentile of what they have: of one kind, or of both as shares of the largest.
fn extreme(spliced: &[f32], unspliced: Option<&[f32]>, percentile: f64) -> Vec<bool> {
    let largest = |values: &[f32]| {
        values
            .iter()
            .fold(0.0, |a: f64, b| a.max(f64::from(*b)))
            .max(SMALL)
    };
    let size: Vec<f64> = match unspliced {
        Some(unspliced) => {
            let (of_spliced, of_unspliced) = (largest(spliced), largest(unspliced));
            let pairs = spliced.iter().zip(unspliced);
            pairs
                .map(|(&s, &u)| f64::from(s) / of_spliced + f64::from(u) / of_unspliced)
                .collect()
        }
        None => spliced.iter().map(|value| f64::from(*value)).collect(),
    };
    let bound = quantile(size.clone(), percentile / 100.0);
    size.iter().map(|size| *size >= bound).collect()
}

/// Returns the share of the variance of unspliced counts that a ratio explains.
pub(super) fn explained(spliced: &[f32], unspliced: &[f32], gamma: f64) -> f64 {
    let mean = unspliced.iter().map(|u| f64::from(*u)).sum::<f64>() / unspliced.len() as f64;
    let (mut left, mut total) = (0.0, 0.0);
    for (&s, &u) in spliced.iter().zip(unspliced) {
        left += (f64::from(u) - gamma * f64::from(s)).powi(2);
        total += (f64::from(u) - mean).powi(2);
    }
    let explained = 1.0 - left / total;
    if explained.is_nan() { 0.0 } else { explained }
}

/// The moments of one gene over the neighbours of every cell.
pub(super) struct Moments<'a> {
    pub(super) spliced: &'a [f32],
    pub(super) unspliced: &'a [f32],
    /// Mean of the square of spliced counts.
    pub(super) squares: &'a [f32],
    /// Mean of the product of both.
    pub(super) products: &'a [f32],
}

/// Returns the ratio that fits first and second moments together, each weighted by how far they scatter; also needs what
/// [`steady_state`] found.
pub(super) fn stochastic(
    moments: &Moments<'_>,
    (steady, of_both): (f64, &[bool]),
    percentile: f64,
) -> f64 {
    let pairs = moments.squares.iter().zip(moments.spliced);
    let variances: Vec<f64> = pairs
        .map(|(&ss, &s)| 2.0 * f64::from(ss) - f64::from(s))
        .collect();
    let pairs = moments.products.iter().zip(moments.unspliced);
    let covariances: Vec<f64> = pairs
        .map(|(&us, &u)| 2.0 * f64::from(us) + f64::from(u))
        .collect();
    let sum = |of: &dyn Fn(usize) -> f64| (0..variances.len()).map(of).sum::<f64>();
    let second = sum(&|i| variances[i] * covariances[i]) / sum(&|i| variances[i] * variances[i]);
    let second = if second.is_nan() { 0.0 } else { second };
    let pairs = moments.unspliced.iter().zip(moments.spliced);
    let first_scatter = scatter(
        pairs
            .map(|(&u, &s)| f64::from(u) - steady * f64::from(s))
            .collect(),
    );
    let pairs = covariances.iter().zip(&variances);
    let second_scatter = scatter(pairs.map(|(c, v)| c - second * v).collect());
    let of_spliced = extreme(moments.spliced, None, percentile);
    let (mut products, mut squares) = (0.0, 0.0);
    for cell in 0..variances.len() {
        if of_both[cell] || of_spliced[cell] {
            let (s, u) = (
                f64::from(moments.spliced[cell]),
                f64::from(moments.unspliced[cell]),
            );
            products += s * u / first_scatter;
            squares += s * s / first_scatter;
        }
        products += variances[cell] * covariances[cell] / second_scatter;
        squares += variances[cell] * variances[cell] / second_scatter;
    }
    let gamma = products / squares;
    // Without scatter the first fit is perfect.
    if gamma.is_finite() { gamma } else { steady }
}

/// Returns the variance about the mean.
fn scatter(numbers: Vec<f64>) -> f64 {
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    numbers.into_iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n
}
