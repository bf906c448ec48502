//! Size factors.

use super::counted::{balanced, divided, library_sizes};
use super::upper_quartile::expressed;
use crate::distribution::order::quantile;
use crate::expression::Cells;
use crate::{Error, Result};
use ndarray::Array1;

/// Computes one size factor for each sample with the defaults of [`MedianOfRatios`]; divide counts by it.
///
/// # Errors
///
/// As [`MedianOfRatios::factors`].
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let samples = Cells::new(array![[10.0_f32, 20.0, 5.0], [40.0, 80.0, 20.0]], ["a", "b"], ["g1", "g2", "g3"])?;
/// let factors = expression::size_factors(&samples)?;
/// assert!((factors[0] - 0.5).abs() < 1e-12 && (factors[1] - 2.0).abs() < 1e-12);
/// # Ok(()) }
/// ```
pub fn size_factors(samples: &Cells) -> Result<Array1<f64>> {
    MedianOfRatios::new().factors(samples)
}

/// Computes size factors: the median, over genes, of the ratio of a count to the geometric mean of its gene.
///
/// Only genes with counts in every sample have a geometric mean. Where there are few or none, [`positive`](Self::positive) takes the means
/// over positive counts alone. As `DESeq2`'s `estimateSizeFactors` of type `ratio` and `poscounts`; written from the paper.
///
/// # References
///
/// Anders and Huber 2010, <https://doi.org/10.1186/gb-2010-11-10-r106>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MedianOfRatios {
    positive: bool,
}

impl MedianOfRatios {
    /// Starts from the default: genes with counts in every sample.
    pub fn new() -> Self {
        Self { positive: false }
    }

    /// Sets whether genes that lack counts in some samples take part: logarithms are summed over positive counts and divided by the number
    /// of all samples, and factors are scaled so that they multiply to one.
    pub fn positive(mut self, positive: bool) -> Self {
        self.positive = positive;
        self
    }

    /// Computes one factor for each sample.
    ///
    /// # Errors
    ///
    /// Fails when a count is negative or not finite, a sample has no counts, or no gene has counts in every sample (and only such were
    /// asked for).
    pub fn factors(&self, samples: &Cells) -> Result<Array1<f64>> {
        library_sizes(samples)?;
        let counts = expressed(samples);
        let n = counts.nrows() as f64;
        let means: Vec<f64> = counts
            .columns()
            .into_iter()
            .map(|gene| {
                let logs = gene
                    .iter()
                    .filter(|count| **count > 0.0)
                    .map(|count| count.ln());
                if self.positive || gene.iter().all(|count| *count > 0.0) {
                    logs.sum::<f64>() / n
                } else {
                    f64::NAN
                }
            })
            .collect();
        if means.iter().all(|mean| mean.is_nan()) {
            let expected = "a gene with counts in every sample, or positive(true)";
            return Err(Error::value("samples", expected, "without such a gene"));
        }
        let factor = |row: ndarray::ArrayView1<'_, f64>| {
            let ratios = row.iter().zip(&means);
            let ratios = ratios.filter(|(count, mean)| **count > 0.0 && !mean.is_nan());
            quantile(ratios.map(|(count, mean)| count.ln() - mean).collect(), 0.5).exp()
        };
        let factors: Array1<f64> = counts.outer_iter().map(factor).collect();
        Ok(if self.positive {
            balanced(&factors)
        } else {
            factors
        })
    }

    /// Divides counts by the factors.
    ///
    /// # Errors
    ///
    /// As [`factors`](Self::factors).
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{expression::{Cells, MedianOfRatios}, ndarray::array};
    /// # fn main() -> genolens::Result<()> {
    /// let samples = Cells::new(array![[1.0_f32, 2.0, 5.0], [4.0, 8.0, 0.0]], ["a", "b"], ["g1", "g2", "g3"])?;
    /// let gene = MedianOfRatios::new().run(&samples)?.gene("g1")?;
    /// assert!((gene[0] - gene[1]).abs() < 1e-6);
    /// # Ok(()) }
    /// ```
    pub fn run(&self, samples: &Cells) -> Result<Cells> {
        divided(samples, &self.factors(samples)?)
    }
}

impl Default for MedianOfRatios {
    fn default() -> Self {
        Self::new()
    }
}
