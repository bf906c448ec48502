//! Feature by feature: whether two samples are of one distribution.

use super::samples::Samples;
use super::verdict::{check_level, words};
use crate::distribution::order::rising;
use crate::distribution::{chance, kolmogorov};
use crate::network::{Model, Predict};
use crate::{Error, Input, Result};
use ndarray::{Array1, Array2, ArrayView1, Axis};
use polars::prelude::{DataFrame, df};
use rayon::prelude::*;
use std::fmt;
use std::sync::Arc;

/// Tests every feature of two samples for a difference, with the defaults of [`KolmogorovSmirnov`].
///
/// # Errors
///
/// As [`KolmogorovSmirnov::run`].
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::Array2, shift};
/// # fn main() -> genolens::Result<()> {
/// let source = Array2::from_shape_fn((60, 3), |(i, j)| ((i * 37 + j * 11) % 60) as f32);
/// let mut target = source.clone();
/// target.column_mut(1).mapv_inplace(|value| value + 30.0);
/// let found = shift::kolmogorov_smirnov(&source, &target)?;
/// assert!(found.is_shifted());
/// assert_eq!(found.shifted(), [1]);
/// println!("{found}");
/// # Ok(()) }
/// ```
pub fn kolmogorov_smirnov(source: &dyn Input, target: &dyn Input) -> Result<FeatureShift> {
    KolmogorovSmirnov::new().run(source, target)
}

/// Tests what a model says of two samples for a difference, output by output (black-box shift detection; Lipton, Wang and Smola 2018,
/// <https://proceedings.mlr.press/v80/lipton18a.html>; Rabanser, Günnemann and Lipton 2019, <https://doi.org/10.48550/arXiv.1810.11953>).
///
/// Scores of several outputs become a softmax first, one becomes a sigmoid. Two shares that sum to 1 differ together: only the second is
/// tested, lest the correction count one test twice. A few outputs are tested in place of very many features, and what the model does not
/// look at is not looked at.
///
/// # Errors
///
/// Fails when the model cannot read a sample, and as [`KolmogorovSmirnov::run`].
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::Array3, network, shift};
/// # fn main() -> genolens::Result<()> {
/// let x = Array3::from_shape_fn((20, 4, 40), |(i, letter, at)| if (i * 7 + at * 3) % 4 == letter { 1.0_f32 } else { 0.0 });
/// let found = shift::black_box_shift(&network::deepbind(4), &x, &x)?;
/// assert_eq!(found.p(), 1.0);
/// # Ok(()) }
/// ```
pub fn black_box_shift(
    model: &dyn Model,
    source: &dyn Input,
    target: &dyn Input,
) -> Result<FeatureShift> {
    let said = |x: &dyn Input| -> Result<Array2<f32>> {
        let mut scores = Predict::new().run(model, x)?;
        let alone = scores.ncols() == 1;
        for mut row in scores.rows_mut() {
            if alone {
                row.mapv_inplace(|score| 1.0 / (1.0 + (-score).exp()));
                continue;
            }
            let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            row.mapv_inplace(|score| (score - largest).exp());
            let sum = row.sum();
            row.mapv_inplace(|share| share / sum);
        }
        if scores.ncols() == 2 {
            scores.remove_index(Axis(1), 0);
        }
        Ok(scores)
    };
    kolmogorov_smirnov(&said(source)?, &said(target)?)
}

/// Tests every feature of two samples for a difference of its distribution, with options.
///
/// The p-value of a feature is exact up to four million pairs of examples (and with ties too large rather than too small), Kolmogorov's
/// limit beyond; it is multiplied by the number of features (Bonferroni), so that with any number of them, however they depend on each
/// other, an alarm is false with at most the chance of the level. A difference in how features go together is not seen:
/// [`Mmd`](super::Mmd) sees it. Checked against `scipy.stats.ks_2samp`.
#[derive(Clone, Debug, PartialEq)]
pub struct KolmogorovSmirnov {
    level: f64,
    names: Arc<[String]>,
}

impl KolmogorovSmirnov {
    /// Takes the default: level 0.05.
    pub fn new() -> Self {
        Self {
            level: 0.05,
            names: Arc::new([]),
        }
    }

    /// Sets the chance of a false alarm, above 0 to below 1.
    pub fn level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// Names the features; without names they are numbers from 0.
    pub fn names(mut self, names: &[impl AsRef<str>]) -> Self {
        self.names = names.iter().map(|name| name.as_ref().into()).collect();
        self
    }

    /// Tests samples of shape `(n, ...)` and `(m, ...)`, all axes but the first being features.
    ///
    /// # Errors
    ///
    /// Fails for fewer than two examples of a sample, for other features, a number that is not finite, or an option that makes no sense.
    pub fn run(&self, source: &dyn Input, target: &dyn Input) -> Result<FeatureShift> {
        check_level(self.level)?;
        let samples = Samples::new(source, target)?;
        let (n, m) = samples.sizes();
        let features = samples.source.ncols();
        if !self.names.is_empty() && self.names.len() != features {
            let expected = format!("{features}, one for each feature");
            return Err(Error::value("names", expected, self.names.len()));
        }
        let rows = (0..features).into_par_iter().map(|feature| {
            let distance = distance(
                &samples.source.column(feature),
                &samples.target.column(feature),
            );
            (
                distance as f64 / (n as f64 * m as f64),
                kolmogorov::two_samples(distance, (n, m)),
            )
        });
        Ok(FeatureShift {
            rows: rows.collect::<Vec<_>>().into(),
            names: self.names.clone(),
            level: self.level,
        })
    }
}

impl Default for KolmogorovSmirnov {
    fn default() -> Self {
        Self::new()
    }
}

/// Returns the largest difference of two empirical distributions, times both sizes.
fn distance(first: &ArrayView1<'_, f64>, second: &ArrayView1<'_, f64>) -> usize {
    let (first, second) = (rising(first.to_vec()), rising(second.to_vec()));
    let (mut i, mut j, mut most) = (0, 0, 0);
    while i < first.len() && j < second.len() {
        let value = first[i].min(second[j]);
        while i < first.len() && first[i] <= value {
            i += 1;
        }
        while j < second.len() && second[j] <= value {
            j += 1;
        }
        most = most.max((i * second.len()).abs_diff(j * first.len()));
    }
    most
}

/// Which features of two samples differ; cheap to clone, shows itself as a table.
#[derive(Clone, PartialEq)]
pub struct FeatureShift {
    /// Statistic and p-value of every feature.
    rows: Arc<[(f64, f64)]>,
    names: Arc<[String]>,
    level: f64,
}

impl FeatureShift {
    /// Returns the number of features.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Tells whether there is no feature; there always is one.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the names of the features.
    pub fn names(&self) -> Vec<String> {
        (0..self.len()).map(|feature| self.name(feature)).collect()
    }

    /// Returns the largest difference of the two distributions of every feature, 0 to 1.
    pub fn statistics(&self) -> Array1<f64> {
        self.rows.iter().map(|row| row.0).collect()
    }

    /// Returns the p-value of every feature, not corrected.
    pub fn p_values(&self) -> Array1<f64> {
        self.rows.iter().map(|row| row.1).collect()
    }

    /// Returns the p-value of every feature times the number of features, 1 at most.
    pub fn adjusted(&self) -> Array1<f64> {
        let count = self.len() as f64;
        self.rows
            .iter()
            .map(|row| (count * row.1).min(1.0))
            .collect()
    }

    /// Returns the p-value of all features together: the smallest that is corrected.
    pub fn p(&self) -> f64 {
        self.adjusted().iter().copied().fold(1.0, f64::min)
    }

    /// Tells whether a feature differs.
    pub fn is_shifted(&self) -> bool {
        self.p() <= self.level
    }

    /// Returns the features that differ, counted from 0.
    pub fn shifted(&self) -> Vec<usize> {
        let adjusted = self.adjusted();
        (0..self.len())
            .filter(|&feature| adjusted[feature] <= self.level)
            .collect()
    }

    /// Returns one row per feature: name, statistic, p-value, and p-value corrected.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn to_frame(&self) -> Result<DataFrame> {
        Ok(df!(
            "feature" => self.names(),
            "statistic" => self.statistics().to_vec(),
            "p" => self.p_values().to_vec(),
            "adjusted" => self.adjusted().to_vec(),
        )?)
    }

    fn name(&self, feature: usize) -> String {
        self.names
            .get(feature)
            .cloned()
            .unwrap_or_else(|| feature.to_string())
    }
}

impl fmt::Debug for FeatureShift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "FeatureShift({} features, {})",
            self.len(),
            chance::told(self.p())
        )
    }
}

impl fmt::Display for FeatureShift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shifted = self.shifted();
        write!(
            f,
            "{} of {} features differ, {}: {}",
            shifted.len(),
            self.len(),
            chance::told(self.p()),
            words(self.p(), self.level)
        )?;
        let rows = shifted.iter().take(10);
        rows.into_iter().try_for_each(|&feature| {
            let (statistic, p) = self.rows[feature];
            write!(
                f,
                "\n{}: difference {statistic:.4}, p {p:.2e}",
                self.name(feature)
            )
        })
    }
}
