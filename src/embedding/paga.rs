//! How strongly groups of examples are connected: PAGA.

use super::{Labels, Neighbors};
use crate::Result;
use crate::sparse::Sparse;
use ndarray::Array2;
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// Measures how strongly groups are connected, as `scanpy.tl.paga` does: edges between two groups over those expected by chance.
///
/// The connectivity is that of model v1.2, at most 1. Source: Wolf 2019, doi:10.1186/s13059-019-1663-x. Checked against scanpy 1.11.5.
///
/// # Errors
///
/// Fails when there is not one label for each example.
///
/// # Examples
///
/// ```
/// use genolens::{embedding::{self, Labels, NeighborSearch}, ndarray::Array2};
/// # fn main() -> genolens::Result<()> {
/// let line = Array2::from_shape_fn((30, 1), |(row, _)| row as f32);
/// let neighbors = NeighborSearch::new().k(5).run(&line)?;
/// let thirds = Labels::new((0..30).map(|row| ["a", "b", "c"][row / 10]))?;
/// let found = embedding::paga(&neighbors, &thirds)?;
/// assert!(found.connectivities()[[0, 1]] > 0.0);
/// assert_eq!(found.connectivities()[[0, 2]], 0.0);
/// # Ok(()) }
/// ```
pub fn paga(neighbors: &Neighbors, groups: &Labels) -> Result<Paga> {
    groups.check(neighbors.len())?;
    let (codes, sizes) = (groups.codes(), groups.sizes());
    let count = sizes.len();
    let graph: &Sparse = neighbors.distances();
    let mut between = Array2::<f64>::zeros((count, count));
    let mut edges = vec![0.0; count];
    for (node, &group) in codes.iter().enumerate() {
        for &other in graph.row(node).0 {
            let other = codes[other as usize];
            edges[group as usize] += 1.0;
            if other != group {
                between[[group as usize, other as usize]] += 1.0;
            }
        }
    }
    let between = &between + &between.t();
    let n = codes.len() as f64;
    let connectivities = Array2::from_shape_fn((count, count), |(i, j)| {
        let expected = (edges[i] * sizes[j] as f64 + edges[j] * sizes[i] as f64) / (n - 1.0);
        if between[[i, j]] == 0.0 {
            0.0
        } else {
            (between[[i, j]] / expected).min(1.0)
        }
    });
    let tree = spanning(&connectivities);
    Ok(Paga {
        groups: groups.clone(),
        connectivities: Arc::new(connectivities),
        tree: Arc::new(tree),
    })
}

/// How strongly groups are connected; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Paga {
    groups: Labels,
    connectivities: Arc<Array2<f64>>,
    tree: Arc<Array2<f64>>,
}

impl Paga {
    /// Returns the group of every example; rows and columns of the arrays are in the order of its groups.
    pub fn groups(&self) -> &Labels {
        &self.groups
    }

    /// Returns how strongly groups are connected, 0 to 1, symmetric, shape `(groups, groups)`.
    pub fn connectivities(&self) -> &Array2<f64> {
        &self.connectivities
    }

    /// Returns the strongest connections that join all groups without a circle, shape `(groups, groups)`; others are 0.
    pub fn tree(&self) -> &Array2<f64> {
        &self.tree
    }

    /// Returns a table of connections, strongest first: two groups, the connectivity, whether it belongs to the tree.
    ///
    /// # Errors
    ///
    /// Fails when the table cannot be made.
    pub fn table(&self) -> Result<DataFrame> {
        let edges = falling(&self.connectivities);
        let names = self.groups.groups();
        let from: Vec<&str> = edges.iter().map(|edge| names[edge.0].as_str()).collect();
        let to: Vec<&str> = edges.iter().map(|edge| names[edge.1].as_str()).collect();
        let strength = edges.iter().map(|&(i, j)| self.connectivities[[i, j]]);
        let strength: Vec<f64> = strength.collect();
        let in_tree: Vec<bool> = edges
            .iter()
            .map(|&(i, j)| self.tree[[i, j]] > 0.0)
            .collect();
        Ok(DataFrame::new(
            edges.len(),
            vec![
                Column::new("group".into(), from),
                Column::new("other".into(), to),
                Column::new("connectivity".into(), strength),
                Column::new("tree".into(), in_tree),
            ],
        )?)
    }
}

/// Pairs of groups that are connected, strongest first.
fn falling(connectivities: &Array2<f64>) -> Vec<(usize, usize)> {
    let pairs = connectivities.indexed_iter();
    let mut edges: Vec<(usize, usize)> = pairs
        .filter(|((i, j), strength)| i < j && **strength > 0.0)
        .map(|(place, _)| place)
        .collect();
    edges.sort_by(|a, b| connectivities[*b].total_cmp(&connectivities[*a]));
    edges
}

/// Keeps the strongest connections that close no circle (Kruskal 1956).
fn spanning(connectivities: &Array2<f64>) -> Array2<f64> {
    let mut tree = Array2::zeros(connectivities.dim());
    let mut parts: Vec<usize> = (0..connectivities.nrows()).collect();
    for (i, j) in falling(connectivities) {
        let (a, b) = (parts[i], parts[j]);
        if a != b {
            for part in &mut parts {
                if *part == b {
                    *part = a;
                }
            }
            tree[[i, j]] = connectivities[[i, j]];
            tree[[j, i]] = connectivities[[i, j]];
        }
    }
    tree
}

impl fmt::Debug for Paga {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let connections = falling(&self.connectivities).len();
        write!(
            f,
            "Paga(groups = {}, connections = {connections})",
            self.groups.groups().len()
        )
    }
}
