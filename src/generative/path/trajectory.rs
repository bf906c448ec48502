//! A way through the space of a model.

use crate::expression::Cells;
use crate::generative::Latent;
use ndarray::Array1;
use std::fmt;
use std::sync::Arc;

/// A way through the space of a model, point by point, with what a cell there would express; cheap to clone.
#[derive(Clone)]
pub struct Trajectory {
    positions: Latent,
    decoded: Cells,
    rows: Arc<Vec<usize>>,
    gap: Arc<Array1<f64>>,
}

impl Trajectory {
    pub(super) fn new(
        (positions, decoded): (Latent, Cells),
        rows: Vec<usize>,
        gap: Array1<f64>,
    ) -> Self {
        Self {
            positions,
            decoded,
            rows: Arc::new(rows),
            gap: Arc::new(gap),
        }
    }

    /// Returns the points, shape `(points, dimensions)`.
    pub fn positions(&self) -> &Latent {
        &self.positions
    }

    /// Returns what the model tells of every gene at every point: `decoded().gene("GATA1")?` is one gene along the way.
    pub fn decoded(&self) -> &Cells {
        &self.decoded
    }

    /// Returns the rows of the cells that the way goes by, in order; none of a straight way.
    pub fn cells(&self) -> Array1<usize> {
        self.rows.iter().copied().collect()
    }

    /// Returns how far the nearest cell is from every point: where this is large, the model makes up what it tells.
    pub fn gap(&self) -> &Array1<f64> {
        &self.gap
    }
}

impl fmt::Debug for Trajectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let points = self.positions.len();
        write!(f, "Trajectory({points} points")?;
        if !self.rows.is_empty() {
            write!(f, " by {} cells", self.rows.len())?;
        }
        f.write_str(")")
    }
}
