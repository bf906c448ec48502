//! Directions of columns, at right angles to each other, and what they leave of a column.

use ndarray::Array1;

/// What is left of a column that is smaller than this share of it is rounding.
const ROUNDING: f64 = 1e-9;

/// Vectors of length 1 at right angles; columns that follow from earlier ones add none.
#[derive(Debug, Default)]
pub(crate) struct Basis {
    vectors: Vec<Array1<f64>>,
}

impl Basis {
    /// Takes in a column (Gram-Schmidt, twice for its digits).
    pub(crate) fn add(&mut self, column: &Array1<f64>) {
        let rest = self.rest(column);
        let size = rest.dot(&rest).sqrt();
        if size > ROUNDING * column.dot(column).sqrt() {
            self.vectors.push(rest / size);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.vectors.len()
    }

    pub(crate) fn vectors(&self) -> &[Array1<f64>] {
        &self.vectors
    }

    /// What the vectors do not explain of a column.
    pub(crate) fn rest(&self, column: &Array1<f64>) -> Array1<f64> {
        let mut rest = column.clone();
        for _ in 0..2 {
            for vector in &self.vectors {
                let share = vector.dot(&rest);
                rest.scaled_add(-share, vector);
            }
        }
        rest
    }
}
