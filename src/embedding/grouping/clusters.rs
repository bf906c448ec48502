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
    /// Names groups by falling size; of two that are equally large the one whose first example comes first is the first.
    pub(super) fn new(membership: &[u32], quality: f64) -> Self {
        let count = membership.iter().max().map_or(0, |most| *most as usize + 1);
        let mut sizes = vec![(0_usize, usize::MAX); count];
        for (index, group) in membership.iter().enumerate() {
            let (size, first) = &mut sizes[*group as usize];
            *size += 1;
            *first = (*first).min(index);
        }
        let mut order: Vec<usize> = (0..count).filter(|&group| sizes[group].0 > 0).collect();
        order.sort_by_key(|&group| (usize::MAX - sizes[group].0, sizes[group].1));
        let mut names = vec![0; count];
        for (place, &group) in order.iter().enumerate() {
            names[group] = place as u32;
        }
        let codes = membership.iter().map(|group| names[*group as usize]);
        let groups = (0..order.len()).map(|place| place.to_string()).collect();
        Self {
            labels: Labels::trusted(groups, codes.collect()),
            quality,
        }
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
