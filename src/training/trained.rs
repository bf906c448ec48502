//! A network that has learned.

use super::History;
use crate::Result;
use crate::network::{Model, Network};
use candle_core::{Device, Tensor};
use std::fmt;
use std::path::Path;

/// A network that has learned, and how; cheap to clone.
#[derive(Clone)]
pub struct Trained {
    network: Network,
    history: History,
}

impl Trained {
    pub(crate) fn new(network: Network, history: History) -> Self {
        Self { network, history }
    }

    /// Returns the network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Returns how training went.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Writes the weights to a safetensors file, as [`Network::save`].
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.network.save(path)
    }
}

impl Model for Trained {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        self.network.forward(x)
    }

    fn device(&self) -> &Device {
        self.network.device()
    }

    fn network(&self) -> Option<&Network> {
        Some(&self.network)
    }
}

impl fmt::Debug for Trained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trained({:?}, {:?})", self.network, self.history)
    }
}

impl fmt::Display for Trained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.network, self.history)
    }
}
