//! Counts that have been checked, and what is done to all of them.

use crate::expression::{Cells, Values};
use crate::progress;
use crate::sparse::Sparse;
use crate::{Error, Result};
use ndarray::{Array1, Array2};
use rayon::prelude::*;

/// Returns the sum of every sample, once all counts are known to be finite, none is negative and no sample is empty.
pub(super) fn library_sizes(samples: &Cells) -> Result<Array1<f64>> {
    progress::check("normalisation", 0, samples.len())?;
    let wrong = |value: &f32| !(value.is_finite() && *value >= 0.0);
    let found = match samples.values() {
        Values::Sparse(values) => values.values().iter().copied().find(wrong),
        Values::Dense(values) => values.iter().copied().find(wrong),
    };
    if let Some(value) = found {
        return Err(Error::value(
            "samples",
            "counts, finite and at least 0",
            value,
        ));
    }
    let sizes: Array1<f64> = match samples.values() {
        Values::Sparse(values) => values.row_sums(),
        Values::Dense(values) => {
            let sum = |row| values.row(row).iter().map(|value| f64::from(*value)).sum();
            (0..values.nrows()).map(sum).collect()
        }
    };
    match sizes.iter().position(|size| *size == 0.0) {
        Some(sample) => {
            let got = format!("`{}`, which has none", samples.cells()[sample]);
            Err(Error::value("samples", "counts in every sample", got))
        }
        None => Ok(sizes),
    }
}

/// Multiplies every count by the factor of its sample and, where there are such, by that of its gene.
pub(super) fn scaled(samples: &Cells, by_sample: &[f64], by_gene: Option<&[f64]>) -> Result<Cells> {
    let factor = |gene: usize| by_gene.map_or(1.0, |factors| factors[gene]);
    let scaled: Values = match samples.values() {
        Values::Sparse(values) => {
            let rows: Vec<Vec<f32>> = (0..values.nrows())
                .into_par_iter()
                .map(|row| {
                    let (genes, counts) = values.row(row);
                    let entries = genes.iter().zip(counts);
                    let scale = |(&gene, &count): (&u32, &f32)| {
                        (f64::from(count) * by_sample[row] * factor(gene as usize)) as f32
                    };
                    entries.map(scale).collect()
                })
                .collect();
            let entries = (values.indices().to_vec(), rows.concat());
            Sparse::compressed(values.shape(), values.offsets().to_vec(), entries)?.into()
        }
        Values::Dense(values) => {
            let mut out = Array2::zeros(values.dim());
            ndarray::Zip::indexed(&mut out)
                .and(&**values)
                .for_each(|(row, gene), out, &count| {
                    *out = (f64::from(count) * by_sample[row] * factor(gene)) as f32;
                });
            out.into()
        }
    };
    samples.with_values(scaled)
}

/// Divides factors by their geometric mean, so that they multiply to one.
pub(super) fn balanced(factors: &Array1<f64>) -> Array1<f64> {
    let mean = factors.mapv(f64::ln).sum() / factors.len() as f64;
    factors / mean.exp()
}

/// Returns counts per million of libraries whose sizes are multiplied by factors.
pub(super) fn per_million(samples: &Cells, factors: &Array1<f64>) -> Result<Cells> {
    let sizes = library_sizes(samples)?;
    let by_sample: Vec<f64> = sizes
        .iter()
        .zip(factors)
        .map(|(size, factor)| 1e6 / (size * factor))
        .collect();
    scaled(samples, &by_sample, None)
}

/// Returns counts divided by the factor of their sample.
pub(super) fn divided(samples: &Cells, factors: &Array1<f64>) -> Result<Cells> {
    scaled(samples, &factors.mapv(f64::recip).to_vec(), None)
}
