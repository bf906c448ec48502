//! What a clustering gives.

use super::Labels;
use crate::Result;
use polars::prelude::{Column, DataFrame};
use std::fmt;

/// Clusters of examples, named `0`, `1`, ... from the largest to the smallest; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Clusters {
    labels: Labels,
    quality: f64,
}

impl Clusters {
    /// Names groups by falling size.
    pub(super) fn new(membership: &[u32], quality: f64) -> Self {
        let (labels, _) = Labels::by_size(membership);
        Self { labels, quality }
    }

    /// Returns the label of every example.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// Returns the name of the cluster of every example, as a column for `obs`.
    pub fn column(&self, name: &str) -> Column {
        self.labels.column(name)
    }

    /// Returns how many clusters there are.
    pub fn len(&self) -> usize {
        self.labels.groups().len()
    }

    /// Tells whether there is no cluster, which cannot be.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many examples each cluster has, falling.
    pub fn sizes(&self) -> Vec<usize> {
        self.labels.sizes()
    }

    /// Returns what the method made as large as it could.
    pub fn quality(&self) -> f64 {
        self.quality
    }

    /// Returns a table of clusters: name, size and share of the examples.
    ///
    /// # Errors
    ///
    /// Fails when the table cannot be made.
    pub fn table(&self) -> Result<DataFrame> {
        let sizes = self.sizes();
        let n = self.labels.len() as f64;
        let counts: Vec<u64> = sizes.iter().map(|size| *size as u64).collect();
        let shares: Vec<f64> = sizes.iter().map(|size| *size as f64 / n).collect();
        Ok(DataFrame::new(
            sizes.len(),
            vec![
                Column::new("cluster".into(), self.labels.groups()),
                Column::new("size".into(), counts),
                Column::new("share".into(), shares),
            ],
        )?)
    }
}

impl fmt::Debug for Clusters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Clusters(n = {}, clusters = {}, quality = {:.4})",
            self.labels.len(),
            self.len(),
            self.quality
        )
    }
}
