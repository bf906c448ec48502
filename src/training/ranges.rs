//! Where a search looks for options.

use crate::network::unit;
use crate::random::Seed;
use crate::{Error, Result};
use rand_chacha::rand_core::Rng;
use std::fmt;
use std::sync::Arc;

/// What one option of a training may be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Range {
    Uniform(f64, f64),
    LogUniform(f64, f64),
    Choice(Vec<f64>),
}

impl Range {
    pub(crate) fn check(&self, name: &str) -> Result<()> {
        let fine = match self {
            Self::Uniform(low, high) => low.is_finite() && high.is_finite() && low < high,
            Self::LogUniform(low, high) => *low > 0.0 && high.is_finite() && low < high,
            Self::Choice(values) => !values.is_empty() && values.iter().all(|v| v.is_finite()),
        };
        if fine {
            return Ok(());
        }
        let expected = match self {
            Self::Uniform(..) => "two numbers, the smaller first",
            Self::LogUniform(..) => "two numbers above 0, the smaller first",
            Self::Choice(_) => "at least one number",
        };
        Err(Error::value(name, expected, format!("{self:?}")))
    }

    fn draw(&self, seed: Seed) -> f64 {
        let share = unit(seed.generator().next_u32());
        match self {
            Self::Uniform(low, high) => low + (high - low) * share,
            Self::LogUniform(low, high) => (low.ln() + (high.ln() - low.ln()) * share).exp(),
            Self::Choice(values) => {
                let at = (share * values.len() as f64) as usize;
                values[at.min(values.len() - 1)]
            }
        }
    }
}

/// The options that a search tries at once; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial {
    values: Arc<[(String, f64)]>,
}

impl Trial {
    pub(crate) fn draw(ranges: &[(String, Range)], seed: Seed) -> Self {
        let values = ranges.iter();
        let values = values.map(|(name, range)| (name.clone(), range.draw(seed.named(name))));
        Self {
            values: values.collect(),
        }
    }

    /// Returns the value of an option.
    ///
    /// # Errors
    ///
    /// Fails when the search has no option of this name.
    pub fn get(&self, name: &str) -> Result<f64> {
        let found = self.values.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let known: Vec<&str> = self.values.iter().map(|(name, _)| name.as_str()).collect();
            Error::value("name", format!("one of {}", known.join(", ")), name)
        })
    }

    /// Returns the names of the options.
    pub fn names(&self) -> Vec<String> {
        self.values.iter().map(|(name, _)| name.clone()).collect()
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.values.iter();
        let values: Vec<String> = values
            .map(|(name, value)| format!("{name} {value:.4e}"))
            .collect();
        f.write_str(&values.join(", "))
    }
}
