//! Weights of `ChromBPNet`.

use super::naming::{beside, load, of_keras, weight_names};
use crate::Result;
use crate::network::weights::mapping::{Pairs, Rule};
use crate::network::{ChromBpNet, Loaded, Mapping, Tensors};
use std::path::Path;

/// What stands before the names of the accessibility model.
const WITHOUT_BIAS: &str = "wo_bias_";

impl ChromBpNet {
    /// Returns where the tensors of the `chrombpnet` package go: HDF5 of Keras with layers from `wo_bias_bpnet_1st_conv` to
    /// `wo_bias_bpnet_logcount_predictions`, and of the bias model without `wo_bias_`.
    ///
    /// # Errors
    ///
    /// Fails when the layers do not fit together.
    pub fn mapping(&self) -> Result<Mapping> {
        let weights = weight_names(&self.architecture())?;
        let models: Vec<_> = self.models().collect();
        let mut rest = weights.as_slice();
        let mut parts = Vec::new();
        for (index, &(_, blocks)) in models.iter().enumerate() {
            let names = |without_bias| names(blocks, without_bias);
            let count = names(true).len().min(rest.len());
            let (own, others) = rest.split_at(count);
            rest = others;
            // A model alone may be either of the two.
            let ways: Vec<Pairs> = match (models.len(), index) {
                (1, _) => vec![beside(names(true), own), beside(names(false), own)],
                (_, first) => vec![beside(names(first == 0), own)],
            };
            parts.push(ways);
        }
        Ok(Mapping::new(Rule::Named(parts)))
    }

    /// Reads the weights of both models, `chrombpnet.h5`, or with [`without_bias`](Self::without_bias) of one, `chrombpnet_nobias.h5` or
    /// `bias.h5`.
    ///
    /// # Errors
    ///
    /// Fails when the file cannot be read, or a tensor is missing or has another shape than with these sizes.
    pub fn load(&self, path: impl AsRef<Path>) -> Result<Loaded> {
        load(&self.build()?, &self.mapping()?, path.as_ref())
    }

    /// Reads the weights of both models from a file each, `chrombpnet_nobias.h5` and `bias.h5`.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub fn load_both(
        &self,
        accessibility: impl AsRef<Path>,
        bias: impl AsRef<Path>,
    ) -> Result<Loaded> {
        let both = Tensors::read(accessibility)?.and(&Tensors::read(bias)?)?;
        self.build()?.load_tensors(&both, &self.mapping()?)
    }
}

/// The names of all weights of a model, in the order of ours.
fn names(blocks: usize, without_bias: bool) -> Vec<String> {
    let before = if without_bias { WITHOUT_BIAS } else { "" };
    // The heads of the bias model have plainer names.
    let head = if without_bias { "wo_bias_bpnet_" } else { "" };
    let mut layers = vec![format!("{before}bpnet_1st_conv")];
    layers.extend((1..=blocks).map(|block| format!("{before}bpnet_{block}conv")));
    layers.push(format!("{head}prof_out_precrop"));
    layers.push(format!("{head}logcount_predictions"));
    of_keras(&layers)
}
