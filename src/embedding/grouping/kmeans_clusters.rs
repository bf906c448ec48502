//! What a search for centres gives.

use super::Labels;
use super::kmeans_table::Table;
use crate::{Input, Result};
use ndarray::{Array1, Array2, Axis};
use polars::prelude::Column;
use std::fmt;
use std::sync::Arc;

/// Clusters around centres, named `0`, `1`, ... from the largest to the smallest; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct KMeansClusters {
    labels: Labels,
    data: Arc<Data>,
}

#[derive(PartialEq)]
struct Data {
    centres: Array2<f64>,
    /// What is taken from examples before they are multiplied.
    mean: Array1<f64>,
    inertia: f64,
    rounds: usize,
}

impl KMeansClusters {
    pub(super) fn new(
        (membership, centres): (&[u32], &Array2<f64>),
        mean: &Array1<f64>,
        (inertia, rounds): (f64, usize),
    ) -> Self {
        let (labels, mut order) = Labels::by_size(membership);
        // Where examples coincide, a centre may have nobody; others can still belong to it.
        order.extend((0..centres.nrows()).filter(|group| !membership.contains(&(*group as u32))));
        Self {
            labels,
            data: Arc::new(Data {
                centres: centres.select(Axis(0), &order),
                mean: mean.clone(),
                inertia,
                rounds,
            }),
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

    /// Returns the centres, each the mean of its examples, shape `(k, features)`, in the order of the names.
    pub fn centres(&self) -> &Array2<f64> {
        &self.data.centres
    }

    /// Returns how many examples each cluster has, falling.
    pub fn sizes(&self) -> Vec<usize> {
        self.labels.sizes()
    }

    /// Returns how many clusters there are; fewer than centres only where examples coincide.
    pub fn len(&self) -> usize {
        self.labels.groups().len()
    }

    /// Tells whether there is no cluster, which cannot be.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the sum of the squared distances of all examples to their centres.
    pub fn inertia(&self) -> f64 {
        self.data.inertia
    }

    /// Returns after how many rounds the centres stood still.
    pub fn rounds(&self) -> usize {
        self.data.rounds
    }

    /// Finds the nearest centre of other examples, shape `(n, features)`.
    ///
    /// # Errors
    ///
    /// Fails when `x` is not a table of finite numbers with the features of the centres.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{embedding, ndarray::array};
    /// # fn main() -> genolens::Result<()> {
    /// let found = embedding::kmeans(&array![[0.0_f32], [1.0], [2.0], [9.0]], 2)?;
    /// assert_eq!(found.predict(&array![[8.0_f32], [3.0]])?.column("cluster").str()?.get(0), Some("1"));
    /// # Ok(()) }
    /// ```
    pub fn predict(&self, x: &dyn Input) -> Result<Labels> {
        let table = Table::new(x, Some(&self.data.mean))?;
        let found = table.assign(&self.data.centres).labels;
        let names = (0..self.data.centres.nrows()).map(|place| place.to_string());
        Ok(Labels::trusted(names.collect(), found))
    }
}

impl fmt::Debug for KMeansClusters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, clusters) = (self.labels.len(), self.len());
        write!(
            f,
            "KMeansClusters(n = {n}, clusters = {clusters}, inertia = {:.4})",
            self.inertia()
        )
    }
}
