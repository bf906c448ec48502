//! What was learned to mend forecasts of numbers, and how good it is on examples that did not teach it.

use super::conformal_intervals::ConformalIntervals;
use super::forecast::Forecast;
use super::forecast_quality::{ForecastQuality, Proportions};
use super::intervals::Intervals;
use super::quantile_calibration::QuantileCalibration;
use super::variance_scaling::VarianceScaling;
use crate::Result;
use crate::training::Split;
use ndarray::Array2;
use std::fmt;

/// Three ways to mend forecasts of numbers, the rows that taught and judged them, and the judgement; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct RecalibratedForecast {
    scaling: VarianceScaling,
    quantiles: QuantileCalibration,
    conformal: ConformalIntervals,
    split: Split,
    before: ForecastQuality,
    after: ForecastQuality,
    /// Of quantiles, and of intervals between them.
    mace: [f64; 2],
    /// Conformal intervals of the examples for the judgement: level, share that holds the truth, mean width.
    intervals: [f64; 3],
}

/// What was learned.
pub(super) type Learned = (VarianceScaling, QuantileCalibration, ConformalIntervals);

impl RecalibratedForecast {
    /// Judges what was learned on other examples.
    pub(super) fn new(
        (scaling, quantiles, conformal): Learned,
        split: Split,
        (test, truth): (&Forecast, &Array2<f32>),
    ) -> Result<Self> {
        let intervals: Intervals = conformal.of(test)?;
        Ok(Self {
            before: test.assess(truth)?,
            after: scaling.apply(test)?.assess(truth)?,
            mace: [
                quantiles.mace((test, truth), Proportions::Quantile)?,
                quantiles.mace((test, truth), Proportions::Interval)?,
            ],
            intervals: [
                intervals.level(),
                intervals.coverage(truth)?,
                intervals.width(),
            ],
            scaling,
            quantiles,
            conformal,
            split,
        })
    }

    /// Returns the factors for the spread.
    pub fn scaling(&self) -> VarianceScaling {
        self.scaling.clone()
    }

    /// Returns the places of the quantiles.
    pub fn quantiles(&self) -> QuantileCalibration {
        self.quantiles.clone()
    }

    /// Returns the intervals of a promised coverage.
    pub fn conformal(&self) -> ConformalIntervals {
        self.conformal.clone()
    }

    /// Returns the rows that taught, and those that were held out to judge.
    pub fn split(&self) -> Split {
        self.split.clone()
    }

    /// Returns how good the forecasts are as they came, on the rows that were held out.
    pub fn before(&self) -> ForecastQuality {
        self.before.clone()
    }

    /// Returns how good they are with the spread scaled, on the rows that were held out.
    pub fn after(&self) -> ForecastQuality {
        self.after.clone()
    }

    /// Returns the mean absolute difference of levels and shares with the quantiles moved, over 99 levels, on the rows that were held out.
    pub fn quantile_mace(&self, proportions: Proportions) -> f64 {
        match proportions {
            Proportions::Quantile => self.mace[0],
            Proportions::Interval => self.mace[1],
        }
    }

    /// Returns the share of true numbers inside the conformal intervals, on the rows that were held out.
    pub fn coverage(&self) -> f64 {
        self.intervals[1]
    }
}

impl fmt::Display for RecalibratedForecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (learned, judged) = (self.split.train().len(), self.split.test().len());
        writeln!(f, "learned from {learned} examples, on {judged} others:")?;
        for (name, quality) in [("as forecast", &self.before), ("scaled", &self.after)] {
            let (quantile, interval) = (
                quality.mace(Proportions::Quantile),
                quality.mace(Proportions::Interval),
            );
            let (crps, loss) = (quality.crps(), quality.log_loss());
            writeln!(
                f,
                "{name:<13} MACE {quantile:.4} of quantiles, {interval:.4} of intervals, CRPS {crps:.4}, log loss {loss:.4}"
            )?;
        }
        let [quantile, interval] = self.mace;
        writeln!(
            f,
            "by quantiles  MACE {quantile:.4} of quantiles, {interval:.4} of intervals"
        )?;
        let [level, coverage, width] = self.intervals;
        write!(
            f,
            "conformal     {coverage:.4} inside at level {level}, mean width {width:.4}"
        )
    }
}
