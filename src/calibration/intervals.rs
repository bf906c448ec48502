//! Intervals that should hold what is true.

use super::forecast::truth_of;
use crate::{Input, Result};
use ndarray::{Array2, Zip};
use std::fmt;
use std::sync::Arc;

/// An interval for every number that is forecast, shape `(n, outputs)`; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Intervals {
    low: Arc<Array2<f64>>,
    high: Arc<Array2<f64>>,
    level: f64,
}

impl Intervals {
    pub(super) fn new((low, high): (Array2<f64>, Array2<f64>), level: f64) -> Self {
        Self {
            low: Arc::new(low),
            high: Arc::new(high),
            level,
        }
    }

    /// Returns the lower ends, shape `(n, outputs)`.
    pub fn low(&self) -> &Array2<f64> {
        &self.low
    }

    /// Returns the upper ends, shape `(n, outputs)`.
    pub fn high(&self) -> &Array2<f64> {
        &self.high
    }

    /// Returns the chance with which they should hold what is true.
    pub fn level(&self) -> f64 {
        self.level
    }

    /// Returns the mean width, infinite where an interval is.
    pub fn width(&self) -> f64 {
        (&*self.high - &*self.low).mean().unwrap_or(f64::NAN)
    }

    /// Returns the share of true numbers that lie inside, ends included.
    ///
    /// # Errors
    ///
    /// Fails when shapes differ or a number is not finite.
    pub fn coverage(&self, truth: &dyn Input) -> Result<f64> {
        let truth = truth_of(truth, self.low.dim())?;
        let mut inside = 0;
        Zip::from(&truth)
            .and(&*self.low)
            .and(&*self.high)
            .for_each(|value, low, high| {
                inside += usize::from(low <= value && value <= high);
            });
        Ok(inside as f64 / truth.len() as f64)
    }
}

impl fmt::Debug for Intervals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Intervals({self})")
    }
}

impl fmt::Display for Intervals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, outputs) = self.low.dim();
        write!(
            f,
            "{n} examples, {outputs} outputs, level {}, mean width {:.4}",
            self.level,
            self.width()
        )
    }
}
