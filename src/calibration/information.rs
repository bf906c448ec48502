//! What is uncertain in the world and what in the model.

use ndarray::Array2;
use std::fmt;
use std::sync::Arc;

/// The expected surprise (entropy, in nats) of every prediction in its parts; cheap to clone.
///
/// `total = aleatoric + epistemic`: what would remain if the model were known, and what members disagree about, the mutual information
/// of prediction and member (Houlsby et al. 2011, <https://doi.org/10.48550/arXiv.1112.5745>; Depeweg et al. 2018). More data of the same
/// kind shrink the second only.
#[derive(Clone, PartialEq)]
pub struct Information {
    total: Arc<Array2<f64>>,
    aleatoric: Arc<Array2<f64>>,
}

impl Information {
    pub(super) fn new(total: Array2<f64>, aleatoric: Array2<f64>) -> Self {
        Self {
            total: Arc::new(total),
            aleatoric: Arc::new(aleatoric),
        }
    }

    /// Returns the entropy of the mean prediction.
    pub fn total(&self) -> &Array2<f64> {
        &self.total
    }

    /// Returns the mean entropy of the members' predictions.
    pub fn aleatoric(&self) -> &Array2<f64> {
        &self.aleatoric
    }

    /// Returns the mutual information of prediction and member, at least 0.
    pub fn epistemic(&self) -> Array2<f64> {
        (&*self.total - &*self.aleatoric).mapv_into(|part| part.max(0.0))
    }
}

impl fmt::Debug for Information {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Information({} examples)", self.total.nrows())
    }
}
