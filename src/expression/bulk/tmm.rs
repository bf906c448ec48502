//! Trimmed mean of log ratios.

use super::counted::{balanced, divided, library_sizes, per_million};
use super::upper_quartile::{expressed, shares};
use crate::expression::Cells;
use crate::progress::Task;
use crate::{Error, Result};
use ndarray::{Array1, ArrayView1};

/// Computes counts per million of libraries whose sizes are corrected by the trimmed mean of M-values (TMM), with `edgeR`'s defaults.
///
/// # Errors
///
/// As [`Tmm::factors`].
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// // The last gene takes half of the second library; the others did not change.
/// let counts = array![[20.0_f32, 30.0, 50.0, 200.0, 700.0], [20.0, 30.0, 50.0, 200.0, 1700.0]];
/// let samples = Cells::new(counts, ["a", "b"], ["g1", "g2", "g3", "g4", "g5"])?;
/// let corrected = expression::tmm(&samples)?.gene("g1")?;
/// assert!((corrected[0] - corrected[1]).abs() < 1e-2);
/// # Ok(()) }
/// ```
pub fn tmm(samples: &Cells) -> Result<Cells> {
    Tmm::new().run(samples)
}

/// Divides counts by factors of the trimmed mean of M-values (CTF), with `edgeR`'s defaults.
///
/// # Errors
///
/// As [`Tmm::factors`].
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let counts = array![[20.0_f32, 30.0, 50.0, 200.0, 700.0], [40.0, 60.0, 100.0, 400.0, 1400.0]];
/// let samples = Cells::new(counts, ["a", "b"], ["g1", "g2", "g3", "g4", "g5"])?;
/// // The same composition: the factors are 1, depth is not corrected.
/// assert_eq!(expression::ctf(&samples)?.gene("g1")?.to_vec(), [20.0, 40.0]);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Johnson and Krishnan 2022, <https://doi.org/10.1186/s13059-021-02568-9>.
pub fn ctf(samples: &Cells) -> Result<Cells> {
    Tmm::new().divide(samples)
}

/// Corrects for a few genes that take most of a library: by the mean log ratio to a reference sample, over genes that are not extreme.
///
/// Of every gene with counts in a sample and in the reference the log ratio M and the mean log share A are computed. Genes with the lowest
/// and highest 30 % of M or 5 % of A are left out; the others are averaged with the inverse of the variance of M as weight. The reference
/// is the sample whose upper quartile, as share of its library, is closest to the mean. Factors are scaled so that they multiply to one.
/// As `edgeR`'s `calcNormFactors` and `RNAnorm`'s `TMM`, checked against both (1e-10); written from the paper.
///
/// # References
///
/// Robinson and Oshlack 2010, <https://doi.org/10.1186/gb-2010-11-3-r25>.
#[derive(Clone, Debug, PartialEq)]
pub struct Tmm {
    ratio_trim: f64,
    sum_trim: f64,
    weighted: bool,
    least: f64,
    reference: Option<String>,
}

impl Tmm {
    /// Starts from `edgeR`'s defaults: 0.3 of M and 0.05 of A trimmed at each end, weighted, A above -1e10, a reference chosen.
    pub fn new() -> Self {
        Self {
            ratio_trim: 0.3,
            sum_trim: 0.05,
            weighted: true,
            least: -1e10,
            reference: None,
        }
    }

    /// Sets the share of genes left out at each end of M, at least 0 and below 0.5.
    pub fn ratio_trim(mut self, share: f64) -> Self {
        self.ratio_trim = share;
        self
    }

    /// Sets the share of genes left out at each end of A, at least 0 and below 0.5.
    pub fn sum_trim(mut self, share: f64) -> Self {
        self.sum_trim = share;
        self
    }

    /// Sets whether precise ratios count more.
    pub fn weighted(mut self, weighted: bool) -> Self {
        self.weighted = weighted;
        self
    }

    /// Sets the mean log share (A) that genes must exceed.
    pub fn above(mut self, least: f64) -> Self {
        self.least = least;
        self
    }

    /// Sets the reference by the name of the sample.
    pub fn reference(mut self, sample: &str) -> Self {
        self.reference = Some(sample.into());
        self
    }

    /// Computes one factor for each sample, by which its library is larger than its depth.
    ///
    /// # Errors
    ///
    /// Fails when a count is negative or not finite, a sample has no counts, the reference is not among them, a share to trim makes no
    /// sense, or a sample and the reference have no gene left to compare; when interrupted.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{expression::{Cells, Tmm}, ndarray::array};
    /// # fn main() -> genolens::Result<()> {
    /// let counts = array![[20.0_f32, 30.0, 50.0, 200.0, 700.0], [20.0, 30.0, 50.0, 200.0, 1700.0]];
    /// let samples = Cells::new(counts, ["a", "b"], ["g1", "g2", "g3", "g4", "g5"])?;
    /// let factors = Tmm::new().reference("a").factors(&samples)?;
    /// assert!((factors[0] / factors[1] - 2.0).abs() < 1e-9);
    /// # Ok(()) }
    /// ```
    pub fn factors(&self, samples: &Cells) -> Result<Array1<f64>> {
        for (argument, share) in [("ratio_trim", self.ratio_trim), ("sum_trim", self.sum_trim)] {
            if !(0.0..0.5).contains(&share) {
                return Err(Error::value(argument, "at least 0 and below 0.5", share));
            }
        }
        if self.least.is_nan() {
            return Err(Error::value("above", "a number", self.least));
        }
        let sizes = library_sizes(samples)?;
        let counts = expressed(samples);
        let reference = if let Some(name) = &self.reference {
            samples.obs().places(&[name])?[0]
        } else {
            let shares = shares(&counts, &sizes, 0.75);
            let mean = shares.sum() / shares.len() as f64;
            let far = |sample: &usize| (shares[*sample] - mean).abs();
            let nearest = (0..shares.len()).min_by(|a, b| far(a).total_cmp(&far(b)));
            nearest.unwrap_or_default()
        };
        let mut task = Task::new("trimmed means", sizes.len());
        let mut factors = Array1::zeros(sizes.len());
        for (sample, factor) in factors.iter_mut().enumerate() {
            let pair = (counts.row(sample), counts.row(reference));
            let Some(mean) = self.mean(pair, (sizes[sample], sizes[reference])) else {
                let name = |sample: usize| &samples.cells()[sample];
                let expected = format!(
                    "genes left to compare with the reference `{}`",
                    name(reference)
                );
                let got = format!("`{}`, which has none", name(sample));
                return Err(Error::value("samples", expected, got));
            };
            *factor = mean.exp2();
            task.step("")?;
        }
        Ok(balanced(&factors))
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

    /// The trimmed mean of a sample against the reference, or nothing where no gene is left.
    fn mean(
        &self,
        (sample, reference): (ArrayView1<'_, f64>, ArrayView1<'_, f64>),
        (size, other): (f64, f64),
    ) -> Option<f64> {
        let mut ratios = Vec::new();
        let mut sums = Vec::new();
        let mut weights = Vec::new();
        for (&count, &counted) in sample.iter().zip(reference) {
            let (share, of_reference) = (count / size, counted / other);
            let sum = (share * of_reference).log2() / 2.0;
            if count > 0.0 && counted > 0.0 && sum > self.least {
                ratios.push((share / of_reference).log2());
                sums.push(sum);
                let variance = (1.0 - share) / count + (1.0 - of_reference) / counted;
                weights.push(if self.weighted { variance.recip() } else { 1.0 });
            }
        }
        if ratios.is_empty() {
            return None;
        }
        if ratios.iter().all(|ratio| ratio.abs() < 1e-6) {
            return Some(0.0);
        }
        let kept = inner(&ratios, self.ratio_trim)
            .into_iter()
            .zip(inner(&sums, self.sum_trim));
        let kept: Vec<usize> = kept
            .enumerate()
            .filter(|(_, (a, b))| *a && *b)
            .map(|(gene, _)| gene)
            .collect();
        let weight: f64 = kept.iter().map(|gene| weights[*gene]).sum();
        let mean = kept
            .iter()
            .map(|gene| ratios[*gene] * weights[*gene])
            .sum::<f64>()
            / weight;
        mean.is_finite().then_some(mean)
    }
}

impl Default for Tmm {
    fn default() -> Self {
        Self::new()
    }
}

/// Tells which numbers are left when this share is cut from both ends; ties share their mean rank.
fn inner(numbers: &[f64], share: f64) -> Vec<bool> {
    let n = numbers.len();
    let low = (n as f64 * share).floor() + 1.0;
    let high = n as f64 + 1.0 - low;
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&a, &b| numbers[a].total_cmp(&numbers[b]));
    let mut kept = vec![false; n];
    let mut start = 0;
    for tied in order.chunk_by(|&a, &b| numbers[a] == numbers[b]) {
        let rank = start as f64 + f64::midpoint(tied.len() as f64, 1.0);
        for &place in tied {
            kept[place] = (low..=high).contains(&rank);
        }
        start += tied.len();
    }
    kept
}
