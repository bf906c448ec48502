//! A network that has learned from several environments.

use super::environments::Objective;
use crate::network::Network;
use ndarray::{Array1, Array2};
use std::fmt;
use std::sync::Arc;

/// A network that has learned from several environments, and how; cheap to clone.
#[derive(Clone)]
pub struct EnvironmentFit {
    network: Network,
    names: Arc<[String]>,
    losses: Arc<Array2<f64>>,
    shares: Arc<[f64]>,
    objective: Objective,
}

impl EnvironmentFit {
    pub(super) fn new(
        network: Network,
        (names, history, shares): (&[String], &[Vec<f64>], &Array1<f64>),
        objective: Objective,
    ) -> Self {
        let dim = (history.len(), names.len());
        let losses = Array2::from_shape_fn(dim, |(epoch, environment)| history[epoch][environment]);
        Self {
            network,
            names: names.into(),
            losses: Arc::new(losses),
            shares: shares.to_vec().into(),
            objective,
        }
    }

    /// Returns the network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Returns the names of the environments, in the order of the columns of [`losses`](Self::losses).
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the mean loss of every epoch in every environment, shape `(epochs, environments)`.
    pub fn losses(&self) -> &Array2<f64> {
        &self.losses
    }

    /// Returns how much each environment counted in the end; the same for all but with [`Objective::GroupDro`].
    pub fn shares(&self) -> Array1<f64> {
        self.shares.iter().copied().collect()
    }
}

impl fmt::Debug for EnvironmentFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "EnvironmentFit({} environments, {})",
            self.names.len(),
            self.objective
        )
    }
}

impl fmt::Display for EnvironmentFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} epochs", self.objective, self.losses.nrows())?;
        let last = self.losses.nrows().saturating_sub(1);
        for (environment, name) in self.names.iter().enumerate() {
            write!(
                f,
                "\n{name}: loss {:.4}, share {:.3}",
                self.losses[[last, environment]],
                self.shares[environment]
            )?;
        }
        Ok(())
    }
}
