//! How networks do in environments that they have not seen.

use super::environments::Objective;
use crate::Result;
use ndarray::Array1;
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// How a network does in each environment after it has learned from the others; cheap to clone, shows itself as a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftOut {
    rows: Arc<[Row]>,
    objective: Objective,
}

/// Name, examples, and three numbers: AUROC in those that were learned from, AUROC and loss in the one left out.
type Row = (String, usize, [f64; 3]);

impl LeftOut {
    pub(super) fn new(rows: Vec<Row>, objective: Objective) -> Self {
        Self {
            rows: rows.into(),
            objective,
        }
    }

    /// Returns the number of environments.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Tells whether there is no environment; there always are three.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Returns the names of the environments that were left out in turn.
    pub fn names(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.0.clone()).collect()
    }

    /// Returns the mean AUROC in the environments that were learned from.
    pub fn seen(&self) -> Array1<f64> {
        self.rows.iter().map(|row| row.2[0]).collect()
    }

    /// Returns the AUROC in the environment that was left out.
    pub fn auroc(&self) -> Array1<f64> {
        self.rows.iter().map(|row| row.2[1]).collect()
    }

    /// Returns the loss in the environment that was left out.
    pub fn loss(&self) -> Array1<f64> {
        self.rows.iter().map(|row| row.2[2]).collect()
    }

    /// Returns the smallest AUROC in an environment that was left out.
    pub fn worst(&self) -> f64 {
        self.auroc().iter().copied().fold(1.0, f64::min)
    }

    /// Returns one row per environment.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn to_frame(&self) -> Result<DataFrame> {
        Ok(df!(
            "environment" => self.names(),
            "examples" => self.rows.iter().map(|row| row.1 as i64).collect::<Vec<_>>(),
            "auroc_seen" => self.seen().to_vec(),
            "auroc" => self.auroc().to_vec(),
            "loss" => self.loss().to_vec(),
        )?)
    }
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: worst AUROC {:.4} where it was not trained",
            self.objective,
            self.worst()
        )?;
        self.rows.iter().try_for_each(|(name, examples, [seen, area, loss])| {
            write!(f, "\n{name}: {examples} examples, AUROC {area:.4} (others {seen:.4}), loss {loss:.4}")
        })
    }
}
