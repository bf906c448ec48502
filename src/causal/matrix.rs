//! Small symmetric matrices.

use ndarray::{Array1, Array2};

/// A pivot that is so much smaller than its row was before counts as 0.
const SMALLEST: f64 = 1e-12;

/// The lower triangle whose product with itself is the matrix (Golub and Van Loan, Matrix Computations, section 4.2); nothing if the matrix
/// is not positive definite.
pub(super) fn lower_triangle(matrix: &Array2<f64>) -> Option<Array2<f64>> {
    let n = matrix.nrows();
    let mut lower = Array2::<f64>::zeros((n, n));
    for row in 0..n {
        for column in 0..=row {
            let sum: f64 = (0..column)
                .map(|at| lower[[row, at]] * lower[[column, at]])
                .sum();
            let rest = matrix[[row, column]] - sum;
            if row != column {
                lower[[row, column]] = rest / lower[[column, column]];
            } else if rest > SMALLEST * matrix[[row, row]] {
                lower[[row, row]] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    Some(lower)
}

/// Solves for what the triangle turns into `right`.
pub(super) fn forward(lower: &Array2<f64>, right: &[f64]) -> Vec<f64> {
    let mut found = right.to_vec();
    for row in 0..found.len() {
        let sum: f64 = (0..row).map(|at| lower[[row, at]] * found[at]).sum();
        found[row] = (found[row] - sum) / lower[[row, row]];
    }
    found
}

/// The inverse of a symmetric positive definite matrix; nothing if it is not.
pub(super) fn inverse(matrix: &Array2<f64>) -> Option<Array2<f64>> {
    let lower = lower_triangle(matrix)?;
    let n = matrix.nrows();
    let mut half = Array2::zeros((n, n));
    for column in 0..n {
        let unit: Vec<f64> = (0..n)
            .map(|row| f64::from(u8::from(row == column)))
            .collect();
        half.column_mut(column)
            .assign(&Array1::from(forward(&lower, &unit)));
    }
    Some(half.t().dot(&half))
}
