//! Calibration of forecasts of numbers and its judgement on two halves of the same data.

use super::conformal_intervals::ConformalIntervals;
use super::conformal_sets::check_coverage;
use super::forecast::{Forecast, truth_of};
use super::quantile_calibration::QuantileCalibration;
use super::recalibrate::halves;
use super::recalibrated_forecast::RecalibratedForecast;
use super::variance_scaling::VarianceScaling;
use crate::random::Seed;
use crate::training::{HoldOut, Split};
use crate::{Input, Result};
use ndarray::{Array2, Axis};

/// Learns to mend forecasts of numbers on one half of the examples and judges that on the other, with the defaults of
/// [`RecalibrateForecast`].
///
/// # Errors
///
/// As [`RecalibrateForecast::run`].
///
/// # Examples
///
/// ```
/// use genolens::{calibration::{self, Forecast}, ndarray::Array1};
/// # fn main() -> genolens::Result<()> {
/// // Forecasts with half the spread that they should have.
/// let truth = Array1::from_shape_fn(500, |i| ((i * 37 % 500) as f32 - 250.0) / 60.0);
/// let forecast = Forecast::new(&Array1::<f32>::zeros(500), &Array1::from_elem(500, 1.2_f32))?;
/// let found = calibration::recalibrate_forecast(&forecast, &truth)?;
/// assert_eq!(found.split().test().len(), 250);
/// assert!(found.after().crps() < found.before().crps());
/// let mended = found.scaling().apply(&forecast)?;
/// println!("{found}\n{mended:?}");
/// # Ok(()) }
/// ```
pub fn recalibrate_forecast(
    forecast: &Forecast,
    truth: &dyn Input,
) -> Result<RecalibratedForecast> {
    RecalibrateForecast::new().run(forecast, truth)
}

/// Learns to mend forecasts of numbers on a share of the examples and judges that on the others, with options: what
/// [`Recalibrate`](super::Recalibrate) is for classes.
///
/// One factor for the spread ([`VarianceScaling`]), the place of every quantile ([`QuantileCalibration`]) and intervals of a promised
/// coverage ([`ConformalIntervals`], as wide as the spread tells) are all learned from the same examples, each from the forecasts as they
/// came. None of the examples may be among those that the model learned from.
#[derive(Clone, Debug, PartialEq)]
pub struct RecalibrateForecast {
    coverage: f64,
    share: f64,
    split: Option<Split>,
    seed: Seed,
}

impl RecalibrateForecast {
    /// Takes the defaults: conformal intervals of coverage 0.9, one half drawn at random to learn from, the other half for the judgement.
    pub fn new() -> Self {
        Self {
            coverage: 0.9,
            share: 0.5,
            split: None,
            seed: Seed::default(),
        }
    }

    /// Sets the chance with which conformal intervals hold the true number, above 0 to below 1.
    pub fn coverage(mut self, coverage: f64) -> Self {
        self.coverage = coverage;
        self
    }

    /// Sets the share of examples for the judgement, above 0 to below 1.
    pub fn share(mut self, share: f64) -> Self {
        self.share = share;
        self
    }

    /// Learns from the first rows of a split and judges on those it holds out, such as other chromosomes, in place of a random share.
    pub fn split(mut self, split: &Split) -> Self {
        self.split = Some(split.clone());
        self
    }

    /// Sets the seed of the split.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Learns and judges; true numbers have the shape of the forecasts, `(n)` for one output.
    ///
    /// # Errors
    ///
    /// Fails when shapes differ, a number is not finite, fewer than two examples are there to learn from, all of them are forecast
    /// exactly, or the examples cannot be split.
    pub fn run(&self, forecast: &Forecast, truth: &dyn Input) -> Result<RecalibratedForecast> {
        check_coverage(self.coverage)?;
        let truth = truth_of(truth, forecast.mean().dim())?.mapv(|value| value as f32);
        let random = HoldOut::new().stratified(false);
        let random = random.share(self.share).seed(self.seed);
        let split = halves(self.split.as_ref(), &random, (&truth, truth.nrows()))?;
        let part = |rows: &[usize]| -> Result<(Forecast, Array2<f32>)> {
            let (mean, spread) = (forecast.mean(), forecast.spread());
            let some = Forecast::of(mean.select(Axis(0), rows), spread.select(Axis(0), rows))?;
            Ok((some, truth.select(Axis(0), rows)))
        };
        let (held, held_truth) = part(split.train())?;
        let learned = (
            VarianceScaling::fit(&held, &held_truth)?,
            QuantileCalibration::fit(&held, &held_truth)?,
            ConformalIntervals::scaled(&held, &held_truth, self.coverage)?,
        );
        let (test, test_truth) = part(split.test())?;
        RecalibratedForecast::new(learned, split, (&test, &test_truth))
    }
}

impl Default for RecalibrateForecast {
    fn default() -> Self {
        Self::new()
    }
}
