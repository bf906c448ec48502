//! What a function may answer to a batch.

use crate::Result;
use ndarray::{Array1, Array2, Axis};

/// Scores of a batch: one number for every example, shape `(n)`, or a row of outputs, shape `(n, outputs)`, or an error.
pub trait Answer {
    /// Returns the scores, shape `(n, outputs)`.
    ///
    /// # Errors
    ///
    /// Fails when the function has failed.
    fn scores(self) -> Result<Array2<f64>>;
}

impl Answer for Array2<f64> {
    fn scores(self) -> Result<Array2<f64>> {
        Ok(self)
    }
}

impl Answer for Array2<f32> {
    fn scores(self) -> Result<Array2<f64>> {
        Ok(self.mapv(f64::from))
    }
}

impl Answer for Array1<f64> {
    fn scores(self) -> Result<Array2<f64>> {
        Ok(self.insert_axis(Axis(1)))
    }
}

impl Answer for Array1<f32> {
    fn scores(self) -> Result<Array2<f64>> {
        self.mapv(f64::from).scores()
    }
}

impl Answer for Vec<f64> {
    fn scores(self) -> Result<Array2<f64>> {
        Array1::from(self).scores()
    }
}

impl Answer for Vec<f32> {
    fn scores(self) -> Result<Array2<f64>> {
        Array1::from(self).scores()
    }
}

impl<A: Answer> Answer for Result<A> {
    fn scores(self) -> Result<Array2<f64>> {
        self?.scores()
    }
}
