//! How good forecasts of numbers are.

use crate::Result;
use crate::distribution::normal;
use crate::distribution::order::rising;
use ndarray::{Array1, Array2};
use polars::prelude::{DataFrame, df};
use std::f64::consts::PI;
use std::fmt;
use std::sync::Arc;

/// What is counted at every level from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Proportions {
    /// How many true numbers are below the quantile of this level. Sees a bias.
    #[default]
    Quantile,
    /// How many are inside the interval of this level around the mean. Blind to a bias that a wide forecast hides.
    Interval,
}

/// How good normal forecasts of numbers are, and where they are wrong; cheap to clone, shows itself as a picture.
///
/// Levels are 100 from 0 to 1, as in the uncertainty toolbox (Chung et al. 2021, <https://doi.org/10.48550/arXiv.2109.10254>), against
/// which all numbers are checked. That toolbox counts predictions below the truth where this counts truths below the prediction: the
/// mean errors over all levels are the same.
#[derive(Clone, PartialEq)]
pub struct ForecastQuality {
    curves: Arc<Curves>,
    sharpness: f64,
    surprise: f64,
    crps: f64,
    check: f64,
    interval: f64,
    examples: usize,
}

#[derive(PartialEq)]
struct Curves {
    levels: Vec<f64>,
    quantile: Vec<f64>,
    interval: Vec<f64>,
}

/// Levels from 0 to 1.
const LEVELS: usize = 100;

impl ForecastQuality {
    /// Takes standardised errors and standard deviations.
    pub(super) fn new(z: &Array2<f64>, spread: &Array2<f64>) -> Self {
        let n = z.len() as f64;
        let mean = |of: &dyn Fn(f64, f64) -> f64| {
            z.iter()
                .zip(spread)
                .map(|(z, spread)| of(*z, *spread))
                .sum::<f64>()
                / n
        };
        let bell = |z: f64| (-z * z / 2.0).exp() / (2.0 * PI).sqrt();
        let percents = || (1..100).map(|percent| f64::from(percent) / 100.0);
        let check = percents().map(|level| {
            let at = normal::quantile(level);
            mean(&|z, spread| {
                let off = (at - z) * spread;
                (f64::from(u8::from(off >= 0.0)) - level) * off
            })
        });
        let interval = percents().map(|level| {
            let at = normal::quantile(0.5 + level / 2.0);
            mean(&|z, spread| spread * (2.0 * at + 2.0 / (1.0 - level) * (z.abs() - at).max(0.0)))
        });
        Self {
            curves: Arc::new(Curves::new(z)),
            sharpness: mean(&|_, spread| spread * spread).sqrt(),
            surprise: mean(&|z, spread| z * z / 2.0 + spread.ln() + (2.0 * PI).ln() / 2.0),
            crps: mean(&|z, spread| {
                spread * (z * (2.0 * normal::cdf(z) - 1.0) + 2.0 * bell(z) - 1.0 / PI.sqrt())
            }),
            check: check.sum::<f64>() / 99.0,
            interval: interval.sum::<f64>() / 99.0,
            examples: z.len(),
        }
    }

    /// Returns the levels, from 0 to 1.
    pub fn levels(&self) -> Array1<f64> {
        self.curves.levels.iter().copied().collect()
    }

    /// Returns the share of true numbers that is found at every level.
    pub fn observed(&self, proportions: Proportions) -> Array1<f64> {
        self.curves.of(proportions).iter().copied().collect()
    }

    /// Returns the mean absolute difference of levels and shares, 0 at best.
    pub fn mace(&self, proportions: Proportions) -> f64 {
        self.curves.gaps(proportions).map(f64::abs).sum::<f64>() / LEVELS as f64
    }

    /// Returns the root of the mean squared difference.
    pub fn rmsce(&self, proportions: Proportions) -> f64 {
        (self
            .curves
            .gaps(proportions)
            .map(|gap| gap * gap)
            .sum::<f64>()
            / LEVELS as f64)
            .sqrt()
    }

    /// Returns the area between the curve of shares and the diagonal.
    pub fn area(&self, proportions: Proportions) -> f64 {
        let gaps: Vec<f64> = self.curves.gaps(proportions).collect();
        let areas = gaps.windows(2).map(|pair| {
            let (left, right) = (pair[0], pair[1]);
            let width = left.abs() + right.abs();
            if left * right >= 0.0 {
                width / 2.0
            } else {
                // Two triangles that meet where the curve crosses the diagonal.
                (left * left + right * right) / (2.0 * width)
            }
        });
        areas.sum::<f64>() / (LEVELS - 1) as f64
    }

    /// Returns the root of the mean variance of the forecasts: what good forecasts make small.
    pub fn sharpness(&self) -> f64 {
        self.sharpness
    }

    /// Returns the mean negative log-likelihood, in nats.
    pub fn log_loss(&self) -> f64 {
        self.surprise
    }

    /// Returns the continuous ranked probability score, in units of the numbers (Gneiting and Raftery 2007,
    /// <https://doi.org/10.1198/016214506000001437>); of forecasts without spread it would be the absolute error.
    pub fn crps(&self) -> f64 {
        self.crps
    }

    /// Returns the check (pinball) loss, the mean over 99 quantiles.
    pub fn check_score(&self) -> f64 {
        self.check
    }

    /// Returns the interval score, the mean over 99 levels: width, and what is outside times 2 over the chance of being outside.
    pub fn interval_score(&self) -> f64 {
        self.interval
    }

    /// Returns one row per level, with the shares at quantiles and in intervals.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn to_frame(&self) -> Result<DataFrame> {
        let Curves {
            levels,
            quantile,
            interval,
        } = &*self.curves;
        Ok(df!("level" => levels, "quantile" => quantile, "interval" => interval)?)
    }
}

impl Curves {
    fn new(z: &Array2<f64>) -> Self {
        let signed = rising(z.iter().copied().collect());
        let sizes = rising(z.iter().map(|z| z.abs()).collect());
        let share = |sorted: &[f64], at: f64| {
            sorted.partition_point(|z| *z <= at) as f64 / sorted.len() as f64
        };
        let levels: Vec<f64> = (0..LEVELS)
            .map(|at| at as f64 / (LEVELS - 1) as f64)
            .collect();
        Self {
            quantile: levels
                .iter()
                .map(|level| share(&signed, normal::quantile(*level)))
                .collect(),
            interval: levels
                .iter()
                .map(|level| share(&sizes, normal::quantile(0.5 + level / 2.0)))
                .collect(),
            levels,
        }
    }

    fn of(&self, proportions: Proportions) -> &[f64] {
        match proportions {
            Proportions::Quantile => &self.quantile,
            Proportions::Interval => &self.interval,
        }
    }

    fn gaps(&self, proportions: Proportions) -> impl Iterator<Item = f64> {
        self.of(proportions)
            .iter()
            .zip(&self.levels)
            .map(|(share, level)| share - level)
    }
}

impl fmt::Debug for ForecastQuality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ForecastQuality({} examples, CRPS {:.4})",
            self.examples, self.crps
        )
    }
}

impl fmt::Display for ForecastQuality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} numbers: CRPS {:.4}, sharpness {:.4}, log loss {:.4}",
            self.examples, self.crps, self.sharpness, self.surprise
        )?;
        for (name, proportions) in [
            ("quantiles", Proportions::Quantile),
            ("intervals", Proportions::Interval),
        ] {
            let (mace, rmsce, area) = (
                self.mace(proportions),
                self.rmsce(proportions),
                self.area(proportions),
            );
            writeln!(
                f,
                "{name}: MACE {mace:.4}, RMSCE {rmsce:.4}, area {area:.4}"
            )?;
        }
        write!(
            f,
            "check score {:.4}, interval score {:.4}",
            self.check, self.interval
        )
    }
}
