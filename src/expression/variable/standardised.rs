//! The variance of the counts of a gene, standardised by what genes of its mean have.

use super::super::Cells;
use super::super::steps::{Genes, moments};
use super::loess::loess;
use crate::Result;
use rayon::prelude::*;

/// Returns the variance of every gene after counts were standardised and clipped at the root of the number of cells.
pub(super) fn variances(cells: &Cells, span: f64) -> Result<Vec<f64>> {
    let n = cells.len() as f64;
    let genes = Genes::new(cells.values());
    let (means, variances) = moments(cells.values(), f64::from);
    let varies: Vec<usize> = (0..genes.len())
        .filter(|gene| variances[*gene] > 0.0)
        .collect();
    let log = |values: &[f64]| {
        varies
            .iter()
            .map(|gene| values[*gene].log10())
            .collect::<Vec<f64>>()
    };
    let curve = loess(&log(&means), &log(&variances), span)?;
    let mut expected = vec![1.0; genes.len()];
    for (gene, log) in varies.iter().zip(curve) {
        expected[*gene] = 10.0_f64.powf(log);
    }
    let standardised = |gene: usize| {
        let (mean, expected) = (means[gene], expected[gene]);
        let most = mean + (expected * n).sqrt();
        let (mut sum, mut squares) = (0.0, 0.0);
        for value in genes.gene(gene).1.iter() {
            let value = f64::from(*value).min(most);
            sum += value;
            squares += value * value;
        }
        (n * mean * mean + squares - 2.0 * sum * mean) / ((n - 1.0) * expected)
    };
    Ok((0..genes.len()).into_par_iter().map(standardised).collect())
}
