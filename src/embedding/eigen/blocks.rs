//! Products of tall matrices in pieces of a fixed size, so that they do not depend on how many threads there are.

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};
use rayon::prelude::*;

/// Rows that one thread takes at a time.
const ROWS: usize = 1024;

/// Returns `a^T b`, added up piece by piece from the first row to the last.
pub(crate) fn inner(a: &ArrayView2<'_, f64>, b: &ArrayView2<'_, f64>) -> Array2<f64> {
    let pieces: Vec<_> = a
        .axis_chunks_iter(Axis(0), ROWS)
        .zip(b.axis_chunks_iter(Axis(0), ROWS))
        .collect();
    let sums: Vec<Array2<f64>> = pieces.into_par_iter().map(|(a, b)| a.t().dot(&b)).collect();
    let mut out = Array2::zeros((a.ncols(), b.ncols()));
    for sum in sums {
        out += &sum;
    }
    out
}

/// Returns `a b` where `a` has many rows.
pub(crate) fn product(a: &ArrayView2<'_, f64>, b: &ArrayView2<'_, f64>) -> Array2<f64> {
    let mut out = Array2::zeros((a.nrows(), b.ncols()));
    pieces(a, &mut out.view_mut(), |a, out| out.assign(&a.dot(b)));
    out
}

/// Subtracts `a b` from `out`.
pub(super) fn subtract_product(
    out: &mut Array2<f64>,
    a: &ArrayView2<'_, f64>,
    b: &ArrayView2<'_, f64>,
) {
    pieces(a, &mut out.view_mut(), |a, out| *out -= &a.dot(b));
}

fn pieces(
    a: &ArrayView2<'_, f64>,
    out: &mut ArrayViewMut2<'_, f64>,
    change: impl Fn(&ArrayView2<'_, f64>, &mut ArrayViewMut2<'_, f64>) + Sync,
) {
    // A matrix of few but long rows is worth splitting more finely.
    let rows = ROWS.min(a.nrows().div_ceil(16)).max(1);
    let pieces: Vec<_> = a
        .axis_chunks_iter(Axis(0), rows)
        .zip(out.axis_chunks_iter_mut(Axis(0), rows))
        .collect();
    pieces
        .into_par_iter()
        .for_each(|(a, mut out)| change(&a, &mut out));
}
