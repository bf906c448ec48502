//! Intervals of numbers that hold the true one with a chance that is promised.

use super::conformal_sets::{check_coverage, threshold};
use super::forecast::{Forecast, truth_of};
use super::intervals::Intervals;
use super::paired::matrix;
use crate::{Error, Input, Result};
use ndarray::{Array1, Array2, Zip};
use std::fmt;
use std::sync::Arc;

/// Widens predictions of numbers to intervals that hold the true one with a chance that is promised, as held-out examples taught; cheap to
/// clone.
///
/// The promise is that of [`Conformal`](super::Conformal): a mean over examples that come as the held-out ones did. With too few examples
/// to promise anything, intervals are infinite. Every output has its own margin.
///
/// # Examples
///
/// ```
/// use genolens::{calibration::ConformalIntervals, ndarray::Array1};
/// # fn main() -> genolens::Result<()> {
/// let truth = Array1::from_shape_fn(99, |i| (i * 37 % 99) as f32 / 10.0);
/// let conformal = ConformalIntervals::residuals(&Array1::<f32>::zeros(99), &truth, 0.9)?;
/// assert!((conformal.margins()[0] - 8.9).abs() < 1e-6);
/// let intervals = conformal.around(&Array1::<f32>::ones(3))?;
/// assert!((intervals.high()[[0, 0]] - 9.9).abs() < 1e-6);
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct ConformalIntervals {
    kind: Kind,
    margins: Arc<[f64]>,
    coverage: f64,
    examples: usize,
}

/// What the margin is added to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Residuals,
    Quantiles,
    Scaled,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Residuals => "residuals",
            Self::Quantiles => "quantiles",
            Self::Scaled => "scaled",
        }
    }
}

impl ConformalIntervals {
    /// Learns one margin from predictions and what is true: intervals are as wide everywhere.
    ///
    /// # Errors
    ///
    /// Fails when shapes differ, a number is not finite, or the coverage is not above 0 to below 1.
    pub fn residuals(prediction: &dyn Input, truth: &dyn Input, coverage: f64) -> Result<Self> {
        let prediction = finite("prediction", prediction)?;
        let scores = (truth_of(truth, prediction.dim())? - &prediction).mapv_into(f64::abs);
        Self::learn(Kind::Residuals, &scores, coverage)
    }

    /// Learns one margin for both ends from predicted quantiles, low and high: intervals are as wide as the model thinks, and then some
    /// (conformalised quantile regression; Romano, Patterson and Candès 2019, <https://doi.org/10.48550/arXiv.1905.03222>).
    ///
    /// # Errors
    ///
    /// As [`residuals`](Self::residuals).
    pub fn quantiles(
        (low, high): (&dyn Input, &dyn Input),
        truth: &dyn Input,
        coverage: f64,
    ) -> Result<Self> {
        let (low, high) = ends(low, high)?;
        let truth = truth_of(truth, low.dim())?;
        let mut scores = Array2::zeros(low.dim());
        Zip::from(&mut scores)
            .and(&low)
            .and(&high)
            .and(&truth)
            .for_each(|score, low, high, truth| {
                *score = (low - truth).max(truth - high);
            });
        Self::learn(Kind::Quantiles, &scores, coverage)
    }

    /// Learns a number of standard deviations from forecasts: intervals are as wide as their spread tells (Lei et al. 2018,
    /// <https://doi.org/10.1080/01621459.2017.1307116>).
    ///
    /// # Errors
    ///
    /// As [`residuals`](Self::residuals).
    pub fn scaled(forecast: &Forecast, truth: &dyn Input, coverage: f64) -> Result<Self> {
        let scores = forecast.standardised(truth)?.mapv_into(f64::abs);
        Self::learn(Kind::Scaled, &scores, coverage)
    }

    fn learn(kind: Kind, scores: &Array2<f64>, coverage: f64) -> Result<Self> {
        check_coverage(coverage)?;
        let margins = scores
            .columns()
            .into_iter()
            .map(|column| threshold(column.to_vec(), coverage));
        Ok(Self {
            kind,
            margins: margins.collect(),
            coverage,
            examples: scores.nrows(),
        })
    }

    /// Returns the margin of every output: in units of the numbers, or in standard deviations where spreads were given.
    pub fn margins(&self) -> Array1<f64> {
        self.margins.iter().copied().collect()
    }

    /// Returns intervals around predictions, after [`residuals`](Self::residuals).
    ///
    /// # Errors
    ///
    /// Fails after another way of learning, or for other outputs than those that taught.
    pub fn around(&self, prediction: &dyn Input) -> Result<Intervals> {
        self.check(Kind::Residuals)?;
        let prediction = finite("prediction", prediction)?;
        self.widened((&prediction, &prediction), None)
    }

    /// Returns intervals from predicted quantiles, after [`quantiles`](Self::quantiles); a negative margin makes them narrower, to a point
    /// in the middle at most.
    ///
    /// # Errors
    ///
    /// Fails after another way of learning, or for other outputs than those that taught.
    pub fn between(&self, (low, high): (&dyn Input, &dyn Input)) -> Result<Intervals> {
        self.check(Kind::Quantiles)?;
        let (low, high) = ends(low, high)?;
        self.widened((&low, &high), None)
    }

    /// Returns intervals around the means of forecasts, after [`scaled`](Self::scaled).
    ///
    /// # Errors
    ///
    /// Fails after another way of learning, or for other outputs than those that taught.
    pub fn of(&self, forecast: &Forecast) -> Result<Intervals> {
        self.check(Kind::Scaled)?;
        self.widened((forecast.mean(), forecast.mean()), Some(forecast.spread()))
    }

    fn check(&self, kind: Kind) -> Result<()> {
        if self.kind == kind {
            return Ok(());
        }
        let expected = format!("learned by `{}` for this", kind.name());
        Err(Error::value(
            "intervals",
            expected,
            format!("learned by `{}`", self.kind.name()),
        ))
    }

    fn widened(
        &self,
        (low, high): (&Array2<f64>, &Array2<f64>),
        spread: Option<&Array2<f64>>,
    ) -> Result<Intervals> {
        if low.ncols() != self.margins.len() {
            let expected = format!("(n, {}) as those that taught", self.margins.len());
            return Err(Error::shape("prediction", expected, low.shape()));
        }
        let margins = self.margins();
        let reach = spread.map_or_else(|| Array2::ones(low.dim()), Clone::clone) * &margins;
        let (mut below, mut above) = (low - &reach, high + &reach);
        Zip::from(&mut below).and(&mut above).for_each(|low, high| {
            if *low > *high {
                (*low, *high) = (f64::midpoint(*low, *high), f64::midpoint(*low, *high));
            }
        });
        Ok(Intervals::new((below, above), self.coverage))
    }
}

fn finite(name: &str, values: &dyn Input) -> Result<Array2<f64>> {
    let values = matrix(name, values)?;
    match values.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((row, _), value)) => Err(Error::value(
            name,
            "finite",
            format!("{value} in row {row}"),
        )),
        None => Ok(values),
    }
}

fn ends(low: &dyn Input, high: &dyn Input) -> Result<(Array2<f64>, Array2<f64>)> {
    let (low, high) = (finite("low", low)?, finite("high", high)?);
    if low.dim() != high.dim() {
        let expected = format!("({}, {}) as `low`", low.nrows(), low.ncols());
        return Err(Error::shape("high", expected, high.shape()));
    }
    Ok((low, high))
}

impl fmt::Debug for ConformalIntervals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ConformalIntervals({}, coverage {}, fitted on {})",
            self.kind.name(),
            self.coverage,
            self.examples
        )
    }
}
