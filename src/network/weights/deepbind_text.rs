//! The tensors of a DeepBind parameter file.

use super::allowance::Allowance;
use super::tensors::Stored;
use crate::Result;
use crate::network::published_file::PublishedFile;
use candle_core::Device;

/// What the file calls the weights and biases of a layer.
const NAMES: [[&str; 2]; 3] = [
    ["detectors", "thresholds"],
    ["weights1", "biases1"],
    ["weights2", "biases2"],
];

/// Reads the numbers under the names of the file; filters get the shape `(detectors, 4, width)`, dense weights `(inputs, outputs)`.
pub(super) fn read(bytes: &[u8], allowance: &mut Allowance) -> Result<Vec<Stored>> {
    let file = PublishedFile::parse(allowance.origin(), bytes)?;
    let layers = file.layers(&Device::Cpu)?.into_iter();
    let tensors = layers.flat_map(|(weights, biases)| [weights, biases]);
    let stored = NAMES.as_flattened().iter().zip(tensors);
    let stored = stored.map(|(name, tensor)| {
        allowance.take(name, tensor.dims(), 4)?;
        Ok(Stored {
            name: (*name).into(),
            kind: "float32",
            tensor,
        })
    });
    stored.collect()
}
