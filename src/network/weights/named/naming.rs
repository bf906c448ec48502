//! Names in files, side by side with those of a network.

use crate::Result;
use crate::network::weights::mapping::Pairs;
use crate::network::{Architecture, Loaded, Mapping, Network, Tensors};
use std::path::Path;

/// The names of a layer's weight and bias in `PyTorch`.
pub(super) const TRAINED: [&str; 2] = ["weight", "bias"];

/// The names of all that a batch norm of `PyTorch` holds.
pub(super) const NORM: [&str; 4] = ["weight", "bias", "running_mean", "running_var"];

/// Puts layers before names: `0.weight`, `0.bias`.
pub(super) fn of_layers(layers: &[(&str, &[&str])]) -> Vec<String> {
    let names = layers.iter().flat_map(|(layer, weights)| {
        weights
            .iter()
            .map(move |weight| format!("{layer}.{weight}"))
    });
    names.collect()
}

/// Puts layers before the names that Keras gives weights: `dense/kernel`, `dense/bias`.
pub(super) fn of_keras(layers: &[String]) -> Vec<String> {
    let names = layers
        .iter()
        .flat_map(|layer| ["kernel", "bias"].map(|weight| format!("{layer}/{weight}")));
    names.collect()
}

/// Returns the names of all weights of an architecture.
pub(super) fn weight_names(architecture: &Architecture) -> Result<Vec<String>> {
    let parts = architecture.parts()?;
    let names = parts.iter().flat_map(|part| {
        let own = part.parameters.iter();
        own.map(|parameter| format!("{}.{}", part.name, parameter.name()))
    });
    Ok(names.collect())
}

/// Puts names in a file beside those of weights, both in the order of the network.
pub(super) fn beside(names: Vec<String>, weights: &[String]) -> Pairs {
    names.into_iter().zip(weights.iter().cloned()).collect()
}

pub(super) fn load(network: &Network, mapping: &Mapping, path: &Path) -> Result<Loaded> {
    network.load_tensors(&Tensors::read(path)?, mapping)
}
