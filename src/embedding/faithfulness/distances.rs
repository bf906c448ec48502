//! Squared distances from some examples to all.

use crate::sparse::Sparse;
use crate::{Error, Input, Result};
use ndarray::{Array1, Array2, ArrayView1, Axis, Ix2, Zip};

/// With so many features or fewer, differences are faster than products.
const PLANE: usize = 3;

/// Examples whose distances to all are wanted.
pub(in crate::embedding) struct Distances {
    rows: Rows,
    squares: Array1<f64>,
}

enum Rows {
    /// Around the mean, so that products lose little to rounding.
    Dense(Array2<f64>),
    Sparse(Sparse),
}

impl Distances {
    /// Reads numbers, shape `(n, features)`, which must be finite.
    pub(in crate::embedding) fn new(argument: &str, x: &dyn Input) -> Result<Self> {
        let wrong = || Error::value(argument, "finite", "not finite in places");
        if let Some(sparse) = x.sparse() {
            if sparse.values().iter().any(|value| !value.is_finite()) {
                return Err(wrong());
            }
            let squares = (0..sparse.nrows()).map(|row| {
                let values = sparse.row(row).1.iter();
                values.map(|value| f64::from(*value).powi(2)).sum()
            });
            return Ok(Self {
                squares: squares.collect(),
                rows: Rows::Sparse(sparse.clone()),
            });
        }
        let array = x.array()?;
        let shape = array.shape().to_vec();
        let Ok(rows) = array.into_dimensionality::<Ix2>() else {
            return Err(Error::shape(argument, "(n, features)", &shape));
        };
        let mut rows = rows.mapv(f64::from);
        if rows.iter().any(|value| !value.is_finite()) {
            return Err(wrong());
        }
        if rows.ncols() > PLANE
            && let Some(mean) = rows.mean_axis(Axis(0))
        {
            rows -= &mean;
        }
        Ok(Self {
            squares: rows.map_axis(Axis(1), |row| row.dot(&row)),
            rows: Rows::Dense(rows),
        })
    }

    pub(in crate::embedding) fn len(&self) -> usize {
        self.squares.len()
    }

    /// Returns the squared distances from some examples to all, shape `(queries, n)`.
    pub(in crate::embedding) fn from(&self, queries: &[usize]) -> Result<Array2<f64>> {
        let mut out = match &self.rows {
            Rows::Dense(rows) if rows.ncols() <= PLANE => {
                let mut out = Array2::zeros((queries.len(), rows.nrows()));
                for (mut out, &query) in out.rows_mut().into_iter().zip(queries) {
                    let apart = |other: ArrayView1<'_, f64>| -> f64 {
                        let pairs = other.iter().zip(rows.row(query));
                        pairs.map(|(a, b)| (a - b) * (a - b)).sum()
                    };
                    for (out, row) in out.iter_mut().zip(rows.rows()) {
                        *out = apart(row);
                    }
                }
                return Ok(out);
            }
            Rows::Dense(rows) => rows.select(Axis(0), queries).dot(&rows.t()),
            Rows::Sparse(rows) => {
                let mut some = Array2::zeros((rows.ncols(), queries.len()));
                for (place, &query) in queries.iter().enumerate() {
                    let (columns, values) = rows.row(query);
                    for (&column, &value) in columns.iter().zip(values) {
                        some[[column as usize, place]] = f64::from(value);
                    }
                }
                let products = rows.dot(&some.view())?;
                products.t().as_standard_layout().into_owned()
            }
        };
        for (mut out, &query) in out.rows_mut().into_iter().zip(queries) {
            let own = self.squares[query];
            Zip::from(&mut out)
                .and(&self.squares)
                .for_each(|out, other| *out = (own + other - 2.0 * *out).max(0.0));
        }
        Ok(out)
    }
}
