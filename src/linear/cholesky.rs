//! Systems of linear equations whose matrix is symmetric and positive.

use ndarray::{Array1, Array2};

/// A pivot that is so much smaller than its row was before counts as 0.
const SMALLEST: f64 = 1e-11;

/// The lower triangle whose product with itself is the matrix (Golub and Van Loan, Matrix Computations, section 4.2).
#[derive(Debug)]
pub(crate) struct Cholesky {
    lower: Array2<f64>,
    matrix: Array2<f64>,
}

impl Cholesky {
    /// Takes a matrix apart; nothing if it is singular.
    pub(crate) fn new(matrix: Array2<f64>) -> Option<Self> {
        let n = matrix.nrows();
        let mut lower = Array2::<f64>::zeros((n, n));
        for row in 0..n {
            for column in 0..=row {
                let (own, other) = (lower.row(row), lower.row(column));
                let own = own.iter().take(column);
                let sum: f64 = own.zip(other).map(|(a, b)| a * b).sum();
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
        Some(Self { lower, matrix })
    }

    /// Solves for one right side.
    pub(crate) fn solve(&self, right: &Array1<f64>) -> Array1<f64> {
        let mut found = self.once(right);
        // What rounding has left over is solved for again.
        let rest = right - &self.matrix.dot(&found);
        found += &self.once(&rest);
        found
    }

    /// Solves for what the triangle turns into `right`: makes correlated numbers with this covariance independent, each of variance 1.
    pub(crate) fn whiten(&self, right: &[f64]) -> Vec<f64> {
        let mut found = right.to_vec();
        for row in 0..found.len() {
            let sum: f64 = (0..row).map(|at| self.lower[[row, at]] * found[at]).sum();
            found[row] = (found[row] - sum) / self.lower[[row, row]];
        }
        found
    }

    /// Returns the inverse of the matrix.
    pub(crate) fn inverse(&self) -> Array2<f64> {
        let n = self.matrix.nrows();
        let mut half = Array2::zeros((n, n));
        for column in 0..n {
            let unit: Vec<f64> = (0..n)
                .map(|row| f64::from(u8::from(row == column)))
                .collect();
            half.column_mut(column)
                .assign(&Array1::from(self.whiten(&unit)));
        }
        half.t().dot(&half)
    }

    fn once(&self, right: &Array1<f64>) -> Array1<f64> {
        let mut x = Array1::from(self.whiten(&right.to_vec()));
        for row in (0..x.len()).rev() {
            let after = (row + 1..right.len()).map(|at| self.lower[[at, row]] * x[at]);
            let sum: f64 = after.sum();
            x[row] = (x[row] - sum) / self.lower[[row, row]];
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn a_system_is_solved_or_called_singular() {
        let matrix = array![[4.0, 2.0, 0.5], [2.0, 5.0, 1.0], [0.5, 1.0, 3.0]];
        let x = array![1.0, -2.0, 0.25];
        let found = Cholesky::new(matrix.clone()).map(|c| c.solve(&matrix.dot(&x)));
        assert!(found.is_some_and(|found| (found - x).iter().all(|d| d.abs() < 1e-14)));
        let inverse =
            Cholesky::new(matrix.clone()).map(|c| c.inverse().dot(&matrix) - Array2::<f64>::eye(3));
        assert!(inverse.is_some_and(|rest| rest.iter().all(|d| d.abs() < 1e-14)));
        assert!(Cholesky::new(array![[1.0, 2.0], [2.0, 4.0]]).is_none());
        assert!(Cholesky::new(array![[0.0]]).is_none());
        assert!(Cholesky::new(array![[f64::NAN]]).is_none());
    }
}
