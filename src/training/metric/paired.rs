//! Scores with the labels that they belong to.

use super::super::Labels;
use crate::{Error, Input, Result};

/// As many scores as labels, of one task.
pub(crate) struct Paired {
    pub(crate) scores: Vec<f32>,
    pub(crate) labels: Vec<f32>,
}

impl Paired {
    /// Takes scores and labels of shape `(n)` or `(n, 1)`.
    pub(crate) fn new(scores: &dyn Input, labels: &dyn Labels) -> Result<Self> {
        let (scores, labels) = (scores.array()?, labels.labels()?);
        let n = labels.shape().first().copied().unwrap_or_default();
        if labels.len() != n {
            let expected = "(n) or (n, 1), one task; `measure` takes several";
            return Err(Error::shape("labels", expected, labels.shape()));
        }
        if scores.len() != n || scores.shape().first() != Some(&n) {
            let expected = format!("{n} numbers, one per label");
            return Err(Error::shape("scores", expected, scores.shape()));
        }
        Ok(Self {
            scores: scores.iter().copied().collect(),
            labels: labels.iter().copied().collect(),
        })
    }

    /// Checks that labels are classes and scores can be ranked.
    pub(crate) fn check_classes(&self) -> Result<()> {
        let is_other = |label: &&f32| **label != 0.0 && **label != 1.0;
        if let Some(label) = self.labels.iter().find(is_other) {
            return Err(Error::value("labels", "only 0 and 1", label));
        }
        refuse("scores", "all numbers", &self.scores, |score| {
            score.is_nan()
        })
    }

    /// Checks that scores are probabilities and labels classes.
    pub(crate) fn check_probabilities(&self) -> Result<()> {
        self.check_classes()?;
        let expected = "probabilities 0 to 1, as `network::probabilities` gives them";
        refuse("scores", expected, &self.scores, |score| {
            !(0.0..=1.0).contains(&score)
        })?;
        if self.labels.is_empty() {
            return Err(Error::shape("labels", "(n), n at least 1", &[0]));
        }
        Ok(())
    }

    /// Checks that both are numbers that differ.
    pub(crate) fn check_numbers(&self) -> Result<()> {
        if self.labels.len() < 2 {
            let shape = [self.labels.len()];
            return Err(Error::shape("labels", "(n), n at least 2", &shape));
        }
        for (name, values) in [("scores", &self.scores), ("labels", &self.labels)] {
            refuse(name, "finite", values, |value| !value.is_finite())?;
            if values.iter().all(|value| *value == values[0]) {
                let got = format!("{} everywhere", values[0]);
                let expected = "at least two different numbers, or there is no correlation";
                return Err(Error::value(name, expected, got));
            }
        }
        Ok(())
    }
}

fn refuse(name: &str, expected: &str, values: &[f32], wrong: fn(f32) -> bool) -> Result<()> {
    match values.iter().position(|&value| wrong(value)) {
        Some(place) => {
            let got = format!("{} at position {place}", values[place]);
            Err(Error::value(name, expected, got))
        }
        None => Ok(()),
    }
}
