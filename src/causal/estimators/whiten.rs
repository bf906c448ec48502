//! Rows of correlated variants turned into rows that are independent, each with variance 1.

use super::super::pairs::{Pairs, sign};
use crate::linear::Cholesky;
use crate::{Error, Result};
use ndarray::Array2;

pub(super) struct Rows {
    pub(super) x: Vec<f64>,
    pub(super) y: Vec<f64>,
    /// What the column of the intercept has become.
    pub(super) ones: Vec<f64>,
}

/// Divides by the root of the covariance of the effects on the outcome; all variants are turned to raise the exposure.
pub(super) fn rows(pairs: &Pairs<'_>, correlation: &Array2<f64>) -> Result<Rows> {
    let signs: Vec<f64> = pairs.bx.iter().map(|bx| sign(*bx)).collect();
    let n = pairs.len();
    let covariance = Array2::from_shape_fn((n, n), |(i, j)| {
        correlation[[i, j]] * signs[i] * signs[j] * pairs.sy[i] * pairs.sy[j]
    });
    let root = Cholesky::new(covariance).ok_or_else(|| {
        Error::value("correlation", "positive definite", "singular or indefinite")
    })?;
    let turned = |values: &[f64]| {
        let turned: Vec<f64> = values.iter().zip(&signs).map(|(v, s)| v * s).collect();
        root.whiten(&turned)
    };
    Ok(Rows {
        x: turned(pairs.bx),
        y: turned(pairs.by),
        ones: root.whiten(&vec![1.0; n]),
    })
}
