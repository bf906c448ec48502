//! A response that was carried over, beside simpler ways and what was measured.

use crate::Result;
use crate::expression::Cells;
use ndarray::Array1;
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// What treated cells of a kind would be like, told in several ways, and how near each is to what was measured; cheap to clone.
///
/// The ways are, in every column: no change, the mean step of genes, the step along principal components, the step in the model.
#[derive(Clone)]
pub struct Response {
    kind: Arc<str>,
    rows: Arc<Vec<Row>>,
    genes: Arc<Genes>,
    predicted: Cells,
}

pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) r_squared: f64,
    pub(super) top_r_squared: f64,
    pub(super) explained: f64,
    pub(super) top_explained: f64,
    pub(super) energy: f64,
    /// The mean of every gene.
    pub(super) mean: Array1<f64>,
}

/// Means of every gene before and after the treatment.
type Means = (Array1<f64>, Array1<f64>);

struct Genes {
    names: Vec<String>,
    before: Array1<f64>,
    after: Array1<f64>,
    t: Array1<f64>,
    top: Vec<usize>,
}

impl Response {
    pub(super) fn new(
        rows: Vec<Row>,
        (genes, means, t): (&[String], Means, Array1<f64>),
        (kind, predicted, top): (&str, Cells, Vec<usize>),
    ) -> Self {
        let genes = Genes {
            names: genes.to_vec(),
            before: means.0,
            after: means.1,
            t,
            top,
        };
        Self {
            kind: kind.into(),
            rows: Arc::new(rows),
            genes: Arc::new(genes),
            predicted,
        }
    }

    fn column(&self, pick: impl Fn(&Row) -> f64) -> Array1<f64> {
        self.rows.iter().map(pick).collect()
    }

    /// Returns the kind that the response was carried to.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Returns the names of the ways, in the order of all numbers.
    pub fn ways(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.name.to_owned()).collect()
    }

    /// Returns the untreated cells of the kind as the model would have them treated.
    pub fn predicted(&self) -> &Cells {
        &self.predicted
    }

    /// Returns the squared Pearson correlation of predicted and measured means of all genes, scGen's R². No change has a high one.
    pub fn r_squared(&self) -> Array1<f64> {
        self.column(|row| row.r_squared)
    }

    /// Returns the same of the top genes.
    pub fn top_r_squared(&self) -> Array1<f64> {
        self.column(|row| row.top_r_squared)
    }

    /// Returns the share of the measured change of means that is predicted: 1 is all of it, 0 is no better than no change.
    pub fn change_explained(&self) -> Array1<f64> {
        self.column(|row| row.explained)
    }

    /// Returns the same of the top genes.
    pub fn top_change_explained(&self) -> Array1<f64> {
        self.column(|row| row.top_explained)
    }

    /// Returns the energy distance of predicted and measured cells along the principal components.
    pub fn e_distance(&self) -> Array1<f64> {
        self.column(|row| row.energy)
    }

    /// Returns the names of the top genes, those that differ most first.
    pub fn top_genes(&self) -> Vec<String> {
        let top = self.genes.top.iter();
        top.map(|&gene| self.genes.names[gene].clone()).collect()
    }

    /// Returns a table with one row for each way.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn to_frame(&self) -> Result<DataFrame> {
        let mut columns = vec![Column::new("way".into(), self.ways())];
        for (name, values) in self.numbers() {
            columns.push(Column::new(name.into(), values.to_vec()));
        }
        Ok(DataFrame::new(self.rows.len(), columns)?)
    }

    fn numbers(&self) -> [(&'static str, Array1<f64>); 5] {
        [
            ("r2", self.r_squared()),
            ("r2_top", self.top_r_squared()),
            ("change_explained", self.change_explained()),
            ("change_explained_top", self.top_change_explained()),
            ("e_distance", self.e_distance()),
        ]
    }

    /// Returns a table with one row for each gene: means of untreated and of treated cells, Welch's t, and the mean that each way tells.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn genes_frame(&self) -> Result<DataFrame> {
        let genes = &*self.genes;
        let column = |name: &str, values: &Array1<f64>| Column::new(name.into(), values.to_vec());
        let mut columns = vec![
            Column::new("gene".into(), &genes.names),
            column("control", &genes.before),
            column("measured", &genes.after),
            column("t", &genes.t),
        ];
        columns.extend(self.rows.iter().map(|row| column(row.name, &row.mean)));
        Ok(DataFrame::new(genes.names.len(), columns)?)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, genes) = (&self.kind, self.genes.names.len());
        write!(f, "Response({kind}, {genes} genes)")
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let top = self.genes.top.len();
        write!(f, "{} ({top} top genes)", self.kind)?;
        write!(f, "\n{:22}", "way")?;
        let numbers = self.numbers();
        for (name, _) in &numbers {
            write!(f, " {name:>20}")?;
        }
        for (place, row) in self.rows.iter().enumerate() {
            write!(f, "\n{:22}", row.name)?;
            for (_, values) in &numbers {
                write!(f, " {:>20.3}", values[place])?;
            }
        }
        Ok(())
    }
}
