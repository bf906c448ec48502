//! The curve that says how strong a connection of some length is on the map.

use crate::{Error, Result};

/// `1 / (1 + a d^(2 b))`, which is near 1 up to the smallest distance and falls like an exponential beyond.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Curve {
    pub(super) a: f64,
    pub(super) b: f64,
}

/// Points to which the curve is fitted, as umap-learn takes them.
const POINTS: usize = 300;
const STEPS: usize = 500;

impl Curve {
    /// Fits the curve by Levenberg and Marquardt's method, from `a = b = 1`.
    pub(super) fn fitted(spread: f64, min_dist: f64) -> Result<Self> {
        if !(spread > 0.0 && spread.is_finite()) {
            return Err(Error::value("spread", "a finite number above 0", spread));
        }
        if !(min_dist >= 0.0 && min_dist <= spread) {
            let expected = format!("0 to the spread {spread}");
            return Err(Error::value("min_dist", expected, min_dist));
        }
        let last = (POINTS - 1) as f64;
        let points: Vec<(f64, f64)> = (0..POINTS)
            .map(|step| {
                let x = 3.0 * spread * step as f64 / last;
                let beyond = (x - min_dist).max(0.0);
                (x, (-beyond / spread).exp())
            })
            .collect();
        // Distances in units of the spread, so that the fit is equally well conditioned for all.
        let mut curve = Self { a: 1.0, b: 1.0 };
        let mut damping = 1e-3;
        let mut error = curve.error(&points, spread);
        for _ in 0..STEPS {
            let (normal, slope) = curve.normal_equations(&points, spread);
            let (p, q, r) = (
                normal.0 * (1.0 + damping),
                normal.1,
                normal.2 * (1.0 + damping),
            );
            let determinant = p * r - q * q;
            let step = (
                (r * slope.0 - q * slope.1) / determinant,
                (p * slope.1 - q * slope.0) / determinant,
            );
            let next = Self {
                a: curve.a + step.0,
                b: curve.b + step.1,
            };
            let next_error = next.error(&points, spread);
            if next.a > 0.0 && next.b > 0.0 && next_error <= error {
                let done = step.0.abs() < 1e-13 && step.1.abs() < 1e-13;
                (curve, error) = (next, next_error);
                damping *= 0.3;
                if done {
                    break;
                }
            } else {
                damping *= 4.0;
                if damping > 1e12 {
                    break;
                }
            }
        }
        // Back to the distances as they are.
        curve.a /= spread.powf(2.0 * curve.b);
        if !(curve.a.is_finite() && curve.b.is_finite()) {
            let expected = "a spread for which a curve can be fitted";
            return Err(Error::value("spread", expected, spread));
        }
        Ok(curve)
    }

    fn error(self, points: &[(f64, f64)], unit: f64) -> f64 {
        let off = |&(x, y): &(f64, f64)| 1.0 / (1.0 + self.a * (x / unit).powf(2.0 * self.b)) - y;
        points.iter().map(|point| off(point).powi(2)).sum()
    }

    /// The matrix of the normal equations (its three different entries) and its right side.
    fn normal_equations(self, points: &[(f64, f64)], unit: f64) -> ((f64, f64, f64), (f64, f64)) {
        let (mut normal, mut slope) = ((0.0, 0.0, 0.0), (0.0, 0.0));
        for &(x, y) in points.iter().filter(|point| point.0 > 0.0) {
            let x = x / unit;
            let power = x.powf(2.0 * self.b);
            let value = 1.0 / (1.0 + self.a * power);
            let by_a = -power * value * value;
            let by_b = by_a * self.a * 2.0 * x.ln();
            let off = y - value;
            normal.0 += by_a * by_a;
            normal.1 += by_a * by_b;
            normal.2 += by_b * by_b;
            slope.0 += by_a * off;
            slope.1 += by_b * off;
        }
        (normal, slope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_and_b_are_those_of_a_least_squares_fit() -> Result<()> {
        // The optimum on the same 300 points, by `scipy.optimize.curve_fit`.
        for (spread, min_dist, a, b) in [
            (1.0, 0.0, 1.93281, 0.79049),
            (1.0, 0.01, 1.89561, 0.80064),
            (1.0, 0.1, 1.57694, 0.89506),
            (1.0, 0.3, 0.99218, 1.11225),
            (1.0, 0.5, 0.58303, 1.33417),
            (1.0, 0.8, 0.23206, 1.68124),
            (2.0, 0.5, 0.25888, 1.05750),
        ] {
            let found = Curve::fitted(spread, min_dist)?;
            assert!((found.a / a - 1.0).abs() < 1e-4, "{} is not {a}", found.a);
            assert!((found.b / b - 1.0).abs() < 1e-4, "{} is not {b}", found.b);
        }
        Ok(())
    }
}
