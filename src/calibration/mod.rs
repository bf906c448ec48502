//! Whether a model means what it says: reliability, recalibration and uncertainty.
//!
//! ```text
//! probabilities + labels --reliability, Binning--> Reliability (Diagram for each task: ECE, MCE, ACE, Brier, log loss)
//! scores + labels, held out --calibrate, temperature, platt, isotonic, beta, histogram_binning--> Calibrator
//! Calibrator + scores --apply--> probabilities; + other scores and labels --assess--> Assessment
//! scores + labels --recalibrate--> Recalibrated: the same on two halves, one to fit on and one to judge
//! probabilities --PriorCorrection--> probabilities for another base rate
//! means + spreads --Forecast--> ForecastQuality (CRPS, MACE, ...), --QuantileCalibration, VarianceScaling--> Intervals, Forecast
//! Forecast + numbers --recalibrate_forecast--> RecalibratedForecast: the same on two halves, one to learn from and one to judge
//! held-out examples --conformal_sets, Conformal--> ConformalSets --> PredictionSets; --ConformalIntervals--> Intervals
//! networks --Ensemble, FitEnsemble--> Draws <--dropout-- one network; Draws --> mean, spread, Information, Difference
//! ```
//!
//! Probabilities `(n, tasks)` with labels `(n, tasks)` are tasks of their own; probabilities `(n, classes)` with labels `(n)` are classes
//! that exclude each other.
//!
//! # Examples
//!
//! ```
//! use genolens::{calibration, ndarray::Array1};
//! # fn main() -> genolens::Result<()> {
//! let scores = Array1::from_shape_fn(1000, |i| (i % 50) as f32 / 5.0 - 5.0);
//! let labels = Array1::from_shape_fn(1000, |i| if (i * 37) % 100 < 2 * (i % 50) { 1.0_f32 } else { 0.0 });
//! let recalibrated = calibration::recalibrate(&scores, &labels)?;
//! println!("{recalibrated}");
//! # Ok(()) }
//! ```

mod assessment;
mod binning;
mod brier_parts;
mod calibrate;
mod calibrator;
mod conformal_intervals;
mod conformal_sets;
mod curve;
mod diagram;
mod difference;
mod draws;
mod ensemble;
mod forecast;
mod forecast_quality;
mod information;
mod intervals;
mod isotonic;
mod logistic;
mod logistic_regression;
mod method;
mod paired;
mod prediction_sets;
mod prior_correction;
mod quantile_calibration;
mod recalibrate;
mod recalibrate_forecast;
mod recalibrated_forecast;
mod reliability;
mod variance_scaling;

pub use assessment::Assessment;
pub use binning::{Binning, Edges, Spacing, reliability};
pub use brier_parts::BrierParts;
pub use calibrate::{Calibrate, beta, calibrate, histogram_binning, isotonic, platt, temperature};
pub use calibrator::Calibrator;
pub use conformal_intervals::ConformalIntervals;
pub use conformal_sets::{Conformal, ConformalSets, Strangeness, conformal_sets};
pub use diagram::Diagram;
pub use difference::Difference;
pub use draws::Draws;
pub use ensemble::{Ensemble, FitEnsemble, fit_ensemble};
pub use forecast::Forecast;
pub use forecast_quality::{ForecastQuality, Proportions};
pub use information::Information;
pub use intervals::Intervals;
pub use isotonic::Isotonic;
pub use method::Method;
pub use prediction_sets::PredictionSets;
pub use prior_correction::PriorCorrection;
pub use quantile_calibration::QuantileCalibration;
pub use recalibrate::{Recalibrate, Recalibrated, recalibrate};
pub use recalibrate_forecast::{RecalibrateForecast, recalibrate_forecast};
pub use recalibrated_forecast::RecalibratedForecast;
pub use reliability::Reliability;
pub use variance_scaling::VarianceScaling;

pub(crate) use logistic_regression::logistic_regression;
pub(crate) use paired::{Paired, check_sums, matrix};
