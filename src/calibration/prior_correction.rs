//! Probabilities for another base rate than the one that a model learned from.

use super::logistic::{logit, sigmoid};
use super::paired::{check_sums, matrix};
use crate::{Error, Input, Result};
use ndarray::Array2;
use std::fmt;
use std::sync::Arc;

/// Moves probabilities from the base rates that a model learned from to those where it is used; cheap to clone.
///
/// The odds are multiplied by the ratio of the odds of the base rates (Saerens, Latinne and Decaestecker 2002,
/// <https://doi.org/10.1162/089976602753284446>; Elkan 2001). Right when events of each kind look the same in both places, and only how
/// common they are differs. A forecast equal to the old base rate becomes the new one.
///
/// # Examples
///
/// ```
/// use genolens::calibration::PriorCorrection;
/// # fn main() -> genolens::Result<()> {
/// // One in a hundred where it learned, one in twenty here.
/// let correction = PriorCorrection::tasks(&[0.01], &[0.05])?;
/// assert!((correction.at(0, 0.01)? - 0.05).abs() < 1e-12);
/// assert!((correction.inverse().at(0, correction.at(0, 0.3)?)? - 0.3).abs() < 1e-12);
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct PriorCorrection {
    from: Arc<[f64]>,
    to: Arc<[f64]>,
    exclusive: bool,
}

impl PriorCorrection {
    /// Takes the share of events of every task, where the model learned and where it is used, each above 0 to below 1.
    ///
    /// # Errors
    ///
    /// Fails without a task, for lengths that differ, or a share that is not between 0 and 1.
    pub fn tasks(from: &[f64], to: &[f64]) -> Result<Self> {
        Self::new((from, to), false)
    }

    /// Takes the shares of classes that exclude each other, each above 0 to below 1, which sum to 1.
    ///
    /// # Errors
    ///
    /// Fails for fewer than two classes, for lengths that differ, a share that is not between 0 and 1, or sums other than 1.
    pub fn classes(from: &[f64], to: &[f64]) -> Result<Self> {
        if from.len() < 2 {
            return Err(Error::shape("from", "(classes), at least 2", &[from.len()]));
        }
        for (name, shares) in [("from", from), ("to", to)] {
            let sum: f64 = shares.iter().sum();
            if (sum - 1.0).abs() > 1e-6 {
                return Err(Error::value(
                    name,
                    "shares that sum to 1",
                    format!("a sum of {sum}"),
                ));
            }
        }
        Self::new((from, to), true)
    }

    fn new((from, to): (&[f64], &[f64]), exclusive: bool) -> Result<Self> {
        if from.is_empty() {
            return Err(Error::shape("from", "(tasks), at least 1", &[0]));
        }
        if to.len() != from.len() {
            let expected = format!("({}) as `from`", from.len());
            return Err(Error::shape("to", expected, &[to.len()]));
        }
        for (name, shares) in [("from", from), ("to", to)] {
            if let Some(share) = shares
                .iter()
                .find(|share| !(**share > 0.0 && **share < 1.0))
            {
                return Err(Error::value(name, "shares above 0 to below 1", share));
            }
        }
        Ok(Self {
            from: from.into(),
            to: to.into(),
            exclusive,
        })
    }

    /// Returns the correction of the way back.
    pub fn inverse(&self) -> Self {
        Self {
            from: self.to.clone(),
            to: self.from.clone(),
            exclusive: self.exclusive,
        }
    }

    /// Corrects one probability of a task, counted from 0.
    ///
    /// # Errors
    ///
    /// Fails when there is no such task, the probability is not from 0 to 1, or for classes, which only [`apply`](Self::apply) corrects.
    pub fn at(&self, task: usize, probability: f64) -> Result<f64> {
        if self.exclusive {
            return Err(Error::value(
                "task",
                "one of a correction of tasks",
                "a class",
            ));
        }
        if task >= self.from.len() {
            return Err(Error::value(
                "task",
                format!("below {}", self.from.len()),
                task,
            ));
        }
        if !(0.0..=1.0).contains(&probability) {
            return Err(Error::value("probability", "0 to 1", probability));
        }
        Ok(self.corrected(task, probability))
    }

    /// Corrects probabilities `(n, tasks)` or `(n, classes)`, or `(n)` for one task.
    ///
    /// # Errors
    ///
    /// Fails for another number of columns, a probability that is not from 0 to 1, or rows of classes that do not sum to 1.
    pub fn apply(&self, probabilities: &dyn Input) -> Result<Array2<f32>> {
        let mut values = matrix("probabilities", probabilities)?;
        if values.ncols() != self.from.len() {
            let expected = format!("(n, {})", self.from.len());
            return Err(Error::shape("probabilities", expected, values.shape()));
        }
        if let Some(value) = values.iter().find(|value| !(0.0..=1.0).contains(*value)) {
            return Err(Error::value("probabilities", "0 to 1", value));
        }
        if self.exclusive {
            check_sums("probabilities", &values)?;
        }
        for mut row in values.rows_mut() {
            if self.exclusive {
                row.iter_mut()
                    .zip(self.from.iter().zip(self.to.iter()))
                    .for_each(|(share, (from, to))| *share *= to / from);
                let sum = row.sum();
                row.mapv_inplace(|share| share / sum);
            } else {
                row.iter_mut()
                    .enumerate()
                    .for_each(|(task, chance)| *chance = self.corrected(task, *chance));
            }
        }
        Ok(values.mapv(|chance| chance as f32))
    }

    fn corrected(&self, task: usize, probability: f64) -> f64 {
        sigmoid(logit(probability) + logit(self.to[task]) - logit(self.from[task]))
    }
}

impl fmt::Debug for PriorCorrection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PriorCorrection({:.4?} to {:.4?})", self.from, self.to)
    }
}
