//! Designed sequences, and what was changed in them.

use super::candidate::Candidate;
use crate::sequence::Sequences;
use crate::{Error, Result};
use ndarray::{Array1, Array2};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// Designed sequences beside those that they were made of, with scores and edits; cheap to clone.
#[derive(Clone)]
pub struct Designs {
    data: Arc<Data>,
}

struct Data {
    method: &'static str,
    starts: Sequences,
    sequences: Sequences,
    designs: Vec<Design>,
}

/// One design.
#[derive(Clone, Debug)]
pub(super) struct Design {
    pub(super) letters: Vec<u8>,
    pub(super) before: Vec<f32>,
    pub(super) outputs: Vec<f32>,
    /// How good it is: larger is better.
    pub(super) worth: f64,
    /// The largest worth so far at every step, the start first.
    pub(super) curve: Vec<f64>,
    pub(super) reached: bool,
}

impl Design {
    /// Begins with a sequence as it is.
    pub(super) fn new(letters: Vec<u8>, outputs: Vec<f32>, worth: f64) -> Self {
        Self {
            letters,
            before: outputs.clone(),
            outputs,
            worth,
            curve: vec![worth],
            reached: false,
        }
    }

    pub(super) fn take(&mut self, candidate: &Candidate<'_>) {
        self.letters.clone_from(&candidate.letters);
        self.outputs = candidate.outputs().to_vec();
    }
}

impl Designs {
    pub(super) fn new(
        method: &'static str,
        starts: Sequences,
        designs: Vec<Design>,
    ) -> Result<Self> {
        let letters = designs.iter().map(|design| &design.letters);
        let pairs = starts.names().iter().cloned().zip(letters);
        let sequences = Sequences::new(starts.alphabet(), pairs)?;
        Ok(Self {
            data: Arc::new(Data {
                method,
                starts,
                sequences,
                designs,
            }),
        })
    }

    /// Returns how many designs there are.
    pub fn len(&self) -> usize {
        self.data.designs.len()
    }

    /// Tells whether there is none, which no run gives.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns one design as a collection of its own.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] for an index that does not exist.
    pub fn get(&self, index: usize) -> Result<Self> {
        let Some(design) = self.data.designs.get(index) else {
            let expected = format!("below {}, the number of designs", self.len());
            return Err(Error::value("index", expected, index));
        };
        let starts = self.data.starts.get(index)?;
        Self::new(self.data.method, starts, vec![design.clone()])
    }

    /// Returns the name of the method.
    pub fn method(&self) -> &str {
        self.data.method
    }

    /// Returns the designed sequences.
    pub fn sequences(&self) -> Sequences {
        self.data.sequences.clone()
    }

    /// Returns the sequences as they were.
    pub fn starts(&self) -> Sequences {
        self.data.starts.clone()
    }

    /// Returns the raw scores of the sequences as they were, shape `(n, outputs)`.
    pub fn before(&self) -> Array2<f32> {
        self.outputs(|design| &design.before)
    }

    /// Returns the raw scores of the designs, shape `(n, outputs)`.
    pub fn after(&self) -> Array2<f32> {
        self.outputs(|design| &design.outputs)
    }

    /// Returns how good the designs are, shape `(n,)`: larger is better. For values that are wanted, minus the mean squared distance from them.
    pub fn worths(&self) -> Array1<f64> {
        self.data
            .designs
            .iter()
            .map(|design| design.worth)
            .collect()
    }

    /// Tells for each whether the goal is reached, shape `(n,)`.
    pub fn reached(&self) -> Array1<bool> {
        self.data
            .designs
            .iter()
            .map(|design| design.reached)
            .collect()
    }

    /// Returns how many letters differ in each, shape `(n,)`.
    pub fn edits(&self) -> Array1<usize> {
        (0..self.len()).map(|i| self.changed(i).count()).collect()
    }

    /// Returns how good the best sequence so far was at every step of one design, the start first, shape `(steps + 1,)`.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] for an index that does not exist.
    pub fn history(&self, index: usize) -> Result<Array1<f64>> {
        Ok(self.get(index)?.data.designs[0]
            .curve
            .iter()
            .copied()
            .collect())
    }

    /// Returns a table with a row for every letter that differs: sequence, position (from 0), letter before and after.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] when polars cannot build it.
    pub fn edit_table(&self) -> Result<DataFrame> {
        let rows = || (0..self.len()).flat_map(|i| self.changed(i).map(move |at| (i, at)));
        let letter =
            |of: &Sequences, (i, at): (usize, usize)| char::from(of.letters(i)[at]).to_string();
        let (starts, sequences) = (&self.data.starts, &self.data.sequences);
        Ok(df!(
            "sequence" => rows().map(|(i, _)| starts.name(i)).collect::<Vec<_>>(),
            "position" => rows().map(|(_, at)| at as i64).collect::<Vec<_>>(),
            "from" => rows().map(|at| letter(starts, at)).collect::<Vec<_>>(),
            "to" => rows().map(|at| letter(sequences, at)).collect::<Vec<_>>(),
        )?)
    }

    /// Returns a table with a row for every design and output: sequence, output, score before and after, edits, and whether the goal is reached.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let (before, after, edits) = (self.before(), self.after(), self.edits());
        let reached = self.reached();
        let rows = || before.indexed_iter().map(|(at, _)| at);
        let number = |of: &Array2<f32>| rows().map(|at| f64::from(of[at])).collect::<Vec<_>>();
        Ok(df!(
            "sequence" => rows().map(|(i, _)| self.data.starts.name(i)).collect::<Vec<_>>(),
            "output" => rows().map(|(_, j)| j as i64).collect::<Vec<_>>(),
            "before" => number(&before),
            "after" => number(&after),
            "edits" => rows().map(|(i, _)| edits[i] as i64).collect::<Vec<_>>(),
            "reached" => rows().map(|(i, _)| reached[i]).collect::<Vec<_>>(),
        )?)
    }

    /// Returns the positions at which one design differs from its start.
    pub(crate) fn changed(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let before = self.data.starts.letters(index).iter();
        let pairs = before.zip(self.data.sequences.letters(index)).enumerate();
        pairs
            .filter(|(_, (before, after))| before != after)
            .map(|(at, _)| at)
    }

    fn outputs(&self, of: fn(&Design) -> &[f32]) -> Array2<f32> {
        let columns = self
            .data
            .designs
            .first()
            .map_or(0, |design| of(design).len());
        Array2::from_shape_fn((self.len(), columns), |(i, j)| of(&self.data.designs[i])[j])
    }
}

impl fmt::Debug for Designs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reached = self.reached().iter().filter(|reached| **reached).count();
        let edits: usize = self.edits().sum();
        write!(
            f,
            "Designs({}, n = {}, reached = {reached}, edits = {edits})",
            self.data.method,
            self.len()
        )
    }
}
