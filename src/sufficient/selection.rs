//! The order in which features were given up.

use crate::Result;
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// One backward selection (`BackSelect`): features in the order in which they were masked, always the one without which the score stays largest.
/// Cheap to clone.
#[derive(Clone)]
pub struct Selection(Arc<Parts>);

struct Parts {
    start: f64,
    order: Vec<usize>,
    values: Vec<f64>,
}

impl Selection {
    /// Takes the score before, the features in order and the score after each of them.
    pub(crate) fn new(start: f64, order: Vec<usize>, values: Vec<f64>) -> Self {
        Self(Arc::new(Parts {
            start,
            order,
            values,
        }))
    }

    /// Returns the score before any of these features was masked.
    pub fn start(&self) -> f64 {
        self.0.start
    }

    /// Returns the features in the order in which they were masked; those of earlier subsets are not among them.
    pub fn order(&self) -> &[usize] {
        &self.0.order
    }

    /// Returns the score after each feature of the order was masked, too.
    pub fn values(&self) -> &[f64] {
        &self.0.values
    }

    /// Returns the number of features.
    pub fn len(&self) -> usize {
        self.0.order.len()
    }

    /// Tells whether there was no feature left.
    pub fn is_empty(&self) -> bool {
        self.0.order.is_empty()
    }

    /// Finds the sufficient subset (`FindSIS`): the features that were masked after the score last reached the threshold. Returns them, the last one first,
    /// and the score of them alone.
    pub(crate) fn enough(&self, threshold: f64) -> (Vec<usize>, f64) {
        let reached = self.values().iter().rposition(|&value| value >= threshold);
        let kept = reached.map_or(0, |last| last + 1);
        let features = self.order()[kept..].iter().rev().copied().collect();
        (
            features,
            reached.map_or(self.start(), |last| self.values()[last]),
        )
    }

    /// Returns the selection as a table with columns step, feature and score.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let order = self.order().iter().map(|&feature| feature as u32);
        Ok(df!(
            "step" => (1..=self.len() as u32).collect::<Vec<_>>(),
            "feature" => order.collect::<Vec<_>>(),
            "score" => self.values(),
        )?)
    }
}

impl fmt::Debug for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.values().last().copied().unwrap_or(self.start());
        let (features, start) = (self.len(), self.start());
        write!(
            f,
            "Selection(features = {features}, score = {start} to {last})"
        )
    }
}
