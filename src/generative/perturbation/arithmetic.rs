//! Which cells a response is learned from, and the response as a step.

use crate::expression::{Cells, Groups};
use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis};

/// Rows of cells by what was done to them.
pub(super) struct Parts {
    /// Untreated and treated cells of every kind that has both, the one that is told of left out.
    pub(super) known: Vec<(Vec<usize>, Vec<usize>)>,
    /// Untreated cells of the kind that is told of.
    pub(super) control: Vec<usize>,
    /// Treated cells of that kind.
    pub(super) treated: Vec<usize>,
}

impl Parts {
    pub(super) fn new(
        cells: &Cells,
        (condition, control, treated): (&str, &str, &str),
        (kinds, kind): (&str, &str),
    ) -> Result<Self> {
        let conditions = Groups::new(cells.obs(), condition)?;
        let control = conditions.place("control", control)?;
        let treated = conditions.place("perturbed", treated)?;
        let kinds = Groups::new(cells.obs(), kinds)?;
        let held = kinds.place("kind", kind)?;
        let rows = |kind: usize, condition: usize| -> Vec<usize> {
            let both = kinds.of_cell.iter().zip(&conditions.of_cell).enumerate();
            both.filter(|(_, (k, c))| **k == kind && **c == condition)
                .map(|(row, _)| row)
                .collect()
        };
        let mut known = Vec::new();
        for kind in (0..kinds.names.len()).filter(|kind| *kind != held) {
            let pair = (rows(kind, control), rows(kind, treated));
            if !pair.0.is_empty() && !pair.1.is_empty() {
                known.push(pair);
            }
        }
        if known.is_empty() {
            let expected = "another kind with control and perturbed cells, to learn from";
            return Err(Error::value("cells", expected, "none"));
        }
        let own = rows(held, control);
        if own.len() < 2 {
            let expected = format!("at least 2 control cells of `{kind}`");
            return Err(Error::value("cells", expected, own.len()));
        }
        Ok(Self {
            known,
            control: own,
            treated: rows(held, treated),
        })
    }

    /// Returns the mean over kinds of the way from the untreated to the treated cells; every kind counts the same.
    pub(super) fn step(&self, places: &Array2<f64>) -> Array1<f64> {
        let mut step = Array1::zeros(places.ncols());
        for (control, treated) in &self.known {
            step += &(mean(places, treated) - mean(places, control));
        }
        step / self.known.len() as f64
    }

    /// Returns the untreated cells of the kind that is told of, moved by the step.
    pub(super) fn moved(&self, places: &Array2<f64>) -> Array2<f64> {
        places.select(Axis(0), &self.control) + &self.step(places)
    }
}

/// Returns the mean of some rows.
pub(super) fn mean(places: &Array2<f64>, rows: &[usize]) -> Array1<f64> {
    let chosen = places.select(Axis(0), rows);
    chosen.sum_axis(Axis(0)) / rows.len().max(1) as f64
}
