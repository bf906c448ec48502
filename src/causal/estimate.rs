//! What an estimator finds.

use super::Heterogeneity;
use super::estimates::Estimates;
use crate::distribution::{normal, student};
use crate::{Error, Result};
use polars::prelude::DataFrame;
use std::fmt;
use std::sync::Arc;

/// The effect of an exposure on an outcome by one method, with its standard error; cheap to clone.
///
/// It is in units of the outcome per unit of the exposure.
#[derive(Clone, PartialEq)]
pub struct Estimate {
    method: &'static str,
    exposure: Option<Arc<str>>,
    variants: usize,
    value: f64,
    error: f64,
    inference: Inference,
    intercept: Option<Intercept>,
    sigma: Option<f64>,
    heterogeneity: Option<Heterogeneity>,
    spread: Option<f64>,
    valid: Option<Arc<[bool]>>,
    ranges: Option<Arc<[(f64, f64)]>>,
    unidentified: f64,
}

/// Enough for all digits of a half width.
const HALVINGS: usize = 60;

/// How an interval and a p-value follow from an estimate and its standard error.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Inference {
    Normal,
    Student(f64),
    /// The wider of Student's interval of this (smaller) standard error and the normal one.
    Wider(f64, f64),
    /// Found by the method itself at the level of 95 %, with the p-value.
    Given(f64, f64, f64),
}

impl Inference {
    fn half_width(&self, error: f64, level: f64) -> f64 {
        // The usual quantile, without a search.
        let z = || match level {
            0.95 => normal::HALF_OF_95,
            _ => -normal::quantile((1.0 - level) / 2.0),
        };
        match *self {
            Self::Normal => z() * error,
            Self::Student(freedom) => student::quantile(level, freedom) * error,
            Self::Wider(freedom, smaller) => {
                (student::quantile(level, freedom) * smaller).max(z() * error)
            }
            Self::Given(..) => f64::NAN,
        }
    }

    /// How far an interval goes to either side of the middle of a range between whose values the data cannot tell, half of it this wide:
    /// it holds every one of them in at least this share of cases (Imbens and Manski 2004, doi:10.1111/j.1468-0262.2004.00555.x).
    pub(super) fn reach(&self, error: f64, level: f64, unidentified: f64) -> f64 {
        let both = self.half_width(error, level);
        if unidentified == 0.0 {
            return both;
        }
        // What is at one end is missed on one side only, once the other is far.
        let missed = |half: f64| self.p_value_in_range(unidentified + half, error, unidentified);
        let (mut short, mut long) = (0.0, both);
        for _ in 0..HALVINGS {
            let half = f64::midpoint(short, long);
            if missed(half) > 1.0 - level {
                short = half;
            } else {
                long = half;
            }
        }
        unidentified + long
    }

    /// The p-value against 0 of what is somewhere in the range around a value.
    pub(super) fn p_value_in_range(&self, value: f64, error: f64, unidentified: f64) -> f64 {
        let value = value.abs();
        if value < unidentified {
            return 1.0;
        }
        let p = |distance: f64| self.p_value(distance, error);
        f64::midpoint(p(value - unidentified), p(value + unidentified))
    }

    fn p_value(&self, value: f64, error: f64) -> f64 {
        // Nothing, known without error, is no evidence.
        let statistic = |error: f64| if value == 0.0 { 0.0 } else { value / error };
        match *self {
            Self::Normal => normal::both_tails(statistic(error)),
            Self::Student(freedom) => student::both_tails(statistic(error), freedom),
            Self::Wider(freedom, smaller) => student::both_tails(statistic(smaller), freedom)
                .max(normal::both_tails(statistic(error))),
            Self::Given(.., p) => p,
        }
    }
}

/// The intercept of a line: the mean effect of the variants that does not go through the exposure.
#[derive(Clone, Debug, PartialEq)]
pub struct Intercept {
    value: f64,
    error: f64,
    inference: Inference,
}

impl Intercept {
    pub(super) fn new(value: f64, error: f64, inference: Inference) -> Self {
        Self {
            value,
            error,
            inference,
        }
    }

    /// Returns the intercept, in units of the outcome.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Returns its standard error.
    pub fn standard_error(&self) -> f64 {
        self.error
    }

    /// Returns the interval of 95 %.
    pub fn interval(&self) -> (f64, f64) {
        let half = self.inference.half_width(self.error, 0.95);
        (self.value - half, self.value + half)
    }

    /// Returns the p-value against an intercept of 0, both sides: small where the variants are directionally pleiotropic.
    pub fn p_value(&self) -> f64 {
        self.inference.p_value(self.value, self.error)
    }
}

impl Estimate {
    pub(super) fn new(method: &'static str, variants: usize, value: f64, error: f64) -> Self {
        Self {
            method,
            exposure: None,
            variants,
            value,
            error,
            inference: Inference::Normal,
            intercept: None,
            sigma: None,
            heterogeneity: None,
            spread: None,
            valid: None,
            ranges: None,
            unidentified: 0.0,
        }
    }

    pub(super) fn on(mut self, exposure: Arc<str>) -> Self {
        self.exposure = Some(exposure);
        self
    }

    pub(super) fn with_error(mut self, method: &'static str, error: f64) -> Self {
        (self.method, self.error) = (method, error);
        self
    }

    /// The same with another standard error, which has more in it than the method knows.
    pub(super) fn with_total(mut self, error: f64, inference: Inference) -> Self {
        (self.error, self.inference) = (error, inference);
        self
    }

    /// The same of something else, which is anywhere in this range; its error is not known yet.
    pub(super) fn translated(mut self, (low, high): (f64, f64)) -> Self {
        (self.value, self.error) = (f64::midpoint(low, high), f64::NAN);
        self.unidentified = (high - low).abs() / 2.0;
        self
    }

    pub(super) fn inferred(mut self, inference: Inference) -> Self {
        self.inference = inference;
        self
    }

    pub(super) fn with_intercept(mut self, intercept: Intercept) -> Self {
        self.intercept = Some(intercept);
        self
    }

    pub(super) fn with_residuals(mut self, sigma: Option<f64>, q: Heterogeneity) -> Self {
        self.sigma = sigma;
        self.heterogeneity = Some(q);
        self
    }

    pub(super) fn with_spread(mut self, spread: f64) -> Self {
        self.spread = Some(spread);
        self
    }

    pub(super) fn with_valid(mut self, valid: Vec<bool>) -> Self {
        self.valid = Some(valid.into());
        self
    }

    pub(super) fn with_ranges(mut self, ranges: Vec<(f64, f64)>) -> Self {
        self.ranges = Some(ranges.into());
        self
    }

    /// Returns the name of the method, with its variation.
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// Returns the name of the exposure.
    pub fn exposure(&self) -> &str {
        self.exposure.as_deref().unwrap_or("exposure")
    }

    /// Returns how many variants the method could use.
    pub fn variants(&self) -> usize {
        self.variants
    }

    /// Returns the estimate.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Returns the standard error; not a number where the method has none.
    pub fn standard_error(&self) -> f64 {
        self.error
    }

    /// Returns the interval of 95 %.
    pub fn interval(&self) -> (f64, f64) {
        if let Inference::Given(lower, upper, _) = self.inference {
            return (lower, upper);
        }
        let half = self.inference.reach(self.error, 0.95, self.unidentified);
        (self.value - half, self.value + half)
    }

    /// Returns the interval of another level, such as 0.99.
    ///
    /// # Errors
    ///
    /// Fails when the level is not between 0 and 1, or the method finds intervals in a way of its own, at 95 % only.
    pub fn interval_at(&self, level: f64) -> Result<(f64, f64)> {
        if !(level > 0.0 && level < 1.0) {
            return Err(Error::value("level", "between 0 and 1", level));
        }
        if matches!(self.inference, Inference::Given(..)) {
            let expected = format!("0.95 for {}", self.method);
            return Err(Error::value("level", expected, level));
        }
        let half = self.inference.reach(self.error, level, self.unidentified);
        Ok((self.value - half, self.value + half))
    }

    /// Returns the p-value against no effect, both sides.
    pub fn p_value(&self) -> f64 {
        let Self {
            value,
            error,
            unidentified,
            ..
        } = *self;
        self.inference.p_value_in_range(value, error, unidentified)
    }

    /// Returns how far from the estimate the effect can be and still be the same to the data, however much there is of it: intervals hold
    /// every value in that range as often as they say (Imbens and Manski 2004, <https://doi.org/10.1111/j.1468-0262.2004.00555.x>). 0 for most
    /// methods.
    pub fn unidentified(&self) -> f64 {
        self.unidentified
    }

    /// Returns the intercept where the method has one.
    pub fn intercept(&self) -> Option<&Intercept> {
        self.intercept.as_ref()
    }

    /// Returns the residual standard error of a regression, before any floor; none without degrees of freedom.
    pub fn residual_error(&self) -> Option<f64> {
        self.sigma
    }

    /// Returns how much the variants differ around the fit, where the method says.
    pub fn heterogeneity(&self) -> Option<Heterogeneity> {
        self.heterogeneity
    }

    /// Returns the standard deviation of effects that do not go through the exposure, where the method estimates it.
    pub fn spread(&self) -> Option<f64> {
        self.spread
    }

    /// Returns for each variant whether the method took it for a valid instrument, where it tells them apart.
    pub fn valid(&self) -> Option<&[bool]> {
        self.valid.as_deref()
    }

    /// Returns the stretches of effects that are not rejected at 5 %, where the method can find several.
    pub fn ranges(&self) -> Option<&[(f64, f64)]> {
        self.ranges.as_deref()
    }

    /// Returns a table of one row, as [`Estimates::table`].
    ///
    /// # Errors
    ///
    /// Fails when the table cannot be made.
    pub fn table(&self) -> Result<DataFrame> {
        Estimates::new(vec![(None, self.clone())]).table()
    }
}

impl fmt::Debug for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (lower, upper) = self.interval();
        write!(
            f,
            "{}: {:.4} (95 % {lower:.4} to {upper:.4}, p {:.2e}, {} variants)",
            self.method,
            self.value,
            self.p_value(),
            self.variants
        )
    }
}
