//! Variants with what they do.

use super::Change;
use crate::sequence::Variants;
use crate::{Error, Result};
use polars::prelude::{DataFrame, df};
use std::fmt;

/// Variants with the outputs without and with them; cheap to clone.
#[derive(Clone)]
pub struct ScoredVariants {
    variants: Variants,
    change: Change,
}

impl ScoredVariants {
    pub(super) fn new(variants: Variants, change: Change) -> Self {
        Self { variants, change }
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.variants.len()
    }

    /// Tells whether there is none, which no run gives.
    pub fn is_empty(&self) -> bool {
        self.variants.is_empty()
    }

    /// Returns the variants.
    pub fn variants(&self) -> &Variants {
        &self.variants
    }

    /// Returns the outputs: before is the genome as it is, after is with the variant. Differences and ratios are there, and any method
    /// explains both.
    pub fn change(&self) -> &Change {
        &self.change
    }

    /// Returns the places of the variants with the largest effects on an output first, of either sign; those that are no numbers last.
    ///
    /// # Errors
    ///
    /// Fails when there is no such output.
    pub fn strongest(&self, output: usize) -> Result<Vec<usize>> {
        let difference = self.change.difference();
        if output >= difference.ncols() {
            let expected = format!("below {}, the number of outputs", difference.ncols());
            return Err(Error::value("output", expected, output));
        }
        let size = |&index: &usize| {
            let size = difference[[index, output]].abs();
            if size.is_nan() {
                f64::NEG_INFINITY
            } else {
                size
            }
        };
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by(|a, b| size(b).total_cmp(&size(a)));
        Ok(order)
    }

    /// Returns a table with a row for every variant and output: chromosome, position (from 1), id, reference, alternative, output, before,
    /// after and difference.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let (n, outputs) = self.change.before().dim();
        let rows = || (0..n).flat_map(|i| (0..outputs).map(move |j| (i, j)));
        let variant = |(i, _)| &self.variants.as_slice()[i];
        let (before, after) = (self.change.before(), self.change.after());
        let difference = self.change.difference();
        Ok(df!(
            "chromosome" => rows().map(|at| variant(at).chromosome()).collect::<Vec<_>>(),
            "position" => rows().map(|at| variant(at).position() as i64).collect::<Vec<_>>(),
            "id" => rows().map(|at| variant(at).id()).collect::<Vec<_>>(),
            "reference" => rows().map(|at| variant(at).reference()).collect::<Vec<_>>(),
            "alternative" => rows().map(|at| variant(at).alternative()).collect::<Vec<_>>(),
            "output" => rows().map(|(_, j)| j as i64).collect::<Vec<_>>(),
            "before" => rows().map(|at| f64::from(before[at])).collect::<Vec<_>>(),
            "after" => rows().map(|(i, j)| f64::from(after[[i, 0, j]])).collect::<Vec<_>>(),
            "difference" => rows().map(|at| difference[at]).collect::<Vec<_>>(),
        )?)
    }
}

impl fmt::Debug for ScoredVariants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScoredVariants({:?}, {:?})", self.variants, self.change)
    }
}
