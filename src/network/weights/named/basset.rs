//! Weights of Basset.

use super::naming::{NORM, TRAINED, beside, load, of_layers, weight_names};
use crate::Result;
use crate::network::weights::mapping::Rule;
use crate::network::{Basset, Loaded, Mapping};
use std::path::Path;

impl Basset {
    /// Returns where the tensors of the `PyTorch` port of the published weights go (a state dict with names from `0.weight` to `21.1.bias`).
    ///
    /// That port does not pad its convolutions, and its pools round up; letters are A, C, G, T.
    ///
    /// # Errors
    ///
    /// Fails when the layers do not fit together.
    pub fn mapping(&self) -> Result<Mapping> {
        let layers: [(&str, &[&str]); 11] = [
            ("0", &TRAINED),
            ("1", &NORM),
            ("4", &TRAINED),
            ("5", &NORM),
            ("8", &TRAINED),
            ("9", &NORM),
            ("13.1", &TRAINED),
            ("14", &NORM),
            ("17.1", &TRAINED),
            ("18", &NORM),
            ("21.1", &TRAINED),
        ];
        let weights = weight_names(&self.architecture())?;
        let pairs = beside(of_layers(&layers), &weights);
        Ok(Mapping::new(Rule::Named(vec![vec![pairs]])))
    }

    /// Reads published weights, such as the `.pth` file of the Kipoi model zoo.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read, or a tensor is missing or has another shape than with these sizes.
    pub fn load(&self, path: impl AsRef<Path>) -> Result<Loaded> {
        load(&self.build()?, &self.mapping()?, path.as_ref())
    }
}
