//! Effects of motifs with their places.

use crate::attribution::{MeanEffect, MeanEffects};
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// What a motif at one place does to one output.
#[derive(Clone, Debug, PartialEq)]
pub struct Importance {
    /// Where the motif begins, counted from 0.
    pub position: usize,
    /// Whether it stands on the other strand.
    pub reversed: bool,
    /// Its mean effect, named as the motif.
    pub effect: MeanEffect,
}

/// What motifs do to outputs; cheap to clone.
#[derive(Clone)]
pub struct Importances {
    found: Arc<[Importance]>,
}

impl Importances {
    /// Returns how many there are: motifs times positions times strands times outputs.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Tells whether there is none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Returns one of them.
    ///
    /// # Panics
    ///
    /// Panics, as indexing does, when `index` is not below [`Importances::len`].
    pub fn get(&self, index: usize) -> Importance {
        self.found[index].clone()
    }

    /// Returns them in order.
    pub fn as_slice(&self) -> &[Importance] {
        &self.found
    }

    /// Returns them with the largest mean first; means that are no numbers come last.
    pub fn sorted(&self) -> Self {
        let mut found = self.found.to_vec();
        found.sort_by(|a, b| b.effect.rank().total_cmp(&a.effect.rank()));
        found.into_iter().collect()
    }

    /// Returns a table with the columns motif, position, strand, output, sequences, mean, `standard_error`, low, high and p.
    ///
    /// # Errors
    ///
    /// [`crate::Error::Table`] when polars cannot build it.
    pub fn table(&self) -> crate::Result<DataFrame> {
        let effects: MeanEffects = self.found.iter().map(|one| one.effect.clone()).collect();
        let mut table = effects.table()?;
        table.rename("name", "motif".into())?;
        let positions: Vec<i64> = self.found.iter().map(|one| one.position as i64).collect();
        let strand = |one: &Importance| if one.reversed { "-" } else { "+" };
        let strands: Vec<&str> = self.found.iter().map(strand).collect();
        table.insert_column(1, Column::new("position".into(), positions))?;
        table.insert_column(2, Column::new("strand".into(), strands))?;
        Ok(table)
    }
}

impl FromIterator<Importance> for Importances {
    fn from_iter<I: IntoIterator<Item = Importance>>(found: I) -> Self {
        Self {
            found: found.into_iter().collect(),
        }
    }
}

impl fmt::Debug for Importances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.found.iter()).finish()
    }
}
