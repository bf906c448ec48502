//! What training makes small.

use crate::network::{Activation, activate};
use crate::{Error, Result};
use candle_core::Tensor;
use ndarray::Array1;

/// What training makes small, as a mean over the examples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Loss {
    /// Binary cross-entropy of raw scores and labels 0 or 1, computed without overflow, in nats.
    #[default]
    CrossEntropy,
    /// The squared difference of raw scores and labels of any size.
    SquaredError,
}

impl Loss {
    /// Computes the loss from scores, labels and weights of shape `(n)`.
    pub(crate) fn compute(
        self,
        scores: &Tensor,
        labels: &Tensor,
        weights: &Tensor,
    ) -> Result<Tensor> {
        let each = match self {
            Self::CrossEntropy => (activate(Activation::Softplus, scores)? - (scores * labels)?)?,
            Self::SquaredError => (scores - labels)?.sqr()?,
        };
        Ok((each * weights)?.mean_all()?)
    }

    /// Computes the same in double precision, without gradients.
    pub(crate) fn value(self, scores: &[f32], labels: &[f32], weights: &[f32]) -> f64 {
        let each = scores.iter().zip(labels).map(|(&score, &label)| {
            let (score, label) = (f64::from(score), f64::from(label));
            match self {
                Self::CrossEntropy => score.max(0.0) + (-score.abs()).exp().ln_1p() - score * label,
                Self::SquaredError => (score - label).powi(2),
            }
        });
        let sum: f64 = each
            .zip(weights)
            .map(|(loss, &weight)| loss * f64::from(weight))
            .sum();
        sum / scores.len() as f64
    }

    pub(crate) fn check(self, labels: &Array1<f32>) -> Result<()> {
        if let Some(index) = labels.iter().position(|label| !label.is_finite()) {
            let got = format!("{} at position {index}", labels[index]);
            return Err(Error::value("labels", "finite", got));
        }
        if self == Self::SquaredError {
            return Ok(());
        }
        if let Some(label) = labels.iter().find(|&&label| label != 0.0 && label != 1.0) {
            return Err(Error::value(
                "labels",
                "only 0 and 1 for cross-entropy",
                label,
            ));
        }
        let ones = labels.iter().filter(|&&label| label == 1.0).count();
        if ones == 0 || ones == labels.len() {
            let got = format!("{ones} ones, {} zeros", labels.len() - ones);
            return Err(Error::value("labels", "both 0 and 1", got));
        }
        Ok(())
    }
}
