//! The fuzzy graph of neighbours (`McInnes`, Healy and Melville 2018, doi:10.48550/arXiv.1802.03426).

use super::nearest::Near;
use crate::Result;
use crate::sparse::Sparse;
use ndarray::Array2;
use rayon::prelude::*;

const BISECTIONS: usize = 64;
const CLOSE: f64 = 1e-5;
/// The smallest width, as a share of the mean distance.
const SMALLEST: f64 = 1e-3;

/// How distances become strengths.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fuzzy {
    /// So many neighbours are connected for certain.
    pub(crate) local_connectivity: f64,
    /// 1 joins the two directions of an edge as a union, 0 as an intersection.
    pub(crate) mix: f64,
}

impl Default for Fuzzy {
    fn default() -> Self {
        Self {
            local_connectivity: 1.0,
            mix: 1.0,
        }
    }
}

/// Joins what each example thinks of its neighbours, whose indices and distances come nearest first, into one symmetric graph.
pub(crate) fn fuzzy_union(near: (&Array2<u32>, &Array2<f32>), fuzzy: Fuzzy) -> Result<Sparse> {
    let (indices, distances) = near;
    let n = indices.nrows();
    let rows = directed(distances, fuzzy.local_connectivity);
    let rows = rows.into_iter().zip(indices.rows());
    let rows = rows.map(|(weights, indices)| {
        let entries = indices.into_iter().copied().zip(weights);
        entries.filter(|entry| entry.1 != 0.0).collect()
    });
    joined(&Sparse::from_rows(n, rows.collect())?, fuzzy.mix)
}

/// Joins the two directions of every edge: `mix` times their union, and the rest of their intersection.
pub(crate) fn joined(there: &Sparse, mix: f64) -> Result<Sparse> {
    let mix = mix as f32;
    combined(there, |a, b| {
        let product = a * b;
        (mix * (a + b - product) + (1.0 - mix) * product).min(1.0)
    })
}

/// Makes one weight of the weights of the two directions of every edge.
pub(crate) fn combined(there: &Sparse, weight: impl Fn(f32, f32) -> f32 + Sync) -> Result<Sparse> {
    let back = there.transposed();
    let n = there.nrows();
    let rows: Vec<Vec<(u32, f32)>> = (0..n)
        .into_par_iter()
        .map(|row| {
            let mut out = Vec::new();
            both(there.row(row), back.row(row), |column, a, b| {
                let weight = weight(a, b);
                if weight != 0.0 {
                    out.push((column, weight));
                }
            });
            out
        })
        .collect();
    Sparse::from_rows(n, rows)
}

/// How strongly each example is connected with its neighbours, in their order.
fn directed(distances: &Array2<f32>, local_connectivity: f64) -> Vec<Vec<f32>> {
    let (n, others) = distances.dim();
    let k = others + 1;
    let rows: Vec<Vec<f32>> = distances
        .rows()
        .into_iter()
        .map(|row| row.to_vec())
        .collect();
    let sum = |row: &Vec<f32>| row.iter().map(|d| f64::from(*d)).sum();
    let sums: Vec<f64> = rows.par_iter().map(sum).collect();
    let mean = sums.iter().sum::<f64>() / (n * k) as f64;
    let rows = rows.par_iter().zip(&sums);
    rows.map(|(row, sum)| strengths(row, (k, local_connectivity), (sum / k as f64, mean)))
        .collect()
}

/// How strongly new examples are connected with their nearest among `n` others, shape `(new, n)`.
pub(crate) fn attached(near: &[Vec<Near>], n: usize, local_connectivity: f64) -> Result<Sparse> {
    let mean = |row: &Vec<Near>| {
        let sum: f64 = row.iter().map(|near| f64::from(near.distance)).sum();
        sum / row.len() as f64
    };
    let means: Vec<f64> = near.iter().map(mean).collect();
    let whole = means.iter().sum::<f64>() / near.len() as f64;
    let rows = near.iter().zip(means).map(|(row, mean)| {
        let distances: Vec<f32> = row.iter().map(|near| near.distance).collect();
        let local = (local_connectivity - 1.0).max(0.0);
        let certain = certain(&distances, local);
        // The sum leaves out the first, as umap-learn does, where the first is the example itself.
        let width = width(&distances[1..], (row.len(), certain), (mean, whole));
        let entries = row
            .iter()
            .map(|near| (near.index, strength(near.distance - certain, width)));
        entries.filter(|entry| entry.1 > 0.0).collect()
    });
    Sparse::from_rows(n, rows.collect())
}

/// Strengths of one example, whose distances rise: the nearest are certain, and all together are log2 of `k`.
///
/// `means` are the mean distance of the example, itself counted, and that of all.
pub(crate) fn strengths(
    distances: &[f32],
    (k, local_connectivity): (usize, f64),
    means: (f64, f64),
) -> Vec<f32> {
    let certain = certain(distances, local_connectivity);
    let width = width(distances, (k, certain), means);
    let distances = distances.iter();
    distances
        .map(|distance| strength(distance - certain, width))
        .collect()
}

fn strength(beyond: f32, width: f64) -> f32 {
    if beyond <= 0.0 || width == 0.0 {
        1.0
    } else {
        (-f64::from(beyond) / width).exp() as f32
    }
}

/// The width of the fall beyond what is certain.
fn width(distances: &[f32], (k, certain): (usize, f32), means: (f64, f64)) -> f64 {
    let beyond: Vec<f64> = distances
        .iter()
        .map(|distance| f64::from(distance - certain))
        .collect();
    let smallest = SMALLEST * if certain > 0.0 { means.0 } else { means.1 };
    smooth_width(&beyond, (k as f64).log2()).max(smallest)
}

/// The distance up to which a connection is certain, between two neighbours for a broken number of them.
fn certain(distances: &[f32], local_connectivity: f64) -> f32 {
    let apart = &distances[distances.partition_point(|distance| *distance <= 0.0)..];
    let whole = local_connectivity.floor();
    let part = (local_connectivity - whole) as f32;
    let whole = whole as usize;
    let (Some(first), Some(last)) = (apart.first(), apart.last()) else {
        return 0.0;
    };
    if (apart.len() as f64) < local_connectivity {
        return *last;
    }
    if whole == 0 {
        return part * first;
    }
    let lower = apart[whole - 1];
    match apart.get(whole) {
        Some(upper) if f64::from(part) > CLOSE => lower + part * (upper - lower),
        _ => lower,
    }
}

fn smooth_width(beyond: &[f64], target: f64) -> f64 {
    let (mut low, mut high, mut width) = (0.0, f64::INFINITY, 1.0);
    for _ in 0..BISECTIONS {
        let weight = |beyond: &f64| {
            if *beyond > 0.0 {
                (-beyond / width).exp()
            } else {
                1.0
            }
        };
        let sum: f64 = beyond.iter().map(weight).sum();
        if (sum - target).abs() < CLOSE {
            break;
        }
        if sum > target {
            high = width;
            width = f64::midpoint(low, high);
        } else {
            low = width;
            width = if high == f64::INFINITY {
                width * 2.0
            } else {
                f64::midpoint(low, high)
            };
        }
    }
    width
}

/// Visits the columns of two sorted rows with both values.
fn both(a: (&[u32], &[f32]), b: (&[u32], &[f32]), mut visit: impl FnMut(u32, f32, f32)) {
    let (mut i, mut j) = (0, 0);
    while i < a.0.len() || j < b.0.len() {
        let column = match (a.0.get(i), b.0.get(j)) {
            (Some(x), Some(y)) => *x.min(y),
            (Some(x), None) | (None, Some(x)) => *x,
            (None, None) => break,
        };
        let (mut x, mut y) = (0.0, 0.0);
        if a.0.get(i) == Some(&column) {
            x = a.1[i];
            i += 1;
        }
        if b.0.get(j) == Some(&column) {
            y = b.1[j];
            j += 1;
        }
        visit(column, x, y);
    }
}
