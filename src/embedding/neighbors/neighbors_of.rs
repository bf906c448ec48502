//! The nearest neighbours of every example.

use super::fuzzy::{Fuzzy, fuzzy_union};
use super::nearest::Near;
use super::radii::log_radii;
use crate::sparse::Sparse;
use crate::{Error, Result};
use ndarray::{Array1, Array2};
use polars::prelude::DataFrame;
use std::fmt;
use std::sync::Arc;

/// The nearest neighbours of every example, and the graph they make; cheap to clone.
///
/// As in scanpy and umap-learn, an example is the first of its own `k` neighbours, but it is not listed: every row has `k - 1` others.
#[derive(Clone)]
pub struct Neighbors {
    data: Arc<Data>,
}

struct Data {
    metric: String,
    exact: bool,
    indices: Array2<u32>,
    near: Array2<f32>,
    distances: Sparse,
    connectivities: Sparse,
    about: Option<DataFrame>,
}

impl Neighbors {
    /// Takes neighbours that are known: whom each example is near, and how far away they are, both of shape `(n, k - 1)`.
    ///
    /// The others of an example may come in any order.
    ///
    /// # Errors
    ///
    /// Fails when the shapes differ, when an example is its own neighbour or has one twice, and for distances that are negative or not
    /// finite.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{embedding::Neighbors, ndarray::array};
    /// # fn main() -> genolens::Result<()> {
    /// let ring = Neighbors::new(&array![[1], [2], [0]], &array![[1.0], [1.0], [1.0]])?;
    /// assert_eq!(ring.k(), 2);
    /// assert_eq!(ring.connectivities().get(0, 2), 1.0);
    /// # Ok(()) }
    /// ```
    pub fn new(indices: &Array2<u32>, distances: &Array2<f32>) -> Result<Self> {
        let (n, others) = indices.dim();
        if distances.dim() != indices.dim() {
            let expected = format!("({n}, {others}) as `indices`");
            return Err(Error::shape("distances", expected, distances.shape()));
        }
        if n < 2 || others == 0 || others >= n {
            let expected = "(n, k - 1) with k from 2 to n";
            return Err(Error::shape("indices", expected, indices.shape()));
        }
        let mut rows = Vec::with_capacity(n);
        for (row, (indices, distances)) in
            indices.rows().into_iter().zip(distances.rows()).enumerate()
        {
            let near = indices
                .iter()
                .zip(distances)
                .map(|(&index, &distance)| Near { distance, index });
            rows.push(checked(near.collect(), (row, n))?);
        }
        Self::from_rows(rows, ("precomputed", true))
    }

    /// Takes neighbours from a matrix of distances, shape `(n, n)`, as scanpy keeps it: what is stored of a row are the neighbours.
    ///
    /// # Errors
    ///
    /// As [`Neighbors::new`], and when not all rows have the same number of neighbours.
    pub fn from_distances(distances: &Sparse) -> Result<Self> {
        let (n, columns) = distances.shape();
        if n != columns || n < 2 {
            let expected = "(n, n) with at least 2 examples";
            return Err(Error::shape("distances", expected, &[n, columns]));
        }
        let others = distances.row(0).0.len();
        if others == 0 || others >= n {
            let expected = format!("1 to {} neighbours in every row", n - 1);
            return Err(Error::value(
                "distances",
                expected,
                format!("{others} in row 0"),
            ));
        }
        let mut rows = Vec::with_capacity(n);
        for row in 0..n {
            let (indices, values) = distances.row(row);
            if indices.len() != others {
                let expected = format!("{others} neighbours in every row, as in row 0");
                let got = format!("{} in row {row}", indices.len());
                return Err(Error::value("distances", expected, got));
            }
            let near = indices
                .iter()
                .zip(values)
                .map(|(&index, &distance)| Near { distance, index });
            rows.push(checked(near.collect(), (row, n))?);
        }
        Self::from_rows(rows, ("precomputed", true))
    }

    /// Takes neighbours that are known to be right, nearest first, all rows equally long.
    pub(super) fn from_rows(rows: Vec<Vec<Near>>, (metric, exact): (&str, bool)) -> Result<Self> {
        let n = rows.len();
        let others = rows.first().map_or(0, Vec::len);
        let shape = [n, others];
        let wrong = |_| Error::shape("neighbors", "rows of one length", &shape);
        let indices = rows.iter().flatten().map(|near| near.index).collect();
        let indices = Array2::from_shape_vec((n, others), indices).map_err(wrong)?;
        let near = rows.iter().flatten().map(|near| near.distance).collect();
        let near = Array2::from_shape_vec((n, others), near).map_err(wrong)?;
        let entries = |row: Vec<Near>| row.into_iter().map(|near| (near.index, near.distance));
        let entries = rows.into_iter().map(|row| entries(row).collect());
        let connectivities = fuzzy_union((&indices, &near), Fuzzy::default())?;
        Ok(Self {
            data: Arc::new(Data {
                metric: metric.to_owned(),
                exact,
                indices,
                near,
                distances: Sparse::from_rows(n, entries.collect())?,
                connectivities,
                about: None,
            }),
        })
    }

    /// Says what is known of each example, where it is known.
    pub(super) fn with_about(mut self, about: Option<DataFrame>) -> Self {
        if let Some(data) = Arc::get_mut(&mut self.data) {
            data.about = about;
        }
        self
    }

    /// Returns how many examples there are.
    pub fn len(&self) -> usize {
        self.data.indices.nrows()
    }

    /// Tells whether there are no examples, which cannot be.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many neighbours an example has, itself counted.
    pub fn k(&self) -> usize {
        self.data.indices.ncols() + 1
    }

    /// Returns the others near each example, nearest first, shape `(n, k - 1)`; of equally near ones the first comes first.
    pub fn indices(&self) -> &Array2<u32> {
        &self.data.indices
    }

    /// Returns how far away they are, in the same order, shape `(n, k - 1)`.
    pub fn nearest(&self) -> &Array2<f32> {
        &self.data.near
    }

    /// Returns the distances to the neighbours as a graph, shape `(n, n)`, with `k - 1` stored entries in a row: scanpy's
    /// `obsp["distances"]`.
    pub fn distances(&self) -> &Sparse {
        &self.data.distances
    }

    /// Returns how strongly examples are connected, 0 to 1, a symmetric graph of shape `(n, n)`: scanpy's `obsp["connectivities"]`.
    ///
    /// Every example is connected with its nearest for certain, and the strengths fall with the distance beyond it so that they sum up
    /// to log2 of `k`; the two directions of an edge are joined as the union of fuzzy sets.
    pub fn connectivities(&self) -> &Sparse {
        &self.data.connectivities
    }

    /// Returns the logarithm of the local radius of each example: of the mean squared distance to its neighbours, weighted by how strongly
    /// they are connected. Where it is small, examples lie densely.
    ///
    /// On a map, these are its own: `neighbors(&map)?.log_radii()`. Source: Narayan, Berger and Cho 2021, doi:10.1038/s41587-020-00801-7;
    /// checked against the radii before the map of umap-learn 0.5.7 (those after it are means of distances, not of squares).
    pub fn log_radii(&self) -> Array1<f64> {
        log_radii(self.connectivities(), self.distances())
    }

    /// Returns the name of the metric, `precomputed` where the distances were given.
    pub fn metric(&self) -> &str {
        &self.data.metric
    }

    /// Tells whether all were compared with all; else some neighbours may have been missed.
    pub fn is_exact(&self) -> bool {
        self.data.exact
    }

    /// Returns what is known of each example, where the input knew it.
    pub fn about(&self) -> Option<&DataFrame> {
        self.data.about.as_ref()
    }
}

impl PartialEq for Neighbors {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (&self.data, &other.data);
        a.metric == b.metric && a.indices == b.indices && a.near == b.near
    }
}

impl fmt::Debug for Neighbors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.is_exact() {
            "exact"
        } else {
            "approximate"
        };
        write!(
            f,
            "Neighbors(n = {}, k = {}, {}, {how})",
            self.len(),
            self.k(),
            self.metric()
        )
    }
}

/// Puts neighbours that somebody gave in order.
fn checked(mut near: Vec<Near>, (row, n): (usize, usize)) -> Result<Vec<Near>> {
    for found in &near {
        if found.index as usize >= n || found.index as usize == row {
            let expected = format!("others among the {n} examples");
            let got = format!("{} in row {row}", found.index);
            return Err(Error::value("indices", expected, got));
        }
        if !(found.distance >= 0.0 && found.distance.is_finite()) {
            let got = format!("{} in row {row}", found.distance);
            return Err(Error::value("distances", "finite numbers from 0", got));
        }
    }
    near.sort_unstable_by_key(|found| found.index);
    if let Some(pair) = near.windows(2).find(|pair| pair[0].index == pair[1].index) {
        let got = format!("{} twice in row {row}", pair[0].index);
        return Err(Error::value("indices", "every neighbour once", got));
    }
    near.sort_unstable_by(|a, b| a.order(*b));
    Ok(near)
}
