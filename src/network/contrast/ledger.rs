//! What multipliers add up to before and behind every layer.

use super::Groups;
use super::doubles::doubles;
use crate::network::rules::ruled;
use candle_core::{Result, Tensor};
use std::sync::{Arc, Mutex, PoisonError};

/// Notes, on the way back, what multipliers times differences add up to.
#[derive(Debug)]
pub(crate) struct Ledger {
    /// How many rows the batch has; inside some layers there are several times as many.
    rows: usize,
    entries: Mutex<Vec<Entry>>,
}

/// What multipliers add up to at one end of some layers.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// The first and the last of the layers, by their places in the survey.
    pub(crate) layers: (usize, usize),
    pub(crate) is_input: bool,
    /// For every row of the batch.
    pub(crate) sums: Vec<f64>,
}

impl Ledger {
    pub(crate) fn new(rows: usize) -> Self {
        Self {
            rows,
            entries: Mutex::default(),
        }
    }

    /// Returns everything that was noted.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let entries = self.entries.lock();
        entries.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Hands `x` on such that what comes back through it is noted.
    pub(super) fn watched(
        ledger: &Arc<Self>,
        x: &Tensor,
        (groups, layers, is_input): (Groups, (usize, usize), bool),
    ) -> Result<Tensor> {
        let ledger = Arc::clone(ledger);
        ruled(x, x, move |x, _, multipliers| {
            let mut sums = vec![0.0; ledger.rows];
            let row = (x.elem_count() / x.dim(0)?).max(1);
            let differences = doubles(&groups.differences(x)?)?;
            let multiplied = doubles(multipliers)?;
            let rows = differences.chunks(row).zip(multiplied.chunks(row));
            for (index, (differences, multipliers)) in rows.enumerate() {
                let pairs = differences.iter().zip(multipliers);
                sums[index % ledger.rows] += pairs.map(|(a, b)| a * b).sum::<f64>();
            }
            let mut entries = ledger
                .entries
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            entries.push(Entry {
                layers,
                is_input,
                sums,
            });
            Ok(multipliers.clone())
        })
    }
}
