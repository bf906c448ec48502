//! What insertions or deletions do at every position.

use crate::Result;
use crate::sequence::Sequences;
use ndarray::{Array2, Array3, Axis};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// What several insertions or deletions at every position do to an output; cheap to clone.
///
/// An effect is the output with the edit less the output of the sequence as it is. A deletion that would pass the end does not exist:
/// its effect is NaN.
#[derive(Clone)]
pub struct IndelEffects {
    sequences: Sequences,
    edits: Arc<[String]>,
    values: Arc<Array3<f64>>,
    target: usize,
}

impl IndelEffects {
    pub(super) fn new(
        sequences: &Sequences,
        (edits, values): (Vec<String>, Array3<f64>),
        target: usize,
    ) -> Self {
        Self {
            sequences: sequences.clone(),
            edits: edits.into(),
            values: Arc::new(values),
            target,
        }
    }

    /// Returns the effects, shape `(n, edits, length)`: at the position that an insertion is in front of, or that a deletion begins at.
    pub fn values(&self) -> &Array3<f64> {
        &self.values
    }

    /// Returns what was done, a name for every row, such as `+G` and `−3`.
    pub fn edits(&self) -> &[String] {
        &self.edits
    }

    /// Returns the sequences as they are.
    pub fn sequences(&self) -> &Sequences {
        &self.sequences
    }

    /// Returns which output is meant, counted from 0.
    pub fn target(&self) -> usize {
        self.target
    }

    /// Returns the number of sequences.
    pub fn len(&self) -> usize {
        self.sequences.len()
    }

    /// Tells whether there is no sequence, which no run gives.
    pub fn is_empty(&self) -> bool {
        self.sequences.is_empty()
    }

    /// Returns the effects on one sequence.
    ///
    /// # Errors
    ///
    /// Fails when there is no such sequence.
    pub fn get(&self, index: usize) -> Result<Self> {
        Ok(Self {
            sequences: self.sequences.get(index)?,
            values: Arc::new(self.values.select(Axis(0), &[index])),
            ..self.clone()
        })
    }

    /// Returns the mean over the sequences, shape `(edits, length)`: for sequences that are aligned to something.
    pub fn mean(&self) -> Array2<f64> {
        self.values.sum_axis(Axis(0)) / self.len().max(1) as f64
    }

    /// Returns a table with a row for every sequence, edit and position: sequence, edit, position (from 0), letter and effect.
    ///
    /// # Errors
    ///
    /// [`Error::Table`](crate::Error::Table) when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let rows = || {
            self.values
                .indexed_iter()
                .filter(|(_, value)| !value.is_nan())
        };
        let letter = |i: usize, at: usize| char::from(self.sequences.letters(i)[at]).to_string();
        Ok(df!(
            "sequence" => rows().map(|((i, _, _), _)| self.sequences.name(i)).collect::<Vec<_>>(),
            "edit" => rows().map(|((_, edit, _), _)| self.edits[edit].as_str()).collect::<Vec<_>>(),
            "position" => rows().map(|((_, _, at), _)| at as i64).collect::<Vec<_>>(),
            "letter" => rows().map(|((i, _, at), _)| letter(i, at)).collect::<Vec<_>>(),
            "effect" => rows().map(|(_, &value)| value).collect::<Vec<_>>(),
        )?)
    }
}

impl fmt::Debug for IndelEffects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, edits, length) = self.values.dim();
        write!(
            f,
            "IndelEffects(n = {n}, edits = {edits}, length = {length})"
        )
    }
}
