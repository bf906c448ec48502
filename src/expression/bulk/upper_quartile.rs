//! Factors from the upper quartile of counts.

use super::counted::{balanced, divided, library_sizes, per_million};
use crate::distribution::order::quantile;
use crate::expression::Cells;
use crate::{Error, Result};
use ndarray::{Array1, Array2};

/// Computes counts per million of libraries whose sizes are corrected by the upper quartile (UQ), with the defaults of [`UpperQuartile`].
///
/// # Errors
///
/// As [`UpperQuartile::factors`].
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// // The last gene takes half of the second library; the others did not change.
/// let counts = array![[10.0_f32, 20.0, 30.0, 40.0], [10.0, 20.0, 30.0, 940.0]];
/// let samples = Cells::new(counts, ["a", "b"], ["g1", "g2", "g3", "g4"])?;
/// let corrected = expression::UpperQuartile::new().quantile(0.5).run(&samples)?;
/// let first = corrected.gene("g1")?;
/// assert!((first[0] / first[1] - 1.0).abs() < 1e-6);
/// assert!(expression::upper_quartile(&samples).is_ok());
/// # Ok(()) }
/// ```
pub fn upper_quartile(samples: &Cells) -> Result<Cells> {
    UpperQuartile::new().run(samples)
}

/// Divides counts by factors of the upper quartile (CUF), with the defaults of [`UpperQuartile`].
///
/// # Errors
///
/// As [`UpperQuartile::factors`].
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let samples = Cells::new(array![[10.0_f32, 20.0], [20.0, 40.0]], ["a", "b"], ["g1", "g2"])?;
/// // The same composition: the factors are 1, depth is not corrected.
/// assert_eq!(expression::cuf(&samples)?.gene("g2")?.to_vec(), [20.0, 40.0]);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Johnson and Krishnan 2022, <https://doi.org/10.1186/s13059-021-02568-9>.
pub fn cuf(samples: &Cells) -> Result<Cells> {
    UpperQuartile::new().divide(samples)
}

/// Corrects for a few genes that take most of a library: by a quantile of the counts, as share of the library.
///
/// Genes without a count in any sample are left out, and factors are scaled so that they multiply to one. As `edgeR`'s
/// `calcNormFactors(method="upperquartile")` and `RNAnorm`'s `UQ`, checked to 1e-10 against both.
///
/// # References
///
/// Bullard et al. 2010, <https://doi.org/10.1186/1471-2105-11-94>.
#[derive(Clone, Debug, PartialEq)]
pub struct UpperQuartile {
    quantile: f64,
}

impl UpperQuartile {
    /// Starts from the default, the quantile 0.75.
    pub fn new() -> Self {
        Self { quantile: 0.75 }
    }

    /// Sets the quantile, above 0 and below 1.
    pub fn quantile(mut self, quantile: f64) -> Self {
        self.quantile = quantile;
        self
    }

    /// Computes one factor for each sample, by which its library is larger than its depth.
    ///
    /// # Errors
    ///
    /// Fails when a count is negative or not finite, a sample has no counts, or the quantile of a sample is 0: too many genes lack counts.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{expression::{Cells, UpperQuartile}, ndarray::array};
    /// # fn main() -> genolens::Result<()> {
    /// let samples = Cells::new(array![[5.0_f32, 10.0, 15.0], [5.0, 10.0, 45.0]], ["a", "b"], ["g1", "g2", "g3"])?;
    /// let factors = UpperQuartile::new().quantile(0.5).factors(&samples)?;
    /// assert!((factors[0] - 2.0_f64.sqrt()).abs() < 1e-12);
    /// # Ok(()) }
    /// ```
    pub fn factors(&self, samples: &Cells) -> Result<Array1<f64>> {
        if !(self.quantile > 0.0 && self.quantile < 1.0) {
            return Err(Error::value(
                "quantile",
                "above 0 and below 1",
                self.quantile,
            ));
        }
        let sizes = library_sizes(samples)?;
        let shares = shares(&expressed(samples), &sizes, self.quantile);
        if let Some(sample) = shares.iter().position(|share| *share == 0.0) {
            let expected = format!("a quantile {} above 0 in every sample", self.quantile);
            let got = format!("`{}`, where it is 0", samples.cells()[sample]);
            return Err(Error::value("samples", expected, got));
        }
        Ok(balanced(&shares))
    }

    /// Computes counts per million of libraries whose sizes are multiplied by the factors.
    ///
    /// # Errors
    ///
    /// As [`factors`](Self::factors).
    pub fn run(&self, samples: &Cells) -> Result<Cells> {
        per_million(samples, &self.factors(samples)?)
    }

    /// Divides counts by the factors, which leaves differences in depth.
    ///
    /// # Errors
    ///
    /// As [`factors`](Self::factors).
    pub fn divide(&self, samples: &Cells) -> Result<Cells> {
        divided(samples, &self.factors(samples)?)
    }
}

impl Default for UpperQuartile {
    fn default() -> Self {
        Self::new()
    }
}

/// Returns the counts of genes that have one in some sample, shape `(samples, genes)`.
pub(super) fn expressed(samples: &Cells) -> Array2<f64> {
    let counts = samples.values().dense();
    let genes: Vec<usize> = (0..counts.ncols())
        .filter(|gene| counts.column(*gene).iter().any(|count| *count > 0.0))
        .collect();
    Array2::from_shape_fn((counts.nrows(), genes.len()), |(sample, gene)| {
        f64::from(counts[[sample, genes[gene]]])
    })
}

/// Returns a quantile of the counts of each sample, as share of its library.
pub(super) fn shares(counts: &Array2<f64>, sizes: &Array1<f64>, share: f64) -> Array1<f64> {
    let rows = counts.outer_iter().zip(sizes);
    rows.map(|(row, size)| quantile(row.to_vec(), share) / size)
        .collect()
}
