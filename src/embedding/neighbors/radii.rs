//! How far away neighbours are, as a measure of density (Narayan, Berger and Cho 2021, doi:10.1038/s41587-020-00801-7).

use crate::sparse::Sparse;
use ndarray::Array1;
use rayon::prelude::*;

/// What a squared radius has more, so that it has a logarithm.
const LITTLE: f64 = 1e-8;

/// The logarithm of the mean squared distance of each example to its neighbours, weighted by how strongly they are connected.
///
/// `distances` may know an edge from one of its ends only.
pub(crate) fn log_radii(graph: &Sparse, distances: &Sparse) -> Array1<f64> {
    let back = distances.transposed();
    let of_row = |row: usize| {
        let (others, weights) = graph.row(row);
        let (mut sum, mut whole) = (0.0, 0.0);
        for (&other, &weight) in others.iter().zip(weights) {
            let other = other as usize;
            let distance = f64::from(distances.get(row, other).max(back.get(row, other)));
            sum += f64::from(weight) * distance * distance;
            whole += f64::from(weight);
        }
        let square = if whole > 0.0 { sum / whole } else { 0.0 };
        (LITTLE + square).ln()
    };
    let radii: Vec<f64> = (0..graph.nrows()).into_par_iter().map(of_row).collect();
    radii.into()
}
