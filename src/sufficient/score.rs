//! What is compared with the threshold.

use crate::{Error, Result};
use ndarray::ArrayView1;
use std::fmt;

/// Which score of a model is compared with the threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Score {
    /// The output as it is, such as a logit.
    #[default]
    Raw,
    /// The sigmoid of the output: the probability of a task that has its own output.
    Sigmoid,
    /// The softmax over all outputs: the probability of one of several classes.
    Softmax,
}

impl Score {
    /// Computes the score of one example from its outputs.
    pub(crate) fn of(self, outputs: &ArrayView1<'_, f64>, target: usize) -> f64 {
        let own = outputs[target];
        match self {
            Self::Raw => own,
            Self::Sigmoid => 1.0 / (1.0 + (-own).exp()),
            Self::Softmax => {
                let sum: f64 = outputs.iter().map(|output| (output - own).exp()).sum();
                1.0 / sum
            }
        }
    }

    /// Fails where a score would always be 1.
    pub(crate) fn check(self, outputs: usize) -> Result<()> {
        if self == Self::Softmax && outputs < 2 {
            let got = "softmax, which is always 1 for 1 output";
            return Err(Error::value("score", "raw or sigmoid", got));
        }
        Ok(())
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Raw => "raw",
            Self::Sigmoid => "sigmoid",
            Self::Softmax => "softmax",
        })
    }
}
