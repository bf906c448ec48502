//! What changes where genes are silenced.

use crate::Result;
use crate::distribution::order::falling;
use ndarray::Array1;
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// What a model says of the means of all genes where some are silenced; cheap to clone.
#[derive(Clone)]
pub struct KnockedDown {
    genes: Arc<Vec<String>>,
    silenced: Arc<Vec<usize>>,
    before: Arc<Array1<f64>>,
    after: Arc<Array1<f64>>,
}

impl KnockedDown {
    pub(super) fn new(
        (genes, silenced): (&[String], Vec<usize>),
        (before, after): (Array1<f64>, Array1<f64>),
    ) -> Self {
        Self {
            genes: Arc::new(genes.to_vec()),
            silenced: Arc::new(silenced),
            before: Arc::new(before),
            after: Arc::new(after),
        }
    }

    /// Returns the names of all genes.
    pub fn genes(&self) -> &[String] {
        &self.genes
    }

    /// Returns the change of the mean of every gene, in the order of the genes of the cells, on the scale of logarithms or as the values
    /// were.
    pub fn change(&self) -> Array1<f64> {
        &*self.after - &*self.before
    }

    /// Returns the other genes that change most, up or down, strongest first.
    pub fn strongest(&self, genes: usize) -> Vec<String> {
        let order = self.order().into_iter();
        let others = order.filter(|gene| !self.silenced.contains(gene));
        others
            .take(genes)
            .map(|gene| self.genes[gene].clone())
            .collect()
    }

    fn order(&self) -> Vec<usize> {
        falling(self.change().mapv(f64::abs))
    }

    /// Returns a table with one row for each gene, strongest change first: means before and after, the change, whether it was silenced.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn to_frame(&self) -> Result<DataFrame> {
        let order = self.order();
        let column = |name: &str, values: &Array1<f64>| {
            let values = order.iter().map(|&gene| values[gene]);
            Column::new(name.into(), values.collect::<Vec<_>>())
        };
        let genes: Vec<&str> = order.iter().map(|&gene| &*self.genes[gene]).collect();
        let silenced = order.iter().map(|gene| self.silenced.contains(gene));
        let columns = vec![
            Column::new("gene".into(), genes),
            column("before", &self.before),
            column("after", &self.after),
            column("change", &self.change()),
            Column::new("silenced".into(), silenced.collect::<Vec<bool>>()),
        ];
        Ok(DataFrame::new(order.len(), columns)?)
    }
}

impl fmt::Debug for KnockedDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let silenced: Vec<&str> = self.silenced.iter().map(|&g| &*self.genes[g]).collect();
        write!(f, "KnockedDown({})", silenced.join(", "))
    }
}

impl fmt::Display for KnockedDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}, strongest: {}", self.strongest(10).join(", "))
    }
}
