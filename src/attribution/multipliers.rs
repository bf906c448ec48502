//! What an output changes by per unit of the input.

use crate::sequence::Sequences;
use crate::{Error, Result};
use ndarray::{Array3, Array4, Axis, stack};
use std::fmt;
use std::sync::Arc;

/// Multipliers of sequences and their references, which stand beside them; cheap to clone.
///
/// The products of the multipliers of a reference with what sets the sequence apart from it add up to what sets their outputs apart.
#[derive(Clone)]
pub struct Multipliers {
    sequences: Sequences,
    references: Arc<Array4<f32>>,
    values: Arc<Array4<f32>>,
}

impl Multipliers {
    pub(super) fn new(sequences: Sequences, pairs: &[(Array3<f32>, Array3<f32>)]) -> Result<Self> {
        let stacked = |all: Vec<_>| {
            stack(Axis(0), &all)
                .map_err(|_| Error::value("references", "as many for every sequence", "others"))
        };
        Ok(Self {
            references: stacked(pairs.iter().map(|(one, _)| one.view()).collect())?.into(),
            values: stacked(pairs.iter().map(|(_, one)| one.view()).collect())?.into(),
            sequences,
        })
    }

    /// Returns the multipliers, shape `(n, references, letters, length)`, in units of the output.
    pub fn values(&self) -> &Array4<f32> {
        &self.values
    }

    /// Returns the references, shape `(n, references, letters, length)`.
    pub fn references(&self) -> &Array4<f32> {
        &self.references
    }

    /// Returns what is explained.
    pub fn sequences(&self) -> &Sequences {
        &self.sequences
    }
}

impl fmt::Debug for Multipliers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, references, letters, length) = self.values.dim();
        write!(
            f,
            "Multipliers(n = {n}, references = {references}, letters = {letters}, length = {length})"
        )
    }
}
