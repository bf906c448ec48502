//! The variance of the Pearson residuals of a gene.

use super::super::Cells;
use super::super::steps::Genes;
use super::pearson_residuals::Model;
use crate::Result;
use crate::progress::{check, is_interrupted};
use rayon::prelude::*;

/// Returns the variance (over `n`) of the residuals of every gene; 0 for one without counts.
pub(super) fn variances(cells: &Cells, model: &Model) -> Result<Vec<f64>> {
    let genes = Genes::new(cells.values());
    let n = cells.len();
    let one = |gene: usize| {
        let total = model.genes[gene];
        // Once it is interrupted, the rest is not wanted.
        if total == 0.0 || is_interrupted() {
            return 0.0;
        }
        let (places, values) = genes.gene(gene);
        let mut counts = places.iter().zip(values.iter()).peekable();
        let (mut sum, mut squares) = (0.0, 0.0);
        for cell in 0..n {
            let count = counts
                .next_if(|entry| *entry.0 as usize == cell)
                .map_or(0.0, |entry| *entry.1);
            let residual = model.residual(f64::from(count), cell, total);
            sum += residual;
            squares += residual * residual;
        }
        let mean = sum / n as f64;
        (squares / n as f64 - mean * mean).max(0.0)
    };
    let found = (0..genes.len()).into_par_iter().map(one).collect();
    check("residual variances", 0, genes.len())?;
    Ok(found)
}
