//! A number and how sure it is.

use crate::{Error, Result};
use std::fmt;

/// A number and the interval that holds the true one with some confidence.
///
/// The ends are NaN where nothing is known of them: no interval was asked for, or the method has none, such as [`delong`](super::delong())
/// for scores that tell both classes apart without an error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    estimate: f64,
    low: f64,
    high: f64,
    level: f64,
}

impl Interval {
    pub(crate) fn new(estimate: f64, (low, high): (f64, f64), level: f64) -> Self {
        Self {
            estimate,
            low,
            high,
            level,
        }
    }

    /// A number of which no interval is known.
    pub(crate) fn point(estimate: f64, level: f64) -> Self {
        Self::new(estimate, (f64::NAN, f64::NAN), level)
    }

    /// Returns the number itself.
    pub fn estimate(&self) -> f64 {
        self.estimate
    }

    /// Returns the lower end, NaN where it is not known.
    pub fn low(&self) -> f64 {
        self.low
    }

    /// Returns the upper end, NaN where it is not known.
    pub fn high(&self) -> f64 {
        self.high
    }

    /// Returns the confidence, such as 0.95.
    pub fn level(&self) -> f64 {
        self.level
    }

    /// Tells whether the ends are known.
    pub fn is_known(&self) -> bool {
        self.low.is_finite() && self.high.is_finite()
    }

    /// Tells whether a number lies between the ends, both included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4}", self.estimate)?;
        let percent = percent(self.level);
        if self.is_known() {
            let (low, high) = (self.low, self.high);
            write!(f, " ({percent} % interval {low:.4} to {high:.4})")
        } else {
            f.write_str(" (no interval)")
        }
    }
}

/// Returns a confidence in percent, with two digits behind the point at most.
pub(crate) fn percent(level: f64) -> f64 {
    (level * 1e4).round() / 1e2
}

/// Checks a confidence.
pub(crate) fn check_level(level: f64) -> Result<()> {
    if level > 0.0 && level < 1.0 {
        return Ok(());
    }
    let expected = "above 0 to below 1, such as 0.95";
    Err(Error::value("level", expected, level))
}
