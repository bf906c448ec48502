//! Values of every gene between the smallest and the largest of a compendium.

use crate::expression::{Cells, Values};
use crate::generative::reader::same_genes;
use crate::{Error, Result};
use ndarray::{Array1, Array2};
use std::fmt;
use std::sync::Arc;

/// The smallest and the largest value of every gene in a compendium, which become 0 and 1; cheap to clone.
///
/// ADAGE reads such values. A new sample is brought to the range of the compendium that was learned from, and what lies outside is cut to
/// 0 or 1, so that a sample means the same alone as among others. A gene that never changes becomes 0.
///
/// # Examples
///
/// ```
/// use genolens::{expression::Cells, generative::ZeroOne, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let known = Cells::new(array![[2.0_f32, 7.0], [4.0, 7.0]], ["a", "b"], ["recA", "lexA"])?;
/// let new = Cells::new(array![[3.0_f32, 9.0], [5.0, 1.0]], ["c", "d"], ["recA", "lexA"])?;
/// let scaled = ZeroOne::of(&known)?.scale(&new)?;
/// assert_eq!(scaled.values().dense().into_owned(), array![[0.5, 0.0], [1.0, 0.0]]);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct ZeroOne {
    genes: Arc<[String]>,
    low: Arc<Array1<f32>>,
    high: Arc<Array1<f32>>,
}

impl ZeroOne {
    /// Looks at the ranges of all genes.
    ///
    /// # Errors
    ///
    /// Fails without samples, and for values that are not finite.
    pub fn of(samples: &Cells) -> Result<Self> {
        if samples.is_empty() {
            return Err(Error::value("samples", "at least one", 0));
        }
        let genes = samples.shape().1;
        // What is not stored is 0.
        let start = |extreme: f32| match samples.values() {
            Values::Sparse(_) => Array1::from_elem(genes, extreme),
            Values::Dense(values) => values.row(0).to_owned(),
        };
        let (mut low, mut high) = (start(f32::INFINITY), start(f32::NEG_INFINITY));
        let mut stored = vec![0; genes];
        let mut see = |gene: usize, value: f32| {
            if !value.is_finite() {
                let got = format!("{value} of gene `{}`", samples.genes()[gene]);
                return Err(Error::value("values of samples", "finite", got));
            }
            low[gene] = low[gene].min(value);
            high[gene] = high[gene].max(value);
            stored[gene] += 1;
            Ok(())
        };
        match samples.values() {
            Values::Sparse(values) => {
                let mut entries = values.indices().iter().zip(values.values());
                entries.try_for_each(|(&gene, &value)| see(gene as usize, value))?;
                for (gene, &count) in stored.iter().enumerate() {
                    if count < samples.len() {
                        low[gene] = low[gene].min(0.0);
                        high[gene] = high[gene].max(0.0);
                    }
                }
            }
            Values::Dense(values) => {
                let mut entries = values.indexed_iter();
                entries.try_for_each(|((_, gene), &value)| see(gene, value))?;
            }
        }
        Ok(Self {
            genes: samples.genes().into(),
            low: Arc::new(low),
            high: Arc::new(high),
        })
    }

    /// Returns the smallest value of every gene.
    pub fn low(&self) -> &Array1<f32> {
        &self.low
    }

    /// Returns the largest value of every gene.
    pub fn high(&self) -> &Array1<f32> {
        &self.high
    }

    /// Returns samples with values of 0 to 1; the result is dense.
    ///
    /// # Errors
    ///
    /// Fails when the samples have other genes, or values that are not finite.
    pub fn scale(&self, samples: &Cells) -> Result<Cells> {
        same_genes(("samples", samples), &self.genes, "the compendium")?;
        let values = samples.values().dense();
        if let Some(value) = values.iter().find(|value| !value.is_finite()) {
            return Err(Error::value("values of samples", "finite", value));
        }
        let scaled = Array2::from_shape_fn(values.dim(), |(sample, gene)| {
            let (low, high) = (f64::from(self.low[gene]), f64::from(self.high[gene]));
            if high > low {
                ((f64::from(values[[sample, gene]]) - low) / (high - low)).clamp(0.0, 1.0) as f32
            } else {
                0.0
            }
        });
        samples.with_values(scaled)
    }
}

impl fmt::Debug for ZeroOne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ZeroOne({} genes)", self.genes.len())
    }
}
