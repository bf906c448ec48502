//! The rising curve that is nearest to points.

use crate::{Error, Result};
use ndarray::Array1;
use std::fmt;
use std::sync::Arc;

/// The curve that never falls and is nearest to points by squared distance; straight between points, constant outside; cheap to clone.
///
/// Found by pooling neighbours that fall (Ayer et al. 1955, <https://doi.org/10.1214/aoms/1177728423>), ties in `x` averaged first. Checked
/// against scikit-learn's `IsotonicRegression`.
///
/// # Examples
///
/// ```
/// use genolens::calibration::Isotonic;
/// # fn main() -> genolens::Result<()> {
/// let curve = Isotonic::fit(&[1.0, 2.0, 3.0, 4.0, 5.0], &[4.0, 2.0, 3.0, 1.0, 5.0])?;
/// assert_eq!(curve.at(3.3), 2.5);
/// assert_eq!((curve.at(4.5), curve.at(9.0)), (3.75, 5.0));
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq)]
pub struct Isotonic {
    x: Arc<[f64]>,
    y: Arc<[f64]>,
}

impl Isotonic {
    /// Finds the curve of points that count alike.
    ///
    /// # Errors
    ///
    /// As [`fit_weighted`](Self::fit_weighted).
    pub fn fit(x: &[f64], y: &[f64]) -> Result<Self> {
        Self::fit_weighted(x, y, &vec![1.0; y.len()])
    }

    /// Finds the curve of points of these weights.
    ///
    /// # Errors
    ///
    /// Fails without a point, for lengths that differ, for a number that is not finite, or a weight that is not above 0.
    pub fn fit_weighted(x: &[f64], y: &[f64], weights: &[f64]) -> Result<Self> {
        if x.is_empty() {
            return Err(Error::shape("x", "(n), n at least 1", &[0]));
        }
        for (name, values) in [("y", y), ("weights", weights)] {
            if values.len() != x.len() {
                return Err(Error::shape(
                    name,
                    format!("({}) as `x`", x.len()),
                    &[values.len()],
                ));
            }
        }
        for (name, values) in [("x", x), ("y", y), ("weights", weights)] {
            if let Some(value) = values.iter().find(|value| !value.is_finite()) {
                return Err(Error::value(name, "finite", value));
            }
        }
        if let Some(weight) = weights.iter().find(|weight| **weight <= 0.0) {
            return Err(Error::value("weights", "above 0", weight));
        }
        let mut order: Vec<usize> = (0..x.len()).collect();
        order.sort_by(|&a, &b| x[a].total_cmp(&x[b]));
        let mut places: Vec<f64> = Vec::new();
        let mut points: Vec<(f64, f64)> = Vec::new();
        for row in order {
            // Zero and minus zero are one place.
            if places.last().is_some_and(|last| *last == x[row])
                && let Some((sum, weight)) = points.last_mut()
            {
                *sum += weights[row] * y[row];
                *weight += weights[row];
            } else {
                places.push(x[row]);
                points.push((weights[row] * y[row], weights[row]));
            }
        }
        Ok(Self {
            x: places.into(),
            y: pooled(&points).into(),
        })
    }

    /// Returns the height of the curve at `x`; NaN for NaN.
    pub fn at(&self, x: f64) -> f64 {
        if x.is_nan() {
            return x;
        }
        let next = self.x.partition_point(|&place| place <= x);
        let Some(before) = next.checked_sub(1) else {
            return self.y[0];
        };
        let (low, left) = (self.y[before], self.x[before]);
        match (self.x.get(next), self.y.get(next)) {
            (Some(right), Some(high)) if x > left => {
                // Rounding must not make it fall at the next point.
                (low + (x - left) / (right - left) * (high - low)).min(*high)
            }
            _ => low,
        }
    }

    /// Returns the places of the points, rising, each once.
    pub fn x(&self) -> Array1<f64> {
        self.x.iter().copied().collect()
    }

    /// Returns the height of the curve at every point, never falling.
    pub fn y(&self) -> Array1<f64> {
        self.y.iter().copied().collect()
    }

    /// Keeps the heights between two.
    pub(super) fn within(self, (low, high): (f64, f64)) -> Self {
        Self {
            y: self
                .y
                .iter()
                .map(|height| height.clamp(low, high))
                .collect(),
            x: self.x,
        }
    }
}

/// Pools sums and weights until means never fall, and returns the mean at every point.
fn pooled(points: &[(f64, f64)]) -> Vec<f64> {
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for &(sum, weight) in points {
        let mut block = (sum, weight, 1);
        while let Some(&before) = blocks.last()
            && before.0 / before.1 >= block.0 / block.1
        {
            block = (before.0 + block.0, before.1 + block.1, before.2 + block.2);
            blocks.pop();
        }
        blocks.push(block);
    }
    blocks
        .into_iter()
        .flat_map(|(sum, weight, count)| std::iter::repeat_n(sum / weight, count))
        .collect()
}

impl fmt::Debug for Isotonic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Isotonic({} points)", self.x.len())
    }
}
