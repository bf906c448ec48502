//! Makes diffusion maps.

use super::DiffusionMap;
use crate::embedding::Neighbors;
use crate::embedding::eigen::Largest;
use crate::sparse::Sparse;
use crate::{Error, Result};
use ndarray::ArrayView2;

/// Lays out examples by how a random walk along the graph of neighbours mixes them, as `scanpy.tl.diffmap` does.
///
/// 15 components of the transition matrix, made symmetric, after the density of the examples is divided out. Sources: Coifman 2005,
/// doi:10.1073/pnas.0500334102; Haghverdi 2016, doi:10.1038/nmeth.3971. Checked against scanpy 1.11.5.
///
/// # Errors
///
/// Fails when the search for components does, or is interrupted.
///
/// # Examples
///
/// ```
/// use genolens::{embedding::{self, NeighborSearch}, ndarray::Array2};
/// # fn main() -> genolens::Result<()> {
/// let line = Array2::from_shape_fn((40, 1), |(row, _)| row as f32);
/// let map = embedding::diffusion_map(&NeighborSearch::new().k(5).run(&line)?)?;
/// let time = map.pseudotime(0)?;
/// assert!(time[0] == 0.0 && time[20] < time[39]);
/// # Ok(()) }
/// ```
pub fn diffusion_map(neighbors: &Neighbors) -> Result<DiffusionMap> {
    Diffusion::new().run(neighbors)
}

/// Makes diffusion maps, with options.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diffusion {
    components: Option<usize>,
}

impl Default for Diffusion {
    fn default() -> Self {
        Self::new()
    }
}

impl Diffusion {
    /// Asks for 15 components, or one fewer than there are examples.
    pub fn new() -> Self {
        Self { components: None }
    }

    /// Sets how many components there are; the first one says only how many neighbours an example has.
    pub fn components(mut self, components: usize) -> Self {
        self.components = Some(components);
        self
    }

    /// Lays out the examples of a graph of neighbours.
    ///
    /// # Errors
    ///
    /// As [`diffusion_map`], and when there are fewer examples than components.
    pub fn run(&self, neighbors: &Neighbors) -> Result<DiffusionMap> {
        let map = self.run_graph(neighbors.connectivities())?;
        Ok(map.with_about(neighbors.about().cloned()))
    }

    /// Lays out the nodes of a symmetric graph, shape `(n, n)`: entry (i, j) says how strongly i and j are connected.
    ///
    /// # Errors
    ///
    /// As [`Diffusion::run`], and when the graph is not square and symmetric, and for weights that are negative or not finite.
    pub fn run_graph(&self, graph: &Sparse) -> Result<DiffusionMap> {
        let (n, columns) = graph.shape();
        if n != columns || n < 2 {
            let expected = "(n, n) with at least 2 nodes";
            return Err(Error::shape("graph", expected, &[n, columns]));
        }
        let wrong = |weight: &&f32| !(weight.is_finite() && **weight >= 0.0);
        if let Some(weight) = graph.values().iter().find(wrong) {
            let expected = "weights that are finite and not negative";
            return Err(Error::value("graph", expected, weight));
        }
        let back = graph.transposed();
        if (0..n).any(|row| !alike(graph.row(row), back.row(row))) {
            return Err(Error::value("graph", "symmetric", "not symmetric"));
        }
        let components = self.components.unwrap_or(15.min(n - 1));
        if !(1..n).contains(&components) {
            let expected = format!("1 to {}, fewer than the {n} nodes", n - 1);
            return Err(Error::value("components", expected, components));
        }
        // A node without edges stays out of the walk.
        let inverse = |value: f64| if value > 0.0 { 1.0 / value } else { 0.0 };
        let density = graph.row_sums().mapv(inverse);
        let mut degrees = vec![0.0; n];
        for (row, degree) in degrees.iter_mut().enumerate() {
            let (others, weights) = graph.row(row);
            let weights = others.iter().zip(weights);
            *degree = weights
                .map(|(other, weight)| f64::from(*weight) * density[row] * density[*other as usize])
                .sum();
        }
        let scale: Vec<f64> = density
            .iter()
            .zip(&degrees)
            .map(|(density, degree)| density * inverse(degree.sqrt()))
            .collect();
        let scale = ndarray::Array1::from(scale).insert_axis(ndarray::Axis(1));
        let apply = |v: &ArrayView2<'_, f64>| Ok(graph.dot(&(v * &scale).view())? * &scale);
        let (values, mut vectors) = Largest::new("diffusion map", components).run(n, &apply)?;
        // The sign is free: the largest entry is positive.
        for mut column in vectors.columns_mut() {
            let largest = column
                .iter()
                .fold(0.0, |a: f64, &b| if b.abs() > a.abs() { b } else { a });
            if largest < 0.0 {
                column.mapv_inplace(|value| -value);
            }
        }
        Ok(DiffusionMap::new(values, vectors, pieces(graph)))
    }
}

/// Compares two rows up to the rounding of single precision.
fn alike(a: (&[u32], &[f32]), b: (&[u32], &[f32])) -> bool {
    let close = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-5 * a.abs().max(b.abs());
    a.0 == b.0 && a.1.iter().zip(b.1).all(close)
}

/// Numbers the pieces of a graph that hang together.
fn pieces(graph: &Sparse) -> Vec<u32> {
    let n = graph.nrows();
    let mut pieces = vec![u32::MAX; n];
    let mut count = 0;
    let mut stack = Vec::new();
    for start in 0..n {
        if pieces[start] != u32::MAX {
            continue;
        }
        pieces[start] = count;
        stack.push(start);
        while let Some(node) = stack.pop() {
            for &other in graph.row(node).0 {
                let other = other as usize;
                if pieces[other] == u32::MAX {
                    pieces[other] = count;
                    stack.push(other);
                }
            }
        }
        count += 1;
    }
    pieces
}
