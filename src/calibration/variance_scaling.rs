//! One factor for the spread of forecasts.

use super::forecast::Forecast;
use crate::{Error, Input, Result};
use ndarray::Array1;
use std::sync::Arc;

/// Multiplies the standard deviations of forecasts by one factor for each output: the temperature of regression; cheap to clone.
///
/// The factor is that under which held-out numbers are most likely, the root of the mean squared standardised error (Laves et al. 2020,
/// <https://proceedings.mlr.press/v121/laves20a.html>).
///
/// # Examples
///
/// ```
/// use genolens::calibration::{Forecast, VarianceScaling};
/// use genolens::ndarray::array;
/// # fn main() -> genolens::Result<()> {
/// let forecast = Forecast::new(&array![0.0_f32, 0.0], &array![1.0_f32, 1.0])?;
/// let scaling = VarianceScaling::fit(&forecast, &array![3.0_f32, -3.0])?;
/// assert_eq!(scaling.factors()[0], 3.0);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct VarianceScaling {
    factors: Arc<[f64]>,
}

impl VarianceScaling {
    /// Learns from forecasts of held-out examples and what is true of them, shape `(n, outputs)`, or `(n)` for one output.
    ///
    /// # Errors
    ///
    /// Fails when shapes differ, a number is not finite, or all forecasts of an output are exact.
    pub fn fit(forecast: &Forecast, truth: &dyn Input) -> Result<Self> {
        let z = forecast.standardised(truth)?;
        let n = z.nrows() as f64;
        let factors: Vec<f64> = z
            .columns()
            .into_iter()
            .map(|column| (column.dot(&column) / n).sqrt())
            .collect();
        if let Some(output) = factors.iter().position(|factor| *factor == 0.0) {
            let got = format!("the means exactly, in output {output}");
            return Err(Error::value(
                "truth",
                "numbers that differ from the means somewhere",
                got,
            ));
        }
        Ok(Self {
            factors: factors.into(),
        })
    }

    /// Returns the factor of every output: above 1 where forecasts were too sure.
    pub fn factors(&self) -> Array1<f64> {
        self.factors.iter().copied().collect()
    }

    /// Scales forecasts.
    ///
    /// # Errors
    ///
    /// Fails for other outputs than those that taught.
    pub fn apply(&self, forecast: &Forecast) -> Result<Forecast> {
        if forecast.mean().ncols() != self.factors.len() {
            let expected = format!("(n, {}) as those that taught", self.factors.len());
            return Err(Error::shape("forecast", expected, forecast.mean().shape()));
        }
        Forecast::of(forecast.mean().clone(), forecast.spread() * &self.factors())
    }
}
