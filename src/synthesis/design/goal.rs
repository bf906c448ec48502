//! What a designed sequence should score.

use crate::{Error, Result};
use candle_core::{DType, Tensor};
use std::sync::Arc;

/// What a designed sequence should score: as much or as little as possible, beyond a threshold, or certain values.
///
/// Outputs are raw scores, counted from 0.
///
/// # Examples
///
/// ```
/// use genolens::synthesis::Goal;
/// // Open in the first cell type, closed in the second.
/// let goal = Goal::values(&[(0, 3.0), (1, -3.0)]);
/// assert!(goal.is_reached(&[3.01, -2.99]));
/// assert!(!Goal::at_least(0, 2.0).is_reached(&[1.5]));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    kind: Kind,
    tolerance: f64,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// A weighted sum that should be as large as possible.
    Highest(Arc<[(usize, f64)]>),
    /// A weight of -1 or 1, and what the product should reach.
    Beyond {
        output: usize,
        sign: f64,
        threshold: f64,
    },
    Values(Arc<[(usize, f64)]>),
    /// The other sign of an output.
    Turned(usize),
}

impl Goal {
    /// As much as possible of an output.
    pub fn highest(output: usize) -> Self {
        Self::weighted(&[(output, 1.0)])
    }

    /// As little as possible of an output.
    pub fn lowest(output: usize) -> Self {
        Self::weighted(&[(output, -1.0)])
    }

    /// As much as possible of a weighted sum of outputs: pairs of an output and its weight.
    pub fn weighted(outputs: &[(usize, f64)]) -> Self {
        Self::new(Kind::Highest(outputs.into()))
    }

    /// At least so much of an output; no letter is changed beyond that.
    pub fn at_least(output: usize, threshold: f64) -> Self {
        Self::new(Kind::Beyond {
            output,
            sign: 1.0,
            threshold,
        })
    }

    /// At most so much of an output; no letter is changed beyond that.
    pub fn at_most(output: usize, threshold: f64) -> Self {
        Self::new(Kind::Beyond {
            output,
            sign: -1.0,
            threshold,
        })
    }

    /// The other sign of an output: 0 or below where it is above 0, above 0 otherwise.
    pub fn turned(output: usize) -> Self {
        Self::new(Kind::Turned(output))
    }

    /// This value of an output.
    pub fn value(output: usize, value: f64) -> Self {
        Self::values(&[(output, value)])
    }

    /// These values of several outputs: pairs of an output and its value.
    pub fn values(outputs: &[(usize, f64)]) -> Self {
        Self::new(Kind::Values(outputs.into()))
    }

    /// Sets how far every output may be from its value for the goal to be reached; 0.05 unless set.
    pub fn tolerance(mut self, tolerance: f64) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Tells whether outputs are as wanted; never for what has no end, or depends on the start.
    pub fn is_reached(&self, outputs: &[f32]) -> bool {
        let of = |output: usize| outputs.get(output).map_or(f64::NAN, |&y| f64::from(y));
        match &self.kind {
            Kind::Highest(_) | Kind::Turned(_) => false,
            Kind::Beyond {
                output,
                sign,
                threshold,
            } => sign * of(*output) >= sign * threshold,
            Kind::Values(values) => {
                (values.iter()).all(|&(output, value)| (of(output) - value).abs() <= self.tolerance)
            }
        }
    }

    fn new(kind: Kind) -> Self {
        Self {
            kind,
            tolerance: 0.05,
        }
    }

    /// Returns the goal for a sequence with these outputs.
    pub(super) fn seen_from(&self, outputs: &[f32]) -> Self {
        let Kind::Turned(output) = self.kind else {
            return self.clone();
        };
        let kind = if outputs.get(output).is_some_and(|score| *score > 0.0) {
            Self::at_most(output, 0.0).kind
        } else {
            Self::at_least(output, f64::from(f32::MIN_POSITIVE)).kind
        };
        Self {
            kind,
            tolerance: self.tolerance,
        }
    }

    /// Returns how good outputs are: the larger, the better. Values count by minus their mean squared distance.
    pub(crate) fn worth(&self, outputs: &[f32]) -> f64 {
        let of = |output: usize| outputs.get(output).map_or(f64::NAN, |&y| f64::from(y));
        match &self.kind {
            Kind::Highest(weights) => (weights.iter())
                .map(|&(output, weight)| weight * of(output))
                .sum(),
            Kind::Beyond { output, sign, .. } => sign * of(*output),
            Kind::Values(values) => {
                let squares = values.iter();
                let squares = squares.map(|&(output, value)| (of(output) - value).powi(2));
                -squares.sum::<f64>() / values.len().max(1) as f64
            }
            Kind::Turned(output) => of(*output),
        }
    }

    /// Returns the loss of gradient design, shape `(n)`: minus the worth; what is beyond a threshold costs nothing.
    pub(super) fn loss(&self, outputs: &Tensor) -> Result<Tensor> {
        let outputs = outputs.to_dtype(DType::F32)?;
        let column = |output: usize| outputs.narrow(1, output, 1)?.squeeze(1);
        let terms = match &self.kind {
            Kind::Highest(weights) => (weights.iter())
                .map(|&(output, weight)| column(output)?.affine(-weight, 0.0))
                .collect::<candle_core::Result<Vec<_>>>()?,
            Kind::Beyond {
                output,
                sign,
                threshold,
            } => vec![column(*output)?.affine(-sign, sign * threshold)?.relu()?],
            Kind::Values(values) => {
                let share = 1.0 / values.len() as f64;
                let square = |&(output, value): &(usize, f64)| {
                    column(output)?
                        .affine(1.0, -value)?
                        .sqr()?
                        .affine(share, 0.0)
                };
                let squares = values.iter().map(square);
                squares.collect::<candle_core::Result<Vec<_>>>()?
            }
            Kind::Turned(output) => vec![column(*output)?],
        };
        let Some((first, rest)) = terms.split_first() else {
            return Err(Error::value("goal", "one output or more", "empty"));
        };
        let mut sum = first.clone();
        for term in rest {
            sum = (sum + term)?;
        }
        Ok(sum)
    }

    /// Returns the same loss of one example.
    pub(super) fn cost(&self, outputs: &[f32]) -> Result<f64> {
        let worth = self.worth(outputs);
        let loss = match self.kind {
            Kind::Beyond {
                sign, threshold, ..
            } => (sign * threshold - worth).max(0.0),
            _ => -worth,
        };
        if worth.is_finite() {
            return Ok(loss);
        }
        Err(Error::value("output of the model", "finite", worth))
    }

    /// Checks the goal for a model with so many outputs.
    pub(crate) fn check(&self, outputs: usize) -> Result<()> {
        if !(self.tolerance >= 0.0 && self.tolerance.is_finite()) {
            return Err(Error::value("tolerance", "0 or more", self.tolerance));
        }
        let own = match &self.kind {
            Kind::Highest(own) | Kind::Values(own) => own.to_vec(),
            Kind::Beyond {
                output, threshold, ..
            } => vec![(*output, *threshold)],
            Kind::Turned(output) => vec![(*output, 0.0)],
        };
        if own.is_empty() {
            return Err(Error::value("goal", "one output or more", "empty"));
        }
        for (output, number) in own {
            if output >= outputs {
                let expected = format!("outputs below {outputs}, the number of outputs");
                return Err(Error::value("goal", expected, output));
            }
            if !number.is_finite() {
                return Err(Error::value("goal", "finite numbers", number));
            }
        }
        Ok(())
    }
}

impl Default for Goal {
    fn default() -> Self {
        Self::highest(0)
    }
}
