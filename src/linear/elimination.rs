//! Small systems of linear equations.

use ndarray::{Array1, Array2};

/// Solves `matrix · x = right` by elimination with pivots; `None` where the matrix is singular to about 13 digits.
pub(crate) fn solve(mut matrix: Array2<f64>, mut right: Array1<f64>) -> Option<Array1<f64>> {
    let n = right.len();
    let largest = matrix
        .iter()
        .fold(0.0_f64, |most, value| most.max(value.abs()));
    for step in 0..n {
        let size = |row: &usize| matrix[[*row, step]].abs();
        let pivot = (step..n).max_by(|a, b| size(a).total_cmp(&size(b)))?;
        if size(&pivot).is_nan() || size(&pivot) <= 1e-13 * largest {
            return None;
        }
        if pivot != step {
            for column in 0..n {
                matrix.swap([pivot, column], [step, column]);
            }
            right.swap(pivot, step);
        }
        for row in step + 1..n {
            let factor = matrix[[row, step]] / matrix[[step, step]];
            if factor != 0.0 {
                for column in step..n {
                    matrix[[row, column]] -= factor * matrix[[step, column]];
                }
                right[row] -= factor * right[step];
            }
        }
    }
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n)
            .map(|column| matrix[[row, column]] * right[column])
            .sum();
        right[row] = (right[row] - known) / matrix[[row, row]];
    }
    right.iter().all(|value| value.is_finite()).then_some(right)
}
