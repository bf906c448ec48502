//! Logistic regression by Newton's method.

use super::logistic::{sigmoid, softplus};
use crate::linear::solve;
use crate::{Error, Result, progress};
use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

/// Rounds after which Newton's method ends at the latest; it needs about ten where the best coefficients are finite.
const ROUNDS: usize = 100;

/// Finds the coefficients that make targets between 0 and 1 most likely: the loss is the mean over examples, and `ridge / 2` times the
/// squares of all coefficients but the last, which should be that of a column of ones.
///
/// Where no finite coefficients are best, those are returned at which the loss hardly shrinks any more.
pub(crate) fn logistic_regression(
    x: &ArrayView2<'_, f64>,
    targets: &ArrayView1<'_, f64>,
    ridge: f64,
) -> Result<Array1<f64>> {
    let (n, width) = (x.nrows() as f64, x.ncols());
    let mut penalties = Array1::from_elem(width, ridge);
    if let Some(last) = penalties.last_mut() {
        *last = 0.0;
    }
    let loss = |weights: &Array1<f64>| {
        let scores = x.dot(weights);
        let each = scores
            .iter()
            .zip(targets)
            .map(|(score, target)| softplus(*score) - target * score);
        each.sum::<f64>() / n + (&penalties * weights * weights).sum() / 2.0
    };
    let mut weights = Array1::<f64>::zeros(width);
    let mut best = loss(&weights);
    for round in 0..ROUNDS {
        progress::check("logistic regression", round, ROUNDS)?;
        let chances = x.dot(&weights).mapv_into(sigmoid);
        let gradient = x.t().dot(&(&chances - targets)) / n + &penalties * &weights;
        let curvature = chances.mapv(|chance| chance * (1.0 - chance) / n);
        let curved = x * &curvature.insert_axis(ndarray::Axis(1));
        let mut matrix: Array2<f64> = curved.t().dot(x);
        let trace = matrix.diag().sum();
        for at in 0..width {
            // Columns that do not vary, or all chances at 0 and 1, leave the matrix singular.
            matrix[[at, at]] += penalties[at] + 1e-12 * trace + f64::MIN_POSITIVE;
        }
        let Some(mut step) = solve(matrix, gradient) else {
            break;
        };
        // Newton's step is too long where the loss is nearly straight.
        let mut found = None;
        for _ in 0..50 {
            let next = &weights - &step;
            let reached = loss(&next);
            if reached <= best {
                found = Some((next, reached));
                break;
            }
            step /= 2.0;
        }
        let Some((next, reached)) = found else {
            break;
        };
        let gain = best - reached;
        weights = next;
        best = reached;
        if gain <= 1e-15 * best.abs() || best < 1e-9 {
            break;
        }
    }
    if weights.iter().all(|weight| weight.is_finite()) {
        return Ok(weights);
    }
    Err(Error::Diverged {
        what: "logistic regression".into(),
        detail: "coefficients are no longer numbers; are features of very different sizes?".into(),
    })
}
