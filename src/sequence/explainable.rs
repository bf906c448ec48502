//! What can be explained: sequences, as letters or as one-hot code.

use crate::sequence::{OneHot, Sequences};
use crate::{Error, Input, Result};
use ndarray::Array3;

/// Input that also knows its letters.
pub trait Explainable: Input {
    /// Returns the sequences behind the numbers.
    ///
    /// # Errors
    ///
    /// Fails when the numbers are not the code of letters.
    fn sequences(&self) -> Result<Sequences>;
}

impl Explainable for Sequences {
    fn sequences(&self) -> Result<Sequences> {
        Ok(self.clone())
    }
}

impl Explainable for OneHot {
    fn sequences(&self) -> Result<Sequences> {
        self.decode()
    }
}

/// Returns the code of at least one sequence, shape `(n, letters, length)`.
pub(crate) fn code(x: &dyn Explainable) -> Result<Array3<f32>> {
    let x = x.array()?.into_owned();
    let shape = x.shape().to_vec();
    let wrong = || {
        Error::shape(
            "x",
            "(n, letters, length) with n and length at least 1",
            &shape,
        )
    };
    if x.is_empty() {
        return Err(wrong());
    }
    let x = x
        .into_dimensionality::<ndarray::Ix3>()
        .map_err(|_| wrong())?;
    if x.is_standard_layout() {
        return Ok(x);
    }
    Ok(x.as_standard_layout().into_owned())
}
