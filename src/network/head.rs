//! The last dense layer, and the network in front of it.

use super::{Layer, Network, to_dimension};
use crate::{Error, Result};
use ndarray::Array2;

/// A network that is cut in front of its last dense layer.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    /// Gives the features that the layer reads.
    pub(crate) body: Network,
    /// What the layer makes of them, shape `(outputs, features)`.
    pub(crate) weight: Array2<f32>,
}

impl Head {
    /// Cuts a network; activations and dropout may follow the dense layer.
    ///
    /// # Errors
    ///
    /// Fails when another layer is the last.
    pub(crate) fn of(network: &Network) -> Result<Self> {
        let layers = network.architecture().layers();
        let follows = |layer: &Layer| {
            matches!(
                layer,
                Layer::Activation(_) | Layer::Dropout(_) | Layer::Softmax(_)
            )
        };
        let last = layers.iter().rposition(|layer| !follows(layer));
        let (Some(last), Some(Layer::Dense(_))) = (last, last.map(|last| &layers[last])) else {
            let got = match last {
                Some(last) => format!("one whose last layer is {}", layers[last]),
                None => "one without layers".into(),
            };
            return Err(Error::value(
                "model",
                "a network whose last layer is dense",
                got,
            ));
        };
        let body = network.first_layers(last);
        let weight = to_dimension(&network.tensors()[body.tensors().len()])?;
        Ok(Self { body, weight })
    }
}
