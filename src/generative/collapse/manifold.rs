//! How much of a cloud of points another cloud covers.

use ndarray::{Array2, ArrayView1};
use rayon::prelude::*;

/// How two clouds of points overlap, each number 0 to 1 but the density, which can be more; NaN where points are too few to tell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Overlap {
    pub(super) precision: f64,
    pub(super) recall: f64,
    pub(super) density: f64,
    pub(super) coverage: f64,
}

impl Overlap {
    /// Compares points by balls around each, as wide as the distance to its `k`-th neighbour in its own cloud.
    pub(super) fn new(real: &Array2<f64>, made: &Array2<f64>, k: usize) -> Self {
        let (n, m) = (real.nrows(), made.nrows());
        let covering = if m == 0 { 0.0 } else { f64::NAN };
        let mut overlap = Self {
            precision: f64::NAN,
            recall: covering,
            density: f64::NAN,
            coverage: covering,
        };
        if m == 0 {
            return overlap;
        }
        if n > k {
            let radii = radii(real, k);
            let inside = each(made, |point| {
                let near = |(other, radius): (ArrayView1<'_, f64>, &f64)| {
                    usize::from(square(&point, &other) < *radius)
                };
                real.rows().into_iter().zip(&radii).map(near).sum()
            });
            let hit = inside.iter().filter(|count| **count > 0).count();
            overlap.precision = hit as f64 / m as f64;
            overlap.density = inside.iter().sum::<usize>() as f64 / (k * m) as f64;
            let nearest = each(real, |point| {
                let rows = made.rows().into_iter();
                rows.map(|other| square(&point, &other))
                    .fold(f64::INFINITY, f64::min)
            });
            let covered = nearest.iter().zip(&radii).filter(|(near, r)| near < r);
            overlap.coverage = covered.count() as f64 / n as f64;
        }
        if m > k {
            let radii = radii(made, k);
            let known = each(real, |point| {
                let mut rows = made.rows().into_iter().zip(&radii);
                rows.any(|(other, radius)| square(&point, &other) < *radius)
            });
            overlap.recall = known.iter().filter(|known| **known).count() as f64 / n as f64;
        }
        overlap
    }
}

/// Computes something of every point.
fn each<T: Send>(points: &Array2<f64>, of: impl Fn(ArrayView1<'_, f64>) -> T + Sync) -> Vec<T> {
    (0..points.nrows())
        .into_par_iter()
        .map(|row| of(points.row(row)))
        .collect()
}

/// Returns the squared distance of every point to its `k`-th other one.
fn radii(points: &Array2<f64>, k: usize) -> Vec<f64> {
    (0..points.nrows())
        .into_par_iter()
        .map(|row| {
            let others = points.rows().into_iter().enumerate();
            let others = others.filter(|(other, _)| *other != row);
            let mut squares: Vec<f64> = others
                .map(|(_, other)| square(&points.row(row), &other))
                .collect();
            *squares.select_nth_unstable_by(k - 1, f64::total_cmp).1
        })
        .collect()
}

fn square(a: &ArrayView1<'_, f64>, b: &ArrayView1<'_, f64>) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

/// Returns for every point the most common label among its `k` nearest of others, of equally common ones the first.
pub(super) fn nearest_labels(
    points: &Array2<f64>,
    (others, labels): (&Array2<f64>, &[usize]),
    (k, kinds): (usize, usize),
) -> Vec<usize> {
    let k = k.min(others.nrows()).max(1);
    each(points, |point| {
        let mut near: Vec<(f64, usize)> = others
            .rows()
            .into_iter()
            .zip(labels)
            .map(|(other, &label)| (square(&point, &other), label))
            .collect();
        near.select_nth_unstable_by(k - 1, |a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut counts = vec![0_usize; kinds];
        for (_, label) in &near[..k] {
            counts[*label] += 1;
        }
        let most = counts.iter().copied().max().unwrap_or_default();
        counts.iter().position(|&count| count == most).unwrap_or(0)
    })
}
