//! Two samples of the same features.

use crate::{Error, Input, Result};
use ndarray::{Array2, Axis, concatenate};

/// Examples of two places, one row each, in double precision.
pub(super) struct Samples {
    pub(super) source: Array2<f64>,
    pub(super) target: Array2<f64>,
}

impl Samples {
    /// Reads features, shape `(n, ...)`, all axes but the first as one.
    pub(super) fn new(source: &dyn Input, target: &dyn Input) -> Result<Self> {
        let (source, target) = (rows("source", source)?, rows("target", target)?);
        if source.ncols() != target.ncols() {
            let expected = format!("(n, ...) with {} features as `source`", source.ncols());
            return Err(Error::shape("target", expected, target.shape()));
        }
        Ok(Self { source, target })
    }

    pub(super) fn sizes(&self) -> (usize, usize) {
        (self.source.nrows(), self.target.nrows())
    }

    /// Returns all rows, those of the source first.
    pub(super) fn together(&self) -> Result<Array2<f64>> {
        concatenate(Axis(0), &[self.source.view(), self.target.view()])
            .map_err(|_| Error::shape("target", "(n, features) as `source`", self.target.shape()))
    }

    /// Centres every feature and divides it by its standard deviation over both samples; features that do not vary become 0.
    pub(super) fn standardised(&self) -> Result<Self> {
        let all = self.together()?;
        let n = all.nrows() as f64;
        let mean = all.sum_axis(Axis(0)) / n;
        let off = &all - &mean;
        let spread = (&off * &off).sum_axis(Axis(0)) / n;
        let spread =
            spread.mapv(|variance: f64| if variance > 0.0 { variance.sqrt() } else { 1.0 });
        Ok(Self {
            source: (&self.source - &mean) / &spread,
            target: (&self.target - &mean) / &spread,
        })
    }
}

/// Reads features of examples, at least two of them.
fn rows(name: &str, values: &dyn Input) -> Result<Array2<f64>> {
    let values = values.array()?;
    let shape = values.shape();
    let n = shape.first().copied().unwrap_or_default();
    let width = values.len().checked_div(n).unwrap_or_default();
    if n < 2 || width == 0 {
        return Err(Error::shape(
            name,
            "(n, ...) with n at least 2 and a feature",
            shape,
        ));
    }
    let numbers: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
    if let Some(at) = numbers.iter().position(|value| !value.is_finite()) {
        let got = format!("{} in row {}", numbers[at], at / width);
        return Err(Error::value(name, "finite", got));
    }
    Array2::from_shape_vec((n, width), numbers)
        .map_err(|_| Error::shape(name, "(n, ...)", &[n, width]))
}

/// Returns the squared distances of rows of `a` (down) to rows of `b` (across).
pub(super) fn squares(a: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
    let lengths = |of: &Array2<f64>| (of * of).sum_axis(Axis(1));
    let products = a.dot(&b.t());
    let sums = lengths(a).insert_axis(Axis(1)) + lengths(b).insert_axis(Axis(0));
    (sums - products * 2.0).mapv_into(|square| square.max(0.0))
}

/// Returns the median distance of up to 500 rows, evenly spread over all; 1 where rows hardly differ.
pub(super) fn median_distance(rows: &Array2<f64>) -> f64 {
    let step = rows.nrows().div_ceil(500);
    let some: Vec<usize> = (0..rows.nrows()).step_by(step).collect();
    let some = rows.select(Axis(0), &some);
    let squares = squares(&some, &some);
    let pairs = squares.indexed_iter().filter(|((i, j), _)| i < j);
    let distance =
        crate::distribution::order::median(pairs.map(|(_, square)| square.sqrt()).collect());
    if distance > 1e-12 { distance } else { 1.0 }
}
