//! Weights of examples.

use ndarray::Array1;
use std::fmt;
use std::sync::Arc;

/// A weight for every example of the source, of mean 1; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Weights {
    values: Arc<[f64]>,
    target: usize,
}

impl Weights {
    pub(super) fn new(values: &Array1<f64>, target: usize) -> Self {
        Self {
            values: values.to_vec().into(),
            target,
        }
    }

    /// Returns the weights, shape `(n)`.
    pub fn values(&self) -> Array1<f64> {
        self.values.iter().copied().collect()
    }

    /// Returns how many examples of equal weight would tell as much (Kish 1965): few mean that the source hardly has examples where the
    /// target has them, and that no weighing helps.
    pub fn effective_size(&self) -> f64 {
        let sum: f64 = self.values.iter().sum();
        sum * sum
            / self
                .values
                .iter()
                .map(|weight| weight * weight)
                .sum::<f64>()
    }
}

impl fmt::Debug for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Weights({self})")
    }
}

impl fmt::Display for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, largest) = (
            self.values.len(),
            self.values.iter().copied().fold(0.0, f64::max),
        );
        let size = self.effective_size();
        write!(
            f,
            "{n} examples weighed to look like {}: as good as {size:.0} of equal weight, the largest weight {largest:.2}; ",
            self.target
        )?;
        f.write_str(
            "right only where the same input still has the same labels, which needs labels to see",
        )
    }
}
