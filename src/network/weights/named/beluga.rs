//! Weights of `DeepSEA` Beluga.

use super::naming::{TRAINED, beside, load, of_layers, weight_names};
use crate::Result;
use crate::network::weights::mapping::Rule;
use crate::network::{Beluga, Loaded, Mapping};
use std::path::Path;

impl Beluga {
    /// Returns where the tensors of the `PyTorch` port of the published weights go (a state dict with names from `model.0.0.weight` to
    /// `model.1.4.1.bias`).
    ///
    /// Its letters, A, G, C, T, are put in our order.
    ///
    /// # Errors
    ///
    /// Fails when the layers do not fit together.
    pub fn mapping(&self) -> Result<Mapping> {
        let layers = ["0.0", "0.2", "0.6", "0.8", "0.12", "0.14", "1.2.1", "1.4.1"];
        let layers = layers.map(|layer| (layer, &TRAINED[..]));
        let weights = weight_names(&self.architecture())?;
        let pairs = beside(of_layers(&layers), &weights);
        Ok(Mapping::new(Rule::Named(vec![vec![pairs]])).letters("AGCT"))
    }

    /// Reads published weights, such as `deepsea.beluga.pth`.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read, or a tensor is missing or has another shape than with these sizes.
    pub fn load(&self, path: impl AsRef<Path>) -> Result<Loaded> {
        load(&self.build()?, &self.mapping()?, path.as_ref())
    }
}
