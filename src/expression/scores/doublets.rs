//! Which cells look like two.

use super::super::Cells;
use ndarray::Array1;
use std::fmt;
use std::sync::Arc;

/// Cells with the scores by which they look like two cells; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Doublets {
    pub(super) data: Arc<Data>,
}

#[derive(PartialEq)]
pub(super) struct Data {
    pub(super) cells: Cells,
    pub(super) scores: Array1<f64>,
    pub(super) simulated: Array1<f64>,
    /// The threshold of every batch.
    pub(super) thresholds: Vec<Option<f64>>,
}

impl Doublets {
    /// Returns the cells with `doublet_score` and `predicted_doublet` in `obs`.
    pub fn cells(&self) -> &Cells {
        &self.data.cells
    }

    /// Returns the score of every cell.
    pub fn scores(&self) -> &Array1<f64> {
        &self.data.scores
    }

    /// Returns the scores of the doublets that were simulated: look at their histogram before you trust the threshold.
    pub fn simulated_scores(&self) -> &Array1<f64> {
        &self.data.simulated
    }

    /// Returns the score above which a cell counts as a doublet, for each batch; `None` where the simulated scores do not have two modes
    /// and none was set: then no cell counts as one.
    pub fn thresholds(&self) -> &[Option<f64>] {
        &self.data.thresholds
    }

    /// Returns the places of the cells that do not count as doublets, for [`Cells::select_cells`].
    pub fn singlets(&self) -> Vec<usize> {
        let mask = self
            .data
            .cells
            .obs()
            .mask("predicted_doublet")
            .unwrap_or_default();
        (0..mask.len()).filter(|cell| !mask[*cell]).collect()
    }
}

impl fmt::Debug for Doublets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, singlets) = (self.data.scores.len(), self.singlets().len());
        write!(f, "Doublets({} of {n} cells)", n - singlets)
    }
}
