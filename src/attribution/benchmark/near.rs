//! Numbers near the code of sequences.

use crate::sequence::{Explainable, Sequences};
use crate::{Input, Result};
use ndarray::{Array3, Array4, Axis, CowArray, IxDyn};

/// The code of sequences after a small change, shape `(n, letters, length)`; what follows from letters stays as it was.
pub(super) struct Near {
    pub(super) code: Array3<f32>,
    pub(super) sequences: Sequences,
}

impl Input for Near {
    fn array(&self) -> Result<CowArray<'_, f32, IxDyn>> {
        Ok(self.code.view().into_dyn().into())
    }
}

impl Explainable for Near {
    fn sequences(&self) -> Result<Sequences> {
        Ok(self.sequences.clone())
    }
}

/// Checks changes that a user gives, shape `(samples, n, letters, length)`.
pub(super) fn check(changes: &Array4<f32>, code: &Array3<f32>) -> Result<()> {
    let (n, letters, length) = code.dim();
    if changes.len_of(Axis(0)) == 0 || changes.shape()[1..] != [n, letters, length] {
        let expected = format!("(samples, {n}, {letters}, {length}), samples at least 1");
        return Err(crate::Error::shape("changes", expected, changes.shape()));
    }
    match changes.iter().find(|change| !change.is_finite()) {
        Some(change) => Err(crate::Error::value("changes", "finite numbers", change)),
        None => Ok(()),
    }
}
