//! Weights of `DeepSEA`.

use super::naming::{TRAINED, beside, load, of_layers, weight_names};
use crate::Result;
use crate::network::weights::mapping::Rule;
use crate::network::{DeepSea, Loaded, Mapping};
use std::path::Path;

impl DeepSea {
    /// Returns where the tensors of the `PyTorch` port of the published weights go (a state dict with names from `0.weight` to `14.1.bias`).
    ///
    /// Its letters, A, G, C, T, are put in our order.
    ///
    /// # Errors
    ///
    /// Fails when the layers do not fit together.
    pub fn mapping(&self) -> Result<Mapping> {
        let layers = ["0", "4", "8", "12.1", "14.1"].map(|layer| (layer, &TRAINED[..]));
        let weights = weight_names(&self.architecture())?;
        let pairs = beside(of_layers(&layers), &weights);
        Ok(Mapping::new(Rule::Named(vec![vec![pairs]])).letters("AGCT"))
    }

    /// Reads published weights, such as the `.pth` file of the Kipoi model zoo.
    ///
    /// The published predictions are the means of both strands, in probabilities; the network gives raw scores of one.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read, or a tensor is missing or has another shape than with these sizes.
    pub fn load(&self, path: impl AsRef<Path>) -> Result<Loaded> {
        load(&self.build()?, &self.mapping()?, path.as_ref())
    }
}
