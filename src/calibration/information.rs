//! What is uncertain in the world and what in the model.

use ndarray::Array2;
use std::fmt;
use std::sync::Arc;

/// What is uncertain of every prediction in its parts, as expected surprise (entropy, in nats) or as variance; cheap to clone.
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

    /// Returns the entropy of the mean prediction, or the whole variance.
    pub fn total(&self) -> &Array2<f64> {
        &self.total
    }

    /// Returns the mean entropy of the members' predictions, or the mean variance that they expect.
    pub fn aleatoric(&self) -> &Array2<f64> {
        &self.aleatoric
    }

    /// Returns the mutual information of prediction and member, or the variance among members, at least 0.
    pub fn epistemic(&self) -> Array2<f64> {
        (&*self.total - &*self.aleatoric).mapv_into(|part| part.max(0.0))
    }
}

impl fmt::Debug for Information {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Information({} examples)", self.total.nrows())
    }
}
