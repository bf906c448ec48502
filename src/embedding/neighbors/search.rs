//! The search for nearest neighbours.

use super::Neighbors;
use super::Points;
use super::descent::descent;
use super::exact::exact;
use super::nearest::Near;
use crate::embedding::Metric;
use crate::random::Seed;
use crate::{Error, Input, Result};

/// From so many examples on, not all are compared with all.
const APPROXIMATE: usize = 16_384;

/// Finds for every example the 15 nearest by Euclidean distance, itself counted, and makes a graph of them.
///
/// `x` has shape `(n, features)`, dense or sparse. Distances are exact to single precision; the result is the same for any number of
/// threads.
///
/// Checked against scanpy 1.11.5 `sc.pp.neighbors` and umap-learn 0.5.7 `fuzzy_simplicial_set`.
///
/// # Errors
///
/// Fails when `x` is not a table of finite numbers with more rows than neighbours asked for.
///
/// # Examples
///
/// ```
/// use genolens::{embedding, ndarray::Array2};
/// # fn main() -> genolens::Result<()> {
/// let line = Array2::from_shape_fn((20, 1), |(row, _)| row as f32);
/// let neighbors = embedding::neighbors(&line)?;
/// assert_eq!((neighbors.len(), neighbors.k()), (20, 15));
/// assert_eq!(neighbors.indices().row(0)[0], 1);
/// # Ok(()) }
/// ```
pub fn neighbors(x: &dyn Input) -> Result<Neighbors> {
    NeighborSearch::new().run(x)
}

/// Finds nearest neighbours, with options.
///
/// # Examples
///
/// ```
/// use genolens::{embedding::{Metric, NeighborSearch}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let x = array![[1.0_f32, 0.0], [2.0, 0.1], [0.0, 1.0]];
/// let found = NeighborSearch::new().k(2).metric(Metric::Cosine).run(&x)?;
/// assert_eq!(found.indices().column(0).to_vec(), [1, 0, 1]);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct NeighborSearch {
    k: usize,
    metric: Metric,
    exact: Option<bool>,
    seed: Seed,
}

impl Default for NeighborSearch {
    fn default() -> Self {
        Self::new()
    }
}

impl NeighborSearch {
    /// Asks for 15 neighbours by Euclidean distance.
    pub fn new() -> Self {
        Self {
            k: 15,
            metric: Metric::Euclidean,
            exact: None,
            seed: Seed::default(),
        }
    }

    /// Sets how many neighbours each example has, itself counted.
    pub fn k(mut self, k: usize) -> Self {
        self.k = k;
        self
    }

    /// Sets how far apart two examples are.
    pub fn metric(mut self, metric: Metric) -> Self {
        self.metric = metric;
        self
    }

    /// How far apart two examples are.
    pub(crate) fn metric_used(&self) -> Metric {
        self.metric
    }

    /// Sets whether all examples are compared with all; unless told, below 16,384 examples.
    ///
    /// Otherwise neighbours of neighbours are compared until few new ones are found, which misses some: of simulated cells, less than
    /// one in a hundred.
    pub fn exact(mut self, exact: bool) -> Self {
        self.exact = Some(exact);
        self
    }

    /// Sets the seed of a search that does not compare all.
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// Finds the neighbours of `x`, shape `(n, features)`.
    ///
    /// # Errors
    ///
    /// As [`neighbors`].
    pub fn run(&self, x: &dyn Input) -> Result<Neighbors> {
        let points = Points::new(x, self.metric)?;
        Ok(self.run_points(&points)?.with_about(x.about().cloned()))
    }

    /// Finds the neighbours of points that are laid out already.
    pub(crate) fn run_points(&self, points: &Points) -> Result<Neighbors> {
        let n = points.len();
        if !(2..=n).contains(&self.k) {
            let expected = format!("2 to {n}, the number of examples");
            return Err(Error::value("k", expected, self.k));
        }
        let is_exact = self.exact.unwrap_or(n < APPROXIMATE);
        let rows = if is_exact {
            exact(points, points, (self.k - 1, false))?
        } else {
            descent(points, self.k - 1, self.seed.named("neighbours"))?
        };
        Neighbors::from_rows(rows, (&self.metric.to_string(), is_exact))
    }

    /// Finds for new examples the nearest among others that are laid out.
    pub(crate) fn among(&self, new: &Points, others: &Points) -> Result<Vec<Vec<Near>>> {
        exact(new, others, (self.k, true))
    }
}
