//! From which score on a decision is made.

use crate::distribution::order;
use crate::{Error, Input, Result};

/// The score from which on a decision counts as made: a number, or a quantile of scores.
///
/// The authors take the 90 % quantile of the scores of test examples where many examples are looked at.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::array, sufficient::{SufficientSubsets, Threshold}};
/// # fn main() -> genolens::Result<()> {
/// let told = SufficientSubsets::new(0.7);
/// let own = SufficientSubsets::new(Threshold::quantile(0.9));
/// let others = Threshold::quantile_of(&array![0.1_f32, 0.2, 0.4, 0.9], 0.5)?;
/// assert!((others.value().unwrap_or_default() - 0.3).abs() < 1e-6);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold(Kind);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Value(f64),
    Quantile(f64),
}

impl Threshold {
    /// Takes a quantile, from 0 to 1, of the scores of the very examples that are looked at; between two scores in proportion.
    pub fn quantile(share: f64) -> Self {
        Self(Kind::Quantile(share))
    }

    /// Takes a quantile, from 0 to 1, of these scores; they must be on the scale on which subsets are scored.
    ///
    /// # Errors
    ///
    /// Fails when there is no score or one that is not finite, or the share is not from 0 to 1.
    pub fn quantile_of(scores: &dyn Input, share: f64) -> Result<Self> {
        let scores = scores.array()?;
        let scores: Vec<f64> = scores.iter().map(|&score| f64::from(score)).collect();
        Ok(Self(Kind::Value(quantile(scores, share)?)))
    }

    /// Returns the score; nothing where it follows from the examples.
    pub fn value(&self) -> Option<f64> {
        match self.0 {
            Kind::Value(value) => Some(value),
            Kind::Quantile(_) => None,
        }
    }

    /// Returns the score for examples of these scores.
    pub(crate) fn resolve(self, scores: &[f64]) -> Result<f64> {
        match self.0 {
            Kind::Value(value) if value.is_finite() => Ok(value),
            Kind::Value(value) => Err(Error::value("threshold", "a finite number", value)),
            Kind::Quantile(share) => quantile(scores.to_vec(), share),
        }
    }
}

impl From<f64> for Threshold {
    fn from(value: f64) -> Self {
        Self(Kind::Value(value))
    }
}

fn quantile(scores: Vec<f64>, share: f64) -> Result<f64> {
    if !(0.0..=1.0).contains(&share) {
        return Err(Error::value("quantile", "from 0 to 1", share));
    }
    if let Some(score) = scores.iter().find(|score| !score.is_finite()) {
        return Err(Error::value("scores", "finite numbers", score));
    }
    if scores.is_empty() {
        return Err(Error::value("scores", "at least 1", 0));
    }
    Ok(order::quantile(scores, share))
}
