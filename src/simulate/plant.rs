//! The truth about simulated sequences: where motifs were put.

use crate::Result;
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// Tells where one motif was put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plant {
    /// Index of the sequence.
    pub sequence: usize,
    /// Index of the motif in the grammar.
    pub motif: usize,
    /// Name of the motif.
    pub name: String,
    /// First position, from 0.
    pub start: usize,
    /// Position after the last.
    pub end: usize,
    /// Whether the motif stands on the opposite strand.
    pub reverse: bool,
    /// Number of the pair in its sequence, from 0, when it was planted as one of two.
    pub pair: Option<usize>,
}

/// Holds all plants of a simulation, by sequence and position; cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Plants {
    plants: Arc<Vec<Plant>>,
}

impl Plants {
    pub(super) fn new(plants: Vec<Plant>) -> Self {
        Self {
            plants: Arc::new(plants),
        }
    }

    /// Returns how many plants there are.
    pub fn len(&self) -> usize {
        self.plants.len()
    }

    /// Tells whether nothing was planted.
    pub fn is_empty(&self) -> bool {
        self.plants.is_empty()
    }

    /// Returns one plant.
    ///
    /// # Panics
    ///
    /// Panics, as indexing does, when `index` is not below [`Plants::len`].
    pub fn get(&self, index: usize) -> Plant {
        self.plants[index].clone()
    }

    /// Returns the plants in one sequence.
    pub fn of(&self, sequence: usize) -> Self {
        Self::new(self.in_sequence(sequence).to_vec())
    }

    pub(super) fn all(&self) -> &[Plant] {
        &self.plants
    }

    pub(super) fn in_sequence(&self, sequence: usize) -> &[Plant] {
        let first = self
            .plants
            .partition_point(|plant| plant.sequence < sequence);
        let last = self
            .plants
            .partition_point(|plant| plant.sequence <= sequence);
        &self.plants[first..last]
    }

    /// Returns the plants as a table with columns sequence, motif, start, end, strand and pair.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let number = |get: fn(&Plant) -> usize| {
            self.plants
                .iter()
                .map(|plant| get(plant) as i64)
                .collect::<Vec<_>>()
        };
        Ok(df!(
            "sequence" => number(|plant| plant.sequence),
            "motif" => self.plants.iter().map(|plant| plant.name.as_str()).collect::<Vec<_>>(),
            "start" => number(|plant| plant.start),
            "end" => number(|plant| plant.end),
            "strand" => self.plants.iter().map(|plant| if plant.reverse { "-" } else { "+" }).collect::<Vec<_>>(),
            "pair" => self.plants.iter().map(|plant| plant.pair.map(|pair| pair as i64)).collect::<Vec<_>>(),
        )?)
    }
}

impl fmt::Debug for Plants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Plants(n = {})", self.len())
    }
}
