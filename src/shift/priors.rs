//! Shares of classes in two places.

use super::prior_shift::PriorMethod;
use crate::Result;
use crate::calibration::PriorCorrection;
use ndarray::Array1;
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// Shares of classes where a model learned and where it is used; cheap to clone, shows itself as a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Priors {
    source: Arc<[f64]>,
    target: Arc<[f64]>,
    misfit: f64,
    rounds: usize,
    method: PriorMethod,
}

impl Priors {
    pub(super) fn new(
        (source, target): (Array1<f64>, Array1<f64>),
        (misfit, rounds): (f64, usize),
        method: PriorMethod,
    ) -> Self {
        Self {
            source: source.to_vec().into(),
            target: target.to_vec().into(),
            misfit,
            rounds,
            method,
        }
    }

    /// Returns the shares among the held-out examples.
    pub fn source(&self) -> Array1<f64> {
        self.source.iter().copied().collect()
    }

    /// Returns the shares that are estimated for the new examples.
    pub fn target(&self) -> Array1<f64> {
        self.target.iter().copied().collect()
    }

    /// Returns how much more common every class is in the new place: weights of examples by their class.
    pub fn weights(&self) -> Array1<f64> {
        self.target() / self.source()
    }

    /// Returns how far the new probabilities are from what the estimated shares make of those of held-out examples, 0 to 1: the largest
    /// difference of the two distributions of the probability of a class, held-out examples weighted as the shares have it.
    ///
    /// For `n` held-out and `m` new examples chance alone makes about `1.4 * sqrt(1 / n + 1 / m)` of it, more where weights differ much; much
    /// more means that it is not only how common classes are that has changed. Little is no proof: what the probabilities of the model do
    /// not show, such as other labels for the same examples, is not in it.
    pub fn misfit(&self) -> f64 {
        self.misfit
    }

    /// Returns the number of rounds that the estimate took.
    pub fn rounds(&self) -> usize {
        self.rounds
    }

    /// Returns the correction of probabilities, of the one task or of the classes that were given.
    ///
    /// # Errors
    ///
    /// Fails where a class is estimated to be absent from the new place.
    pub fn correction(&self) -> Result<PriorCorrection> {
        PriorCorrection::classes(&self.source, &self.target)
    }

    /// Returns the same for the probabilities of one task.
    ///
    /// # Errors
    ///
    /// Fails for more than two classes, or where a class is estimated to be absent.
    pub fn task_correction(&self) -> Result<PriorCorrection> {
        if self.source.len() != 2 {
            let got = format!("{} classes", self.source.len());
            return Err(crate::Error::value("priors", "those of two classes", got));
        }
        PriorCorrection::tasks(&self.source[1..], &self.target[1..])
    }

    /// Returns one row per class: its number, both shares, and the weight.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn to_frame(&self) -> Result<DataFrame> {
        Ok(df!(
            "class" => (0..self.source.len() as i64).collect::<Vec<_>>(),
            "source" => &self.source[..],
            "target" => &self.target[..],
            "weight" => self.weights().to_vec(),
        )?)
    }
}

impl fmt::Display for Priors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "shares of {} classes, if examples of a class look the same in both places:",
            self.source.len()
        )?;
        for (class, (source, target)) in self.source.iter().zip(self.target.iter()).enumerate() {
            writeln!(f, "{class}: {source:.4} -> {target:.4}")?;
        }
        write!(
            f,
            "not explained by that: {:.4} of the distribution of a class's probability",
            self.misfit
        )
    }
}
