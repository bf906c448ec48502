//! Weights of `BPNet`.

use super::naming::{TRAINED, beside, load, of_keras, of_layers, weight_names};
use crate::Result;
use crate::network::weights::mapping::Rule;
use crate::network::{BpNet, Loaded, Mapping};
use std::path::Path;

impl BpNet {
    /// Returns where the tensors of bpnet-lite go: `iconv`, `rconvs.0` and so on, `fconv`, `linear`; with
    /// [`basepairmodels`](Self::basepairmodels) those of HDF5 of that package, `main_conv_0` to `logcounts_predictions`, with its controls as zero.
    ///
    /// That package saves whole models: `torch.save(torch.load(path, weights_only=False).state_dict(), "weights.pth")` in Python, where it is
    /// installed, makes a file that can be read. A model with control tracks has wider heads; [`Mapping::zero_controls`] reads it as
    /// if the controls were zero.
    ///
    /// # Errors
    ///
    /// Fails when the layers do not fit together.
    pub fn mapping(&self) -> Result<Mapping> {
        let weights = weight_names(&self.architecture())?;
        if self.is_basepairmodels() {
            let blocks = weights.len() / TRAINED.len() - 5;
            let pairs = beside(basepairmodels(blocks), &weights);
            let mapping = Mapping::new(Rule::Named(vec![vec![pairs]]));
            // The count head reads the logarithm of the control's counts and 2.
            return Ok(mapping.controls(f64::ln(2.0)));
        }
        let blocks = weights.len() / TRAINED.len() - 3;
        let middle = (0..blocks).map(|block| format!("rconvs.{block}"));
        let mut layers = vec!["iconv".to_owned()];
        layers.extend(middle);
        layers.extend(["fconv".to_owned(), "linear".to_owned()]);
        let layers: Vec<(&str, &[&str])> = layers
            .iter()
            .map(|name| (name.as_str(), &TRAINED[..]))
            .collect();
        let pairs = beside(of_layers(&layers), &weights);
        Ok(Mapping::new(Rule::Named(vec![vec![pairs]])))
    }

    /// Reads the weights of a model of bpnet-lite without control tracks.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read, or a tensor is missing or has another shape than with these sizes.
    pub fn load(&self, path: impl AsRef<Path>) -> Result<Loaded> {
        load(&self.build()?, &self.mapping()?, path.as_ref())
    }
}

/// The names of all weights of a model of `basepairmodels`, in the order of ours.
fn basepairmodels(blocks: usize) -> Vec<String> {
    let mut layers = vec!["main_conv_0".to_owned()];
    layers.extend((1..=blocks).map(|block| format!("main_dil_conv_{block}")));
    let heads = [
        "main_profile_head",
        "profile_predictions",
        "main_counts_head",
        "logcounts_predictions",
    ];
    layers.extend(heads.map(ToOwned::to_owned));
    of_keras(&layers)
}
