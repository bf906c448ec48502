//! Products of a table with itself and with thin matrices, the same bytes for any number of threads.

use super::table::{ROWS, Rows, Table};
use crate::sparse::Sparse;
use crate::{Result, progress};
use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use rayon::prelude::*;

/// Rows of a product that one thread makes at a time.
const TILE: usize = 128;

/// A sparse table of which more than this share is stored is multiplied with itself faster as a dense one, some rows at a time.
const FULL: f64 = 0.1;

impl Table<'_> {
    /// Returns the products of features with features, shape `(features, features)`.
    pub(super) fn of_features(&self) -> Result<Array2<f64>> {
        let (n, features) = self.dim();
        if let Rows::Sparse { rows, columns } = &self.rows
            && is_thin(rows)
        {
            let (centre, weight) = (&self.centre, &self.weight);
            return crossed((columns, rows), &Array1::ones(n), |j, sums| {
                for (k, sum) in sums.iter_mut().enumerate().skip(j) {
                    *sum = (*sum - n as f64 * centre[j] * centre[k]) * weight[j] * weight[k];
                }
            });
        }
        let mut out = Array2::zeros((features, features));
        for start in (0..n).step_by(ROWS) {
            progress::check("pca", start, n)?;
            let piece = self.piece(start..(start + ROWS).min(n));
            add_crossed(&mut out, &piece.t());
        }
        Ok(mirrored(out))
    }

    /// Returns the products of rows with rows, shape `(n, n)`.
    pub(super) fn of_rows(&self) -> Result<Array2<f64>> {
        let (n, features) = self.dim();
        if let Rows::Sparse { rows, columns } = &self.rows
            && is_thin(rows)
        {
            let squared = &self.weight * &self.weight;
            let towards = &self.centre * &squared;
            let constant = (&self.centre * &towards).sum();
            let shifts = rows.dot(&towards.insert_axis(Axis(1)).view())?;
            let shifts = shifts.column(0);
            return crossed((rows, columns), &squared, |i, sums| {
                for (k, sum) in sums.iter_mut().enumerate().skip(i) {
                    *sum += constant - shifts[i] - shifts[k];
                }
            });
        }
        let mut out = Array2::zeros((n, n));
        for start in (0..features).step_by(ROWS) {
            progress::check("pca", start, features)?;
            let piece = self.column_piece(start..(start + ROWS).min(features));
            add_crossed(&mut out, &piece.view());
        }
        Ok(mirrored(out))
    }

    /// Multiplies by a thin matrix, shape `(features, k)`.
    pub(super) fn times(&self, thin: &ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        match &self.rows {
            Rows::Sparse { rows, .. } => {
                let weighted = thin * &self.weight.view().insert_axis(Axis(1));
                let shift = self.centre.dot(&weighted);
                Ok(rows.dot(&weighted.view())? - shift)
            }
            Rows::Dense(_) => {
                let n = self.dim().0;
                let mut out = Array2::zeros((n, thin.ncols()));
                let places: Vec<_> = out.axis_chunks_iter_mut(Axis(0), ROWS).collect();
                places
                    .into_par_iter()
                    .enumerate()
                    .for_each(|(index, mut place)| {
                        let start = index * ROWS;
                        let piece = self.piece(start..start + place.nrows());
                        general_mat_mul(1.0, &piece, thin, 0.0, &mut place);
                    });
                Ok(out)
            }
        }
    }

    /// Multiplies the transposed table by a thin matrix, shape `(n, k)`.
    pub(super) fn transposed_times(&self, thin: &ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        let mut out = match &self.rows {
            Rows::Sparse { columns, .. } => {
                let sums = thin.sum_axis(Axis(0)).insert_axis(Axis(0));
                let centre = self.centre.view().insert_axis(Axis(1));
                columns.dot(thin)? - centre.dot(&sums)
            }
            Rows::Dense(rows) => {
                let mut out = Array2::zeros((rows.ncols(), thin.ncols()));
                let places: Vec<_> = out.axis_chunks_iter_mut(Axis(0), TILE).collect();
                places
                    .into_par_iter()
                    .enumerate()
                    .for_each(|(index, mut place)| {
                        let start = index * TILE;
                        let range = start..start + place.nrows();
                        // The weight is multiplied below, for both kinds of table.
                        let centre = self.centre.slice(s![range.clone()]);
                        let piece = rows.slice(s![.., range]).mapv(f64::from) - centre;
                        general_mat_mul(1.0, &piece.t(), thin, 0.0, &mut place);
                    });
                out
            }
        };
        out *= &self.weight.view().insert_axis(Axis(1));
        Ok(out)
    }
}

fn is_thin(rows: &Sparse) -> bool {
    let all = rows.nrows() as f64 * rows.ncols() as f64;
    rows.stored() as f64 <= FULL * all
}

/// Returns the products of the rows of `outer` with one another, each term weighted; `inner` is `outer` transposed.
///
/// `finish` corrects the entries of a row from the diagonal on, which are those that are computed.
fn crossed(
    (outer, inner): (&Sparse, &Sparse),
    weights: &Array1<f64>,
    finish: impl Fn(usize, &mut [f64]) + Sync,
) -> Result<Array2<f64>> {
    let n = outer.nrows();
    let mut out = Array2::zeros((n, n));
    let rows = out.as_slice_mut().unwrap_or_default();
    rows.par_chunks_mut(n.max(1))
        .with_max_len(16)
        .enumerate()
        .for_each(|(row, sums)| {
            if progress::is_interrupted() {
                return;
            }
            let (places, values) = outer.row(row);
            for (&place, &value) in places.iter().zip(values) {
                let factor = f64::from(value) * weights[place as usize];
                let (others, values) = inner.row(place as usize);
                let from = others.partition_point(|&other| (other as usize) < row);
                for (&other, &value) in others[from..].iter().zip(&values[from..]) {
                    sums[other as usize] += factor * f64::from(value);
                }
            }
            finish(row, sums);
        });
    progress::check("pca", 0, n)?;
    Ok(mirrored(out))
}

/// Adds `a a^T` to `out`, from the diagonal on.
fn add_crossed(out: &mut Array2<f64>, a: &ArrayView2<'_, f64>) {
    let tiles: Vec<_> = out.axis_chunks_iter_mut(Axis(0), TILE).collect();
    tiles
        .into_par_iter()
        .with_max_len(1)
        .enumerate()
        .for_each(|(index, mut tile)| {
            let start = index * TILE;
            let rows = a.slice(s![start..start + tile.nrows(), ..]);
            let others = a.slice(s![start.., ..]);
            let mut tile = tile.slice_mut(s![.., start..]);
            general_mat_mul(1.0, &rows, &others.t(), 1.0, &mut tile);
        });
}

/// Copies what is above the diagonal below it.
fn mirrored(mut a: Array2<f64>) -> Array2<f64> {
    for i in 0..a.nrows() {
        for j in i + 1..a.nrows() {
            a[[j, i]] = a[[i, j]];
        }
    }
    a
}
