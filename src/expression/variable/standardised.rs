//! The variance of the counts of a gene, standardised by what genes of its mean have.

use super::super::Values;
use super::super::steps::sums;
use super::loess::loess;
use crate::Result;

/// Returns the variance of every gene after counts were standardised and clipped at the root of the number of cells; `moments` are mean
/// and variance of every gene.
pub(super) fn variances(
    values: &Values,
    (means, variances): (&[f64], &[f64]),
    span: f64,
) -> Result<Vec<f64>> {
    let n = values.shape().0 as f64;
    let varies: Vec<usize> = (0..means.len())
        .filter(|gene| variances[*gene] > 0.0)
        .collect();
    let log = |values: &[f64]| {
        varies
            .iter()
            .map(|gene| values[*gene].log10())
            .collect::<Vec<f64>>()
    };
    let curve = loess(&log(means), &log(variances), span)?;
    let mut expected = vec![1.0; means.len()];
    for (gene, log) in varies.iter().zip(curve) {
        expected[*gene] = 10.0_f64.powf(log);
    }
    let most = means.iter().zip(&expected);
    let most: Vec<f64> = most
        .map(|(mean, expected)| mean + (expected * n).sqrt())
        .collect();
    let (sums, squares) = sums(values, |gene, value| {
        let value = f64::from(value).min(most[gene]);
        [value, value * value]
    });
    let standardised = |gene: usize| {
        let (mean, expected) = (means[gene], expected[gene]);
        (n * mean * mean + squares[gene] - 2.0 * sums[gene] * mean) / ((n - 1.0) * expected)
    };
    Ok((0..means.len()).map(standardised).collect())
}
