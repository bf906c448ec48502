//! What a weight is for, as far as files write it down differently.

use crate::network::{Layer, Network, Shape};
use std::collections::HashMap;

/// A weight of a network that a tensor of a file can become.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
    pub(super) role: Role,
    /// Whether its layer reads what the network is given.
    pub(super) first: bool,
}

/// Channels and positions of a sequence, or pixels of an image, that was laid out in one row.
pub(super) type Flattened = Option<(usize, usize)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Filters `(filters, channels, width)`.
    Kernel,
    /// Filters `(filters, channels, height, width)`.
    ImageKernel,
    /// A weight `(outputs, inputs)`.
    Dense(Flattened),
    /// A weight `(gates, inputs)` of a memory.
    Gates,
    /// One number an output or a feature.
    Vector(Flattened),
    Other,
}

/// Returns all weights of a network in its order.
pub(super) fn slots(network: &Network) -> Vec<Slot> {
    let mut slots = Vec::new();
    // By the place of their chain: what the last layer gave, and whether that was laid out in one row.
    let mut outputs: HashMap<&str, Shape> = HashMap::from([("", network.architecture().input())]);
    let mut rows: HashMap<&str, Flattened> = HashMap::new();
    for part in network.parts() {
        let chain = part.number.rsplit_once('.').map_or("", |(chain, _)| chain);
        let row = row(&rows, chain);
        let (dense, norm) = match part.layer {
            Layer::Flatten(_) => {
                let flattened = match outputs.get(chain) {
                    Some(&Shape::Sequence {
                        channels,
                        length: Some(length),
                    }) if channels > 1 && length > 1 => Some((channels, length)),
                    Some(&Shape::Image {
                        channels,
                        height,
                        width,
                    }) if channels > 1 && height * width > 1 => Some((channels, height * width)),
                    _ => None,
                };
                rows.insert(chain, flattened);
                (None, None)
            }
            Layer::Dense(_) => {
                rows.insert(chain, None);
                (row, None)
            }
            Layer::BatchNorm(_) | Layer::LayerNorm(_) | Layer::RmsNorm(_) => (None, row),
            _ => (None, None),
        };
        for parameter in &part.parameters {
            let shape = parameter.shape().to_vec();
            let role = match (&part.layer, shape.len()) {
                (Layer::Convolution(_), 3) => Role::Kernel,
                (Layer::ImageConvolution(_), 4) => Role::ImageKernel,
                (Layer::Dense(_), 2) => Role::Dense(dense),
                (Layer::Lstm(_), 2) => Role::Gates,
                (_, 1) => Role::Vector(norm),
                _ => Role::Other,
            };
            slots.push(Slot {
                name: format!("{}.{}", part.name, parameter.name()),
                shape,
                role,
                first: is_first(&part.name),
            });
        }
        outputs.insert(chain, part.output);
    }
    slots
}

/// Returns what was laid out in one row in this chain or, before anything was in it, in the one around it.
fn row(rows: &HashMap<&str, Flattened>, chain: &str) -> Flattened {
    let mut chain = chain;
    loop {
        if let Some(row) = rows.get(chain) {
            return *row;
        }
        chain = chain.rsplit_once('.')?.0;
    }
}

/// Tells whether nothing stands before a layer: all layers on the way to it are the first of their chains.
fn is_first(name: &str) -> bool {
    let words: Vec<&str> = name.split('.').collect();
    let number = |word: &str| word.parse::<usize>().ok();
    // A number before a kind counts layers, any other counts chains.
    let layers = words.windows(2).filter(|pair| number(pair[1]).is_none());
    let mut layers = layers.filter_map(|pair| number(pair[0]));
    layers.all(|layer| layer == 0)
}
