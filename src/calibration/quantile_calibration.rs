//! Forecasts of numbers whose quantiles are where they say.

use super::forecast::{Forecast, check_level};
use super::forecast_quality::Proportions;
use super::intervals::Intervals;
use super::isotonic::Isotonic;
use crate::distribution::normal;
use crate::{Error, Input, Result};
use ndarray::Array2;
use std::fmt;
use std::sync::Arc;

/// Moves the quantiles of forecasts to where they should be, as held-out examples taught; cheap to clone.
///
/// Among `n` held-out numbers sorted by the chance that their forecast gave to anything below them, the i-th should have the chance
/// `(i - 1/2) / n`; between them the curve is straight (Kuleshov, Fenner and Ermon 2018,
/// <https://proceedings.mlr.press/v80/kuleshov18a.html>). Chances never are 0 or 1, so that no quantile is infinite. Every output has its
/// own curve.
///
/// # Examples
///
/// ```
/// use genolens::calibration::{Forecast, QuantileCalibration};
/// use genolens::ndarray::Array1;
/// # fn main() -> genolens::Result<()> {
/// // Forecasts with half the spread that they should have.
/// let truth = Array1::from_shape_fn(500, |i| ((i * 37 % 500) as f32 - 250.0) / 60.0);
/// let forecast = Forecast::new(&Array1::<f32>::zeros(500), &Array1::from_elem(500, 1.2_f32))?;
/// let calibration = QuantileCalibration::fit(&forecast, &truth)?;
/// let (before, after) = (forecast.intervals(0.9)?, calibration.intervals(&forecast, 0.9)?);
/// assert!(before.coverage(&truth)? < 0.6 && (after.coverage(&truth)? - 0.9).abs() < 0.01);
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct QuantileCalibration {
    /// From the chance that is right to the chance that the forecast gives, for every output.
    curves: Arc<[Isotonic]>,
    examples: usize,
}

/// Standardised errors beyond which the chance of more is 0 or 1 to double precision.
const FAR: f64 = 8.0;

impl QuantileCalibration {
    /// Learns from forecasts of held-out examples and what is true of them, shape `(n, outputs)`, or `(n)` for one output.
    ///
    /// # Errors
    ///
    /// Fails when shapes differ, a number is not finite, or for fewer than two examples.
    pub fn fit(forecast: &Forecast, truth: &dyn Input) -> Result<Self> {
        let z = forecast.standardised(truth)?;
        let n = z.nrows();
        if n < 2 {
            return Err(Error::shape(
                "truth",
                "(n, outputs), n at least 2",
                z.shape(),
            ));
        }
        let right: Vec<f64> = (0..n).map(|at| (at as f64 + 0.5) / n as f64).collect();
        let curves = z.columns().into_iter().map(|column| {
            let mut given: Vec<f64> = column
                .iter()
                .map(|z| normal::cdf(z.clamp(-FAR, FAR)))
                .collect();
            given.sort_unstable_by(f64::total_cmp);
            Isotonic::fit(&right, &given)
        });
        Ok(Self {
            curves: curves.collect::<Result<_>>()?,
            examples: n,
        })
    }

    /// Returns the level at which forecasts of an output, counted from 0, have the quantile that should have this level.
    ///
    /// # Errors
    ///
    /// Fails when there is no such output or the level is not above 0 to below 1.
    pub fn level(&self, output: usize, level: f64) -> Result<f64> {
        check_level(level)?;
        match self.curves.get(output) {
            Some(curve) => Ok(curve.at(level)),
            None => Err(Error::value(
                "output",
                format!("below {}", self.curves.len()),
                output,
            )),
        }
    }

    /// Returns the quantile of this level of every forecast, shape `(n, outputs)`.
    ///
    /// # Errors
    ///
    /// Fails for other outputs than those that taught, or a level that is finer than half an example of those.
    pub fn quantile(&self, forecast: &Forecast, level: f64) -> Result<Array2<f64>> {
        check_level(level)?;
        let half = 0.5 / self.examples as f64;
        if level < half || level > 1.0 - half {
            let expected = format!(
                "{half} to {}, as {} examples can tell",
                1.0 - half,
                self.examples
            );
            return Err(Error::value("level", expected, level));
        }
        self.check(forecast)?;
        let shifts: Vec<f64> = self
            .curves
            .iter()
            .map(|curve| normal::quantile(curve.at(level)))
            .collect();
        let (mean, spread) = (forecast.mean(), forecast.spread());
        Ok(Array2::from_shape_fn(mean.dim(), |at| {
            mean[at] + shifts[at.1] * spread[at]
        }))
    }

    /// Returns the interval of every forecast that should hold the true number with this chance, as much being below as above.
    ///
    /// # Errors
    ///
    /// As [`quantile`](Self::quantile).
    pub fn intervals(&self, forecast: &Forecast, level: f64) -> Result<Intervals> {
        check_level(level)?;
        let ends = (
            self.quantile(forecast, 0.5 - level / 2.0)?,
            self.quantile(forecast, 0.5 + level / 2.0)?,
        );
        Ok(Intervals::new(ends, level))
    }

    /// Moves one value that is drawn from a forecast, such as the prediction of a member of an ensemble, to the same level of the
    /// calibrated one.
    pub(super) fn moved(&self, output: usize, z: f64) -> f64 {
        normal::quantile(self.curves[output].at(normal::cdf(z)))
    }

    /// Returns the mean absolute difference, over 99 levels, of the level and the share of true numbers below the quantile, or inside the
    /// interval, of this level.
    pub(super) fn mace(
        &self,
        (forecast, truth): (&Forecast, &dyn Input),
        proportions: Proportions,
    ) -> Result<f64> {
        self.check(forecast)?;
        let z = forecast.standardised(truth)?;
        let ends = |level: f64| -> Vec<f64> {
            let curves = self.curves.iter();
            curves
                .map(|curve| normal::quantile(curve.at(level)))
                .collect()
        };
        let gap = |percent: i32| {
            let level = f64::from(percent) / 100.0;
            let (low, high) = match proportions {
                Proportions::Quantile => (vec![f64::NEG_INFINITY; z.ncols()], ends(level)),
                Proportions::Interval => (ends(0.5 - level / 2.0), ends(0.5 + level / 2.0)),
            };
            let inside = z.indexed_iter().filter(|((_, output), z)| {
                let output = *output;
                low[output] <= **z && **z <= high[output]
            });
            (inside.count() as f64 / z.len() as f64 - level).abs()
        };
        Ok((1..100).map(gap).sum::<f64>() / 99.0)
    }

    pub(super) fn check(&self, forecast: &Forecast) -> Result<()> {
        if forecast.mean().ncols() == self.curves.len() {
            return Ok(());
        }
        let expected = format!("(n, {}) as those that taught", self.curves.len());
        Err(Error::shape("forecast", expected, forecast.mean().shape()))
    }
}

impl fmt::Debug for QuantileCalibration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "QuantileCalibration({} outputs, fitted on {})",
            self.curves.len(),
            self.examples
        )
    }
}
