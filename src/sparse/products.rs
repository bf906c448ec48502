//! Sums, products and changed values.

use super::Sparse;
use super::pieces::{parts, pieces};
use crate::{Error, Result};
use ndarray::{Array1, Array2, ArrayView2};
use rayon::prelude::*;

/// About how many entries one thread changes at a time.
const PIECE: usize = 1 << 16;

impl Sparse {
    /// Changes every stored value; the function should leave zero at zero, since entries that are not stored stay zero.
    pub fn map(&self, change: impl Fn(f32) -> f32 + Sync) -> Self {
        let mut values = vec![0.0; self.stored()];
        // A plain loop over a piece is one that the compiler makes wide.
        let pieces = values.par_chunks_mut(PIECE);
        pieces
            .zip(self.values().par_chunks(PIECE))
            .for_each(|(out, values)| {
                for (out, value) in out.iter_mut().zip(values) {
                    *out = change(*value);
                }
            });
        self.with_values(values)
    }

    /// Changes all stored values, piece by piece; entries that are not stored stay zero.
    pub(crate) fn map_pieces(&self, change: impl Fn(&mut [f32]) + Sync) -> Self {
        let mut values = vec![0.0; self.stored()];
        let pieces = values.par_chunks_mut(PIECE);
        pieces
            .zip(self.values().par_chunks(PIECE))
            .for_each(|(out, values)| {
                out.copy_from_slice(values);
                change(out);
            });
        self.with_values(values)
    }

    /// Changes every stored value by its row and column; entries that are not stored stay zero.
    pub fn map_entries(&self, change: impl Fn(usize, usize, f32) -> f32 + Sync) -> Self {
        self.map_rows(|row, out| {
            let (columns, values) = self.row(row);
            for (out, (column, value)) in out.iter_mut().zip(columns.iter().zip(values)) {
                *out = change(row, *column as usize, *value);
            }
        })
    }

    /// Multiplies every row by a factor of its own.
    ///
    /// # Errors
    ///
    /// Fails when there is not one factor for each row.
    pub fn scale_rows(&self, factors: &[f32]) -> Result<Self> {
        if factors.len() != self.nrows() {
            let expected = format!("{} factors, one for each row", self.nrows());
            return Err(Error::value("factors", expected, factors.len()));
        }
        Ok(self.map_entries(|row, _, value| value * factors[row]))
    }

    /// Fills the values of all rows.
    fn map_rows(&self, fill: impl Fn(usize, &mut [f32]) + Sync) -> Self {
        let mut values = vec![0.0; self.stored()];
        let pieces = pieces(self.offsets(), PIECE);
        let parts = parts(self.offsets(), &pieces, &mut values);
        pieces
            .into_par_iter()
            .zip(parts)
            .for_each(|(rows, mut part)| {
                for row in rows {
                    let (out, rest) = part.split_at_mut(self.row(row).0.len());
                    fill(row, out);
                    part = rest;
                }
            });
        self.with_values(values)
    }

    /// Returns the sum of every row, added up in double precision.
    pub fn row_sums(&self) -> Array1<f64> {
        let sum = |row| self.row(row).1.iter().map(|value| f64::from(*value)).sum();
        let sums: Vec<f64> = (0..self.nrows()).into_par_iter().map(sum).collect();
        sums.into()
    }

    /// Returns the sum of every column, added up in double precision from the first row to the last.
    pub fn column_sums(&self) -> Array1<f64> {
        let mut sums = Array1::zeros(self.ncols());
        for (column, value) in self.indices().iter().zip(self.values()) {
            sums[*column as usize] += f64::from(*value);
        }
        sums
    }

    /// Multiplies by a dense matrix, shape `(columns, k)`; gives shape `(rows, k)`, the same bytes for any number of threads.
    ///
    /// # Errors
    ///
    /// Fails when `other` does not have one row for each column.
    pub fn dot(&self, other: &ArrayView2<'_, f64>) -> Result<Array2<f64>> {
        if other.nrows() != self.ncols() {
            let expected = format!("({}, k)", self.ncols());
            return Err(Error::shape("other", expected, other.shape()));
        }
        let k = other.ncols();
        let mut out = Array2::zeros((self.nrows(), k));
        if k == 0 {
            return Ok(out);
        }
        let rows = out.as_slice_mut().unwrap_or_default();
        rows.par_chunks_mut(k).enumerate().for_each(|(row, out)| {
            let (indices, values) = self.row(row);
            for (&column, &value) in indices.iter().zip(values) {
                let factor = f64::from(value);
                for (out, other) in out.iter_mut().zip(other.row(column as usize)) {
                    *out += factor * other;
                }
            }
        });
        Ok(out)
    }
}
