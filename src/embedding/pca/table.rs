//! A table of examples by features as it came, with the centre and the weight that an analysis gives each feature.

use crate::sparse::Sparse;
use crate::{Error, Input, Result};
use ndarray::{Array1, Array2, Axis, CowArray, Ix2, s};
use rayon::prelude::*;

/// Rows that are looked at together.
pub(super) const ROWS: usize = 512;

/// The rows as they came; nothing as large as they are is made of a sparse table but its transposed copy.
pub(super) enum Rows<'a> {
    Dense(CowArray<'a, f32, Ix2>),
    Sparse { rows: &'a Sparse, columns: Sparse },
}

/// What an analysis sees: `(x - centre) * weight`.
pub(super) struct Table<'a> {
    pub(super) rows: Rows<'a>,
    pub(super) centre: Array1<f64>,
    pub(super) weight: Array1<f64>,
}

impl<'a> Table<'a> {
    /// Reads numbers, shape `(n, features)`, which must be finite; nothing is centred yet.
    pub(super) fn new(x: &'a dyn Input) -> Result<Self> {
        let rows = if let Some(rows) = x.sparse() {
            finite(rows.values())?;
            if u32::try_from(rows.nrows()).is_err() {
                return Err(Error::value("x", "fewer than 2^32 rows", rows.nrows()));
            }
            Rows::Sparse {
                rows,
                columns: rows.transposed(),
            }
        } else {
            let array = x.array()?;
            let shape = array.shape().to_vec();
            let Ok(rows) = array.into_dimensionality::<Ix2>() else {
                return Err(Error::shape("x", "(n, features)", &shape));
            };
            for row in rows.rows() {
                if row.iter().any(|value| !value.is_finite()) {
                    finite(&row.to_vec())?;
                }
            }
            Rows::Dense(rows)
        };
        let mut table = Self {
            rows,
            centre: Array1::zeros(0),
            weight: Array1::zeros(0),
        };
        let features = table.dim().1;
        table.centre = Array1::zeros(features);
        table.weight = Array1::ones(features);
        Ok(table)
    }

    /// Returns rows and features.
    pub(super) fn dim(&self) -> (usize, usize) {
        match &self.rows {
            Rows::Dense(rows) => rows.dim(),
            Rows::Sparse { rows, .. } => rows.shape(),
        }
    }

    /// Moves the mean of every feature to 0.
    pub(super) fn centred(mut self) -> Self {
        let n = self.dim().0 as f64;
        self.centre = match &self.rows {
            Rows::Sparse { columns, .. } => columns.row_sums() / n,
            Rows::Dense(_) => {
                self.over_rows(|piece, sums| {
                    for row in piece.rows() {
                        sums.zip_mut_with(&row, |sum, value| *sum += value);
                    }
                }) / n
            }
        };
        self
    }

    /// Divides every feature by its standard deviation; a constant one stays as it is.
    pub(super) fn scaled(mut self) -> Self {
        let n = self.dim().0 as f64;
        let spread = self.squares() / (n - 1.0);
        self.weight = spread.mapv(|v| if v > 0.0 { 1.0 / v.sqrt() } else { 1.0 });
        self
    }

    /// Returns the sum of the squares of every feature.
    pub(super) fn squares(&self) -> Array1<f64> {
        match &self.rows {
            Rows::Sparse { columns, .. } => {
                let n = self.dim().0;
                let of_column = |column: usize| {
                    let (centre, weight) = (self.centre[column], self.weight[column]);
                    let values = columns.row(column).1;
                    let stored = values.iter().map(|&value| {
                        let value = f64::from(value) - centre;
                        value * value
                    });
                    let zeros = (n - values.len()) as f64 * centre * centre;
                    (stored.sum::<f64>() + zeros) * weight * weight
                };
                let sums: Vec<f64> = (0..columns.nrows())
                    .into_par_iter()
                    .map(of_column)
                    .collect();
                sums.into()
            }
            Rows::Dense(_) => self.over_rows(|piece, sums| {
                for row in piece.rows() {
                    sums.zip_mut_with(&row, |sum, value| *sum += value * value);
                }
            }),
        }
    }

    /// Adds up what is seen of some rows at a time, from the first piece to the last.
    fn over_rows(&self, add: impl Fn(&Array2<f64>, &mut Array1<f64>) + Sync) -> Array1<f64> {
        let (n, features) = self.dim();
        let sums: Vec<Array1<f64>> = (0..n.div_ceil(ROWS))
            .into_par_iter()
            .map(|piece| {
                let mut sums = Array1::zeros(features);
                let rows = self.piece(piece * ROWS..((piece + 1) * ROWS).min(n));
                add(&rows, &mut sums);
                sums
            })
            .collect();
        let mut out = Array1::zeros(features);
        for sum in sums {
            out += &sum;
        }
        out
    }

    /// Returns what is seen of some rows.
    pub(super) fn piece(&self, range: std::ops::Range<usize>) -> Array2<f64> {
        let mut piece = match &self.rows {
            Rows::Dense(rows) => rows.slice(s![range, ..]).mapv(f64::from),
            Rows::Sparse { rows, .. } => {
                let mut piece = Array2::zeros((range.len(), rows.ncols()));
                for (mut out, row) in piece.axis_iter_mut(Axis(0)).zip(range) {
                    let (indices, values) = rows.row(row);
                    for (&column, &value) in indices.iter().zip(values) {
                        out[column as usize] = f64::from(value);
                    }
                }
                piece
            }
        };
        for mut row in piece.rows_mut() {
            row -= &self.centre;
            row *= &self.weight;
        }
        piece
    }
}

impl Table<'_> {
    /// Returns what is seen of some features, shape `(n, features of the range)`.
    pub(super) fn column_piece(&self, range: std::ops::Range<usize>) -> Array2<f64> {
        let mut piece = match &self.rows {
            Rows::Dense(rows) => rows.slice(s![.., range.clone()]).mapv(f64::from),
            Rows::Sparse { rows, columns } => {
                let mut piece = Array2::zeros((rows.nrows(), range.len()));
                for (place, column) in range.clone().enumerate() {
                    let (indices, values) = columns.row(column);
                    for (&row, &value) in indices.iter().zip(values) {
                        piece[[row as usize, place]] = f64::from(value);
                    }
                }
                piece
            }
        };
        piece -= &self.centre.slice(s![range.clone()]);
        piece *= &self.weight.slice(s![range]);
        piece
    }
}

fn finite(values: &[f32]) -> Result<()> {
    match values.iter().find(|value| !value.is_finite()) {
        Some(_) => Err(Error::value("x", "finite", "not finite in places")),
        None => Ok(()),
    }
}
