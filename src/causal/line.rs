//! Weighted least squares with one slope, through the origin or with an intercept.

use crate::{Error, Result};

/// A fitted line. Errors are those of known variances, which no dispersion has widened yet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) intercept: f64,
    pub(super) slope: f64,
    pub(super) intercept_error: f64,
    pub(super) slope_error: f64,
    /// The weighted sum of squares that the line leaves.
    pub(super) q: f64,
    pub(super) freedom: f64,
}

impl Line {
    /// The residual standard error; none without degrees of freedom. What rounding leaves of a perfect fit is 0.
    pub(super) fn sigma(&self, total: f64) -> Option<f64> {
        let q = if self.q <= 1e-24 * total { 0.0 } else { self.q };
        (self.freedom > 0.0).then(|| (q / self.freedom).sqrt())
    }
}

/// The weighted sum of squares.
pub(super) fn squares(y: &[f64], w: &[f64]) -> f64 {
    y.iter().zip(w).map(|(y, w)| w * y * y).sum()
}

/// Fits a line through the origin.
pub(super) fn through_origin(x: &[f64], y: &[f64], w: &[f64]) -> Result<Line> {
    let (mut xx, mut xy) = (0.0, 0.0);
    for ((x, y), w) in x.iter().zip(y).zip(w) {
        xx += w * x * x;
        xy += w * x * y;
    }
    if !(xx > 0.0 && xx.is_finite()) {
        let expected = "effects on the exposure, not all of them 0";
        return Err(Error::value("instruments", expected, "none with a weight"));
    }
    let slope = xy / xx;
    let left = x.iter().zip(y).zip(w).map(|((x, y), w)| {
        let residual = y - slope * x;
        w * residual * residual
    });
    let q = left.sum();
    let used = w.iter().filter(|w| **w > 0.0).count();
    Ok(Line {
        intercept: 0.0,
        slope,
        intercept_error: 0.0,
        slope_error: 1.0 / xx.sqrt(),
        q,
        freedom: used as f64 - 1.0,
    })
}

/// Fits a line with an intercept, whose column is `ones` (not all 1 where rows were whitened).
pub(super) fn with_intercept(x: &[f64], (ones, y): (&[f64], &[f64]), w: &[f64]) -> Result<Line> {
    let (mut s, mut sx, mut sy) = (0.0, 0.0, 0.0);
    for (((x, one), y), w) in x.iter().zip(ones).zip(y).zip(w) {
        s += w * one * one;
        sx += w * one * x;
        sy += w * one * y;
    }
    let (mean_x, mean_y) = (sx / s, sy / s);
    // Around the means, so that nothing cancels.
    let (mut xx, mut xy, mut whole) = (0.0, 0.0, 0.0);
    for (((x, one), y), w) in x.iter().zip(ones).zip(y).zip(w) {
        let (dx, dy) = (x - mean_x * one, y - mean_y * one);
        xx += w * dx * dx;
        xy += w * dx * dy;
        whole += w * x * x;
    }
    if !(s > 0.0 && xx > 1e-20 * whole && xx.is_finite()) {
        let expected = "effects on the exposure that differ in size, for a line with an intercept";
        return Err(Error::value("instruments", expected, "all the same"));
    }
    let slope = xy / xx;
    let intercept = mean_y - slope * mean_x;
    let left = x.iter().zip(ones).zip(y).zip(w).map(|(((x, one), y), w)| {
        let residual = y - mean_y * one - slope * (x - mean_x * one);
        w * residual * residual
    });
    let q = left.sum();
    let used = w.iter().filter(|w| **w > 0.0).count();
    Ok(Line {
        intercept,
        slope,
        intercept_error: (1.0 / s + mean_x * mean_x / xx).sqrt(),
        slope_error: 1.0 / xx.sqrt(),
        q,
        freedom: used as f64 - 2.0,
    })
}
