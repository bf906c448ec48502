//! Whether the batches near an example are those of all.

use crate::distribution::gamma::ln_gamma;
use crate::embedding::{Labels, Neighbors};
use crate::{Error, Result};
use rayon::prelude::*;

/// Examples whose test has a smaller p-value are taken to be badly mixed.
const ALPHA: f64 = 0.05;

/// Tests for each example whether the batches near it are distributed as in all (kBET), and returns the share that passes at 5 %.
///
/// 1 is best. An example counts among its own neighbours, as in scib-metrics. Where batches differ in their cell types, ask it of each
/// type on its own. Source: Büttner 2019, doi:10.1038/s41592-018-0254-1.
///
/// # Errors
///
/// Fails when there is not one batch for each example, and for fewer than 2 batches.
///
/// # Examples
///
/// ```
/// use genolens::{embedding::{self, Labels, NeighborSearch}, ndarray::Array2};
/// # fn main() -> genolens::Result<()> {
/// let line = Array2::from_shape_fn((60, 1), |(row, _)| row as f32);
/// let neighbors = NeighborSearch::new().k(16).run(&line)?;
/// assert_eq!(embedding::kbet(&neighbors, &Labels::new((0..60).map(|row| ["a", "b"][row % 2]))?)?, 1.0);
/// assert!(embedding::kbet(&neighbors, &Labels::new((0..60).map(|row| ["a", "b"][row / 30]))?)? < 0.3);
/// # Ok(()) }
/// ```
pub fn kbet(neighbors: &Neighbors, batches: &Labels) -> Result<f64> {
    batches.check(neighbors.len())?;
    let groups = batches.groups().len();
    if groups < 2 {
        let got = format!("only `{}`", batches.groups()[0]);
        return Err(Error::value("batches", "at least 2", got));
    }
    let codes = batches.codes();
    let n = codes.len() as f64;
    let k = neighbors.k() as f64;
    let sizes = batches.sizes();
    let expected: Vec<f64> = sizes.iter().map(|size| *size as f64 / n * k).collect();
    let passed = (0..codes.len())
        .into_par_iter()
        .filter(|&row| {
            let mut counts = vec![0.0; groups];
            counts[codes[row] as usize] += 1.0;
            for &other in neighbors.indices().row(row) {
                counts[codes[other as usize] as usize] += 1.0;
            }
            let pairs = counts.iter().zip(&expected);
            let statistic: f64 = pairs.map(|(count, e)| (count - e).powi(2) / e).sum();
            upper_tail((groups - 1) as f64, statistic) >= ALPHA
        })
        .count();
    Ok(passed as f64 / n)
}

/// The chance that a chi-square variable with so many degrees of freedom is at least `x` (the upper incomplete gamma function).
fn upper_tail(freedom: f64, x: f64) -> f64 {
    let (a, x) = (freedom / 2.0, x / 2.0);
    if x <= 0.0 {
        return 1.0;
    }
    let front = (a * x.ln() - x - ln_gamma(a)).exp();
    if x < a + 1.0 {
        // The series of the lower one.
        let (mut term, mut sum) = (1.0 / a, 1.0 / a);
        let mut step = a;
        while term > sum * 1e-16 {
            step += 1.0;
            term *= x / step;
            sum += term;
        }
        return (1.0 - front * sum).clamp(0.0, 1.0);
    }
    // The continued fraction, from its far end.
    let mut fraction = 0.0;
    for step in (1..=300).rev() {
        let step = f64::from(step);
        fraction = step * (step - a) / (x + 2.0 * step + 1.0 - a - fraction);
    }
    (front / (x + 1.0 - a - fraction)).clamp(0.0, 1.0)
}
