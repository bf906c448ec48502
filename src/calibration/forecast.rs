//! What a model expects of numbers: a mean and how far off it may be.

use super::forecast_quality::ForecastQuality;
use super::intervals::Intervals;
use super::paired::matrix;
use crate::distribution::normal;
use crate::{Error, Input, Result};
use ndarray::Array2;
use std::fmt;
use std::sync::Arc;

/// Normal forecasts of numbers, a mean and a standard deviation each, shape `(n, outputs)`; cheap to clone.
///
/// # Examples
///
/// ```
/// use genolens::{calibration::Forecast, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let forecast = Forecast::new(&array![1.0_f32, 2.0, 3.0], &array![0.1_f32, 0.5, 1.0])?;
/// let quality = forecast.assess(&array![1.5_f32, 3.0, 2.0])?;
/// assert!((quality.crps() - 0.590_806).abs() < 1e-6);
/// println!("{quality}");
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct Forecast {
    mean: Arc<Array2<f64>>,
    spread: Arc<Array2<f64>>,
}

impl Forecast {
    /// Takes means and standard deviations, each of shape `(n)` or `(n, outputs)`.
    ///
    /// # Errors
    ///
    /// Fails when shapes differ, a mean is not finite, or a standard deviation is not above 0.
    pub fn new(mean: &dyn Input, spread: &dyn Input) -> Result<Self> {
        Self::of(matrix("mean", mean)?, matrix("spread", spread)?)
    }

    pub(super) fn of(mean: Array2<f64>, spread: Array2<f64>) -> Result<Self> {
        if mean.dim() != spread.dim() {
            let expected = format!("({}, {}) as the means", mean.nrows(), mean.ncols());
            return Err(Error::shape("spread", expected, spread.shape()));
        }
        if let Some(((row, _), value)) = mean.indexed_iter().find(|(_, value)| !value.is_finite()) {
            return Err(Error::value(
                "mean",
                "finite",
                format!("{value} in row {row}"),
            ));
        }
        let fits = |value: &f64| value.is_finite() && *value > 0.0;
        if let Some(((row, _), value)) = spread.indexed_iter().find(|(_, value)| !fits(value)) {
            return Err(Error::value(
                "spread",
                "finite and above 0",
                format!("{value} in row {row}"),
            ));
        }
        Ok(Self {
            mean: Arc::new(mean),
            spread: Arc::new(spread),
        })
    }

    /// Returns the means, shape `(n, outputs)`.
    pub fn mean(&self) -> &Array2<f64> {
        &self.mean
    }

    /// Returns the standard deviations, shape `(n, outputs)`.
    pub fn spread(&self) -> &Array2<f64> {
        &self.spread
    }

    /// Returns the interval in the middle of every forecast that should hold the true number with this chance.
    ///
    /// # Errors
    ///
    /// Fails when the level is not above 0 to below 1.
    pub fn intervals(&self, level: f64) -> Result<Intervals> {
        check_level(level)?;
        let z = normal::quantile(0.5 + level / 2.0);
        let reach = &*self.spread * z;
        Ok(Intervals::new(
            (&*self.mean - &reach, &*self.mean + &reach),
            level,
        ))
    }

    /// Measures the forecasts against what is true, shape as the means; all outputs count together.
    ///
    /// # Errors
    ///
    /// Fails when shapes differ or a number is not finite.
    pub fn assess(&self, truth: &dyn Input) -> Result<ForecastQuality> {
        let z = self.standardised(truth)?;
        Ok(ForecastQuality::new(&z, &self.spread))
    }

    /// Returns how many standard deviations the true numbers are above the means.
    pub(super) fn standardised(&self, truth: &dyn Input) -> Result<Array2<f64>> {
        Ok(self.errors(truth)? / &*self.spread)
    }

    /// Returns how far the true numbers are above the means.
    pub(crate) fn errors(&self, truth: &dyn Input) -> Result<Array2<f64>> {
        Ok(self.truth(truth)? - &*self.mean)
    }

    fn truth(&self, truth: &dyn Input) -> Result<Array2<f64>> {
        truth_of(truth, self.mean.dim())
    }
}

/// Reads true numbers of this shape.
pub(super) fn truth_of(truth: &dyn Input, dim: (usize, usize)) -> Result<Array2<f64>> {
    let truth = matrix("truth", truth)?;
    if truth.dim() != dim {
        let expected = format!("({}, {}) as the forecasts", dim.0, dim.1);
        return Err(Error::shape("truth", expected, truth.shape()));
    }
    match truth.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((row, _), value)) => Err(Error::value(
            "truth",
            "finite",
            format!("{value} in row {row}"),
        )),
        None => Ok(truth),
    }
}

/// Checks a chance that is no certainty.
pub(super) fn check_level(level: f64) -> Result<()> {
    if level > 0.0 && level < 1.0 {
        return Ok(());
    }
    Err(Error::value("level", "above 0 to below 1", level))
}

impl fmt::Debug for Forecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, outputs) = self.mean.dim();
        write!(f, "Forecast({n} examples, {outputs} outputs)")
    }
}
