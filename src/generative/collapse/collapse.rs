//! How generated cells compare with real ones.

use super::manifold::Overlap;
use crate::Result;
use ndarray::Array1;
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// How generated cells compare with real ones: a row for every kind and one for all; cheap to clone.
///
/// A number that cannot be told, for lack of cells, is NaN. A kind of which no cell was generated has coverage and recall 0.
#[derive(Clone)]
pub struct Collapse {
    rows: Arc<Vec<Row>>,
    by: Arc<str>,
}

#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) name: String,
    /// Cells, real and generated.
    pub(super) sizes: (usize, usize),
    pub(super) recognised: f64,
    pub(super) overlap: Option<Overlap>,
    /// The squared discrepancy and its p-value.
    pub(super) mmd: (f64, f64),
    pub(super) auc: f64,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            name: String::new(),
            sizes: (0, 0),
            recognised: f64::NAN,
            overlap: None,
            mmd: (f64::NAN, f64::NAN),
            auc: f64::NAN,
        }
    }
}

impl Collapse {
    pub(super) fn new(rows: Vec<Row>, by: &str) -> Self {
        Self {
            rows: Arc::new(rows),
            by: by.into(),
        }
    }

    fn column(&self, pick: impl Fn(&Row) -> f64) -> Array1<f64> {
        self.rows.iter().map(pick).collect()
    }

    fn overlap(&self, pick: impl Fn(Overlap) -> f64) -> Array1<f64> {
        self.column(|row| row.overlap.map_or(f64::NAN, &pick))
    }

    /// Returns the kinds of cells, and `all` at the end: the rows of every column.
    pub fn kinds(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.name.clone()).collect()
    }

    /// Returns how many real cells there are.
    pub fn real(&self) -> Array1<usize> {
        self.rows.iter().map(|row| row.sizes.0).collect()
    }

    /// Returns how many generated cells there are.
    pub fn generated(&self) -> Array1<usize> {
        self.rows.iter().map(|row| row.sizes.1).collect()
    }

    /// Returns the share of generated cells whose real neighbours are of the kind that was asked for; NaN where none was.
    pub fn recognised(&self) -> Array1<f64> {
        self.column(|row| row.recognised)
    }

    /// Returns the share of generated cells that are near real ones.
    pub fn precision(&self) -> Array1<f64> {
        self.overlap(|overlap| overlap.precision)
    }

    /// Returns the share of real cells that are near generated ones, nearness measured among the generated.
    pub fn recall(&self) -> Array1<f64> {
        self.overlap(|overlap| overlap.recall)
    }

    /// Returns how many real cells generated ones are near, over the neighbours asked for.
    pub fn density(&self) -> Array1<f64> {
        self.overlap(|overlap| overlap.density)
    }

    /// Returns the share of real cells that have a generated one near, nearness measured among the real.
    pub fn coverage(&self) -> Array1<f64> {
        self.overlap(|overlap| overlap.coverage)
    }

    /// Returns the squared maximum mean discrepancy, without bias: it can be below 0.
    pub fn mmd(&self) -> Array1<f64> {
        self.column(|row| row.mmd.0)
    }

    /// Returns how often cells of one sort would look at least as different.
    pub fn mmd_p(&self) -> Array1<f64> {
        self.column(|row| row.mmd.1)
    }

    /// Returns the area under the curve of a classifier that tells generated cells from real ones, 0.5 if it cannot.
    pub fn auc(&self) -> Array1<f64> {
        self.column(|row| row.auc)
    }

    /// Returns the kinds of which no real cell is covered: the generator has forgotten them.
    pub fn dropped(&self) -> Vec<String> {
        // The last row is that of all cells, whatever a kind is called.
        let kinds = self.rows.split_last().map_or(&[][..], |(_, kinds)| kinds);
        let rows = kinds.iter().zip(self.coverage());
        let dropped = rows.filter(|(_, coverage)| *coverage == 0.0);
        dropped.map(|(row, _)| row.name.clone()).collect()
    }

    /// Returns all of it as a table, one row for each kind and one for all.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn to_frame(&self) -> Result<DataFrame> {
        let sizes = |values: Array1<usize>| values.iter().map(|&n| n as u64).collect::<Vec<_>>();
        let mut columns = vec![
            Column::new((&*self.by).into(), self.kinds()),
            Column::new("real".into(), sizes(self.real())),
            Column::new("generated".into(), sizes(self.generated())),
        ];
        for (name, values) in self.numbers() {
            columns.push(Column::new(name.into(), values.to_vec()));
        }
        Ok(DataFrame::new(self.rows.len(), columns)?)
    }

    fn numbers(&self) -> [(&'static str, Array1<f64>); 8] {
        [
            ("recognised", self.recognised()),
            ("precision", self.precision()),
            ("recall", self.recall()),
            ("density", self.density()),
            ("coverage", self.coverage()),
            ("mmd", self.mmd()),
            ("mmd_p", self.mmd_p()),
            ("auc", self.auc()),
        ]
    }
}

impl fmt::Debug for Collapse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kinds = self.rows.len().saturating_sub(1);
        write!(
            f,
            "Collapse({kinds} kinds, {} dropped)",
            self.dropped().len()
        )
    }
}

impl fmt::Display for Collapse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widest = self.rows.iter().map(|row| row.name.chars().count()).max();
        let width = widest.unwrap_or_default().max(self.by.chars().count());
        write!(f, "{:width$} {:>6} {:>9}", self.by, "real", "generated")?;
        let numbers = self.numbers();
        for (name, _) in &numbers {
            write!(f, " {name:>10}")?;
        }
        for (place, row) in self.rows.iter().enumerate() {
            write!(f, "\n{:width$}", row.name)?;
            write!(f, " {:>6} {:>9}", row.sizes.0, row.sizes.1)?;
            for (_, values) in &numbers {
                let value = values[place];
                if value.is_nan() {
                    write!(f, " {:>10}", "-")?;
                } else {
                    write!(f, " {value:>10.3}")?;
                }
            }
        }
        Ok(())
    }
}
