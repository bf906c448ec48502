//! The scale on which cells are compared.

use crate::Result;
use crate::distribution::order::median;
use crate::expression::{Cells, NormalizeTotal};
use crate::generative::reader::totals;
use ndarray::Array2;

/// Brings what was measured and what a model says to one scale: logarithms, and other values that are not whole, stay as they are; counts
/// are brought to one total, and logarithms are taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    total: Option<f64>,
}

impl Scale {
    pub(super) fn of(cells: &Cells) -> Self {
        let whole = cells
            .values()
            .stored()
            .iter()
            .all(|&v| v >= 0.0 && v.fract() == 0.0);
        let counts = whole && cells.log_base().is_none();
        Self {
            total: counts.then(|| median(totals(cells.values()))),
        }
    }

    pub(super) fn is_of_counts(self) -> bool {
        self.total.is_some()
    }

    pub(super) fn apply(self, cells: &Cells) -> Result<Array2<f64>> {
        let Some(total) = self.total else {
            return Ok(cells.values().dense().mapv(f64::from));
        };
        let cells = NormalizeTotal::new().target(total).run(cells)?.log1p()?;
        Ok(cells.values().dense().mapv(f64::from))
    }
}
