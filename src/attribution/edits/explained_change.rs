//! What an edit does to an explanation.

use crate::attribution::Attribution;
use crate::{Error, Result};
use ndarray::{Array3, Axis};
use std::fmt;

/// The attributions of sequences before and after an edit; cheap to clone.
#[derive(Clone)]
pub struct ExplainedChange {
    before: Attribution,
    after: Attribution,
}

impl ExplainedChange {
    pub(super) fn new(before: Attribution, after: Attribution) -> Result<Self> {
        if before.is_empty() || !after.len().is_multiple_of(before.len()) {
            let expected = format!("a multiple of {}, as before the edit", before.len());
            return Err(Error::value(
                "sequences after the edit",
                expected,
                after.len(),
            ));
        }
        Ok(Self { before, after })
    }

    /// Returns the scores of the sequences as they were.
    pub fn before(&self) -> &Attribution {
        &self.before
    }

    /// Returns the scores of the edited sequences: all variants of the first one, then of the second, and so on.
    pub fn after(&self) -> &Attribution {
        &self.after
    }

    /// Returns the scores after the edit, averaged over its variants, less those before, shape `(n, letters, length)`.
    ///
    /// # Errors
    ///
    /// Fails when the edit changes the length.
    pub fn difference(&self) -> Result<Array3<f64>> {
        let (n, letters, length) = self.before.scores().dim();
        let copies = self.after.len() / n.max(1);
        let after = self.after.scores().mapv(f64::from);
        let shape = after.shape().to_vec();
        let after = after.into_shape_with_order((n, copies, letters * length));
        let after = after
            .ok()
            .map(|after| after.sum_axis(Axis(1)) / copies as f64);
        let after = after.and_then(|after| after.into_shape_with_order((n, letters, length)).ok());
        let after = after.ok_or_else(|| {
            let expected = format!("(rows, {letters}, {length}), as before");
            Error::shape("scores after the edit", expected, &shape)
        })?;
        Ok(after - self.before.scores().mapv(f64::from))
    }
}

impl fmt::Debug for ExplainedChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (before, after) = (&self.before, &self.after);
        write!(f, "ExplainedChange(before: {before:?}, after: {after:?})")
    }
}
