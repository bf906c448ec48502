//! Labels that pull a map: examples with different labels are hardly connected.

use crate::embedding::neighbors::joined;
use crate::sparse::Sparse;
use crate::{Error, Result};
use rayon::prelude::*;
use std::sync::Arc;

/// Distance to an example whose label is unknown, as umap-learn has it.
const UNKNOWN: f32 = 1.0;

/// A label of each example; an empty one is unknown.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Labels {
    labels: Arc<Vec<String>>,
}

impl Labels {
    pub(super) fn new(labels: Vec<String>) -> Self {
        Self {
            labels: Arc::new(labels),
        }
    }

    /// Weakens edges between different labels, and then lets each example be connected with its strongest for certain again.
    pub(super) fn intersect(&self, graph: &Sparse, weight: f64) -> Result<Sparse> {
        let n = graph.nrows();
        if self.labels.len() != n {
            let expected = format!("{n} labels, one for each example");
            return Err(Error::value("labels", expected, self.labels.len()));
        }
        if !(0.0..=1.0).contains(&weight) {
            return Err(Error::value("label_weight", "0 to 1", weight));
        }
        let far = if weight < 1.0 {
            2.5 / (1.0 - weight)
        } else {
            1e12
        };
        let (unknown, far) = ((-UNKNOWN).exp(), (-far).exp() as f32);
        let rows: Vec<Vec<(u32, f32)>> = (0..n)
            .into_par_iter()
            .map(|row| {
                let own = &self.labels[row];
                let (others, weights) = graph.row(row);
                let mut entries: Vec<(u32, f32)> = others
                    .iter()
                    .zip(weights)
                    .map(|(&column, &weight)| {
                        let other = &self.labels[column as usize];
                        let factor = if own.is_empty() || other.is_empty() {
                            unknown
                        } else if own == other {
                            1.0
                        } else {
                            far
                        };
                        (column, weight * factor)
                    })
                    .filter(|entry| entry.1 > 0.0)
                    .collect();
                let strongest = entries.iter().fold(0.0_f32, |a, b| a.max(b.1));
                for entry in &mut entries {
                    entry.1 /= strongest;
                }
                entries
            })
            .collect();
        joined(&Sparse::from_rows(n, rows)?, 1.0)
    }
}
