//! What became of inputs that were changed to be called otherwise.

use crate::Result;
use ndarray::{Array1, Array2, ArrayD, Axis};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// Inputs that were changed a little, what the model called them before and after, and how far they are; cheap to clone.
#[derive(Clone)]
pub struct AdversarialExamples {
    data: Arc<Parts>,
}

pub(super) struct Parts {
    pub(super) starts: ArrayD<f32>,
    pub(super) inputs: ArrayD<f32>,
    pub(super) labels: Array1<usize>,
    pub(super) targeted: bool,
    pub(super) before: Array2<f32>,
    pub(super) after: Array2<f32>,
}

impl AdversarialExamples {
    pub(super) fn new(parts: Parts) -> Self {
        Self {
            data: Arc::new(parts),
        }
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.data.labels.len()
    }

    /// Tells whether there is none, which no run gives.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the changed inputs, shape `(n, ...)`.
    pub fn inputs(&self) -> &ArrayD<f32> {
        &self.data.inputs
    }

    /// Returns the inputs as they were, shape `(n, ...)`.
    pub fn starts(&self) -> &ArrayD<f32> {
        &self.data.starts
    }

    /// Returns the labels: true classes, or those that were aimed at.
    pub fn labels(&self) -> &Array1<usize> {
        &self.data.labels
    }

    /// Returns the raw scores of the inputs as they were, shape `(n, outputs)`.
    pub fn before(&self) -> &Array2<f32> {
        &self.data.before
    }

    /// Returns the raw scores of the changed inputs, shape `(n, outputs)`.
    pub fn after(&self) -> &Array2<f32> {
        &self.data.after
    }

    /// Returns the classes that the inputs were called, shape `(n,)`.
    pub fn calls_before(&self) -> Array1<usize> {
        calls(&self.data.before)
    }

    /// Returns the classes that the changed inputs are called, shape `(n,)`.
    pub fn calls_after(&self) -> Array1<usize> {
        calls(&self.data.after)
    }

    /// Tells for each whether it fools the model: the call has changed, and is no longer the label, or is the one that was aimed at.
    pub fn fooled(&self) -> Array1<bool> {
        let (before, after) = (self.calls_before(), self.calls_after());
        let each = self.data.labels.iter().zip(before.iter().zip(&after));
        each.map(|(label, (before, after))| {
            before != after && (after == label) == self.data.targeted
        })
        .collect()
    }

    /// Returns the share that fools the model among those that could: called by their label before, or not yet what was aimed at.
    ///
    /// NaN when none could.
    pub fn success(&self) -> f64 {
        let (before, fooled) = (self.calls_before(), self.fooled());
        let could = |i: usize| (before[i] == self.data.labels[i]) != self.data.targeted;
        let count = (0..self.len()).filter(|&i| could(i)).count();
        let fooled = (0..self.len()).filter(|&i| could(i) && fooled[i]).count();
        fooled as f64 / count as f64
    }

    /// Returns the largest change of a number in each, shape `(n,)`.
    pub fn distances(&self) -> Array1<f64> {
        self.each(|change| change.fold(0.0, |most, change| f64::max(most, change.abs())))
    }

    /// Returns the root of the sum of squared changes in each, shape `(n,)`.
    pub fn euclidean(&self) -> Array1<f64> {
        self.each(|change| change.map(|change| change * change).sum::<f64>().sqrt())
    }

    /// Returns a table with a row for each: label, call before and after, whether it fools the model, and both distances.
    ///
    /// # Errors
    ///
    /// [`Error::Table`](crate::Error::Table) when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let numbers = |of: &Array1<usize>| of.iter().map(|&x| x as i64).collect::<Vec<_>>();
        Ok(df!(
            "label" => numbers(&self.data.labels),
            "before" => numbers(&self.calls_before()),
            "after" => numbers(&self.calls_after()),
            "fooled" => self.fooled().to_vec(),
            "largest change" => self.distances().to_vec(),
            "euclidean distance" => self.euclidean().to_vec(),
        )?)
    }

    fn each(&self, measure: impl Fn(&mut dyn Iterator<Item = f64>) -> f64) -> Array1<f64> {
        let pairs = self.data.starts.axis_iter(Axis(0));
        let pairs = pairs.zip(self.data.inputs.axis_iter(Axis(0)));
        pairs
            .map(|(start, input)| {
                let changes = start.iter().zip(input.iter());
                measure(&mut changes.map(|(a, b)| f64::from(*b) - f64::from(*a)))
            })
            .collect()
    }
}

/// Returns the class of the largest raw score, the first of equals; of a single one 1 above 0.
fn calls(scores: &Array2<f32>) -> Array1<usize> {
    let call = |row: ndarray::ArrayView1<'_, f32>| {
        if row.len() == 1 {
            return usize::from(row[0] > 0.0);
        }
        let mut best = 0;
        for (class, score) in row.iter().enumerate() {
            if *score > row[best] {
                best = class;
            }
        }
        best
    };
    scores.rows().into_iter().map(call).collect()
}

impl fmt::Debug for AdversarialExamples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fooled = self.fooled().iter().filter(|fooled| **fooled).count();
        write!(
            f,
            "AdversarialExamples(n = {}, fooled = {fooled})",
            self.len()
        )
    }
}
