//! What calibration did for examples that it was not fitted on.

use super::method::Method;
use super::reliability::Reliability;
use std::fmt;

/// The reliability of a model before and after calibration, on examples that it was not fitted on; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessment {
    method: Method,
    before: Reliability,
    after: Reliability,
    shared: usize,
    examples: usize,
}

impl Assessment {
    pub(super) fn new(
        method: Method,
        (before, after): (Reliability, Reliability),
        (shared, examples): (usize, usize),
    ) -> Self {
        Self {
            method,
            before,
            after,
            shared,
            examples,
        }
    }

    /// Returns how scores became probabilities.
    pub fn method(&self) -> Method {
        self.method
    }

    /// Returns the reliability of the sigmoid, or softmax, of the raw scores.
    pub fn before(&self) -> Reliability {
        self.before.clone()
    }

    /// Returns the reliability of the calibrated probabilities.
    pub fn after(&self) -> Reliability {
        self.after.clone()
    }

    /// Returns how many examples have exactly the scores of one that the calibrator was fitted on: many mean that sets overlap, or
    /// that scores have few values.
    pub fn shared(&self) -> usize {
        self.shared
    }
}

impl fmt::Display for Assessment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = (&self.before, &self.after);
        let Self {
            method,
            examples,
            shared,
            ..
        } = self;
        writeln!(
            f,
            "{method} on {examples} examples that it was not fitted on"
        )?;
        for (name, before, after) in [
            ("ECE", before.ece(), after.ece()),
            ("MCE", before.mce(), after.mce()),
            ("Brier", before.brier(), after.brier()),
            ("log loss", before.log_loss(), after.log_loss()),
        ] {
            writeln!(f, "{name:<9} {before:.4} -> {after:.4}")?;
        }
        if *shared > 0 {
            writeln!(
                f,
                "{shared} of {examples} have the scores of an example that it was fitted on: do the sets overlap?"
            )?;
        }
        Ok(())
    }
}
