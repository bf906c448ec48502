//! What a test of shift found.

use crate::distribution::chance;
use crate::{Error, Result};
use std::fmt;
use std::sync::Arc;

/// What no test without labels of the new data can see.
const BLIND: &str = "without labels, nothing is said of whether the same examples still have the same labels (concept shift)";

/// What one test of dataset shift found; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct ShiftTest {
    name: Arc<str>,
    statistic: f64,
    p: f64,
    level: f64,
}

impl ShiftTest {
    pub(super) fn new(name: &str, (statistic, p): (f64, f64), level: f64) -> Self {
        Self {
            name: name.into(),
            statistic,
            p,
            level,
        }
    }

    /// Returns the statistic: what it is depends on the test.
    pub fn statistic(&self) -> f64 {
        self.statistic
    }

    /// Returns the p-value: how often data of one distribution would look at least as different.
    pub fn p(&self) -> f64 {
        self.p
    }

    /// Returns the level at which a difference counts.
    pub fn level(&self) -> f64 {
        self.level
    }

    /// Tells whether the p-value is at most the level.
    pub fn is_shifted(&self) -> bool {
        self.p <= self.level
    }
}

impl fmt::Display for ShiftTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {:.4}, {}, {}",
            self.name,
            self.statistic,
            chance::told(self.p),
            words(self.p, self.level)
        )
    }
}

/// Says what a p-value means, and what it does not.
pub(super) fn words(p: f64, level: f64) -> String {
    let found = if p <= level {
        "the inputs differ"
    } else {
        "no difference of the inputs found, which is not proof of none"
    };
    format!("{found}; {BLIND}")
}

/// Checks a level.
pub(super) fn check_level(level: f64) -> Result<()> {
    if level > 0.0 && level < 1.0 {
        return Ok(());
    }
    Err(Error::value("level", "above 0 to below 1", level))
}
