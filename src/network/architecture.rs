//! Layers in order, and whether they fit together.

use super::{
    Activation, BatchNorm, Convolution, Dense, Dropout, Flatten, Layer, Network, Pool, Pooling,
    Shape,
};
use crate::random::Seed;
use crate::{Error, Result};

/// The layers of a network in order, before it has weights.
///
/// Every method returns a new value; [`build`](Self::build) checks that the layers fit together and draws the first weights.
///
/// # Examples
///
/// ```
/// use genolens::network::Architecture;
/// # fn main() -> genolens::Result<()> {
/// let network = Architecture::sequences(4)
///     .length(101)
///     .convolution(16, 11)
///     .relu()
///     .max_pool(7)
///     .flatten()
///     .dense(1)
///     .build()?;
/// assert_eq!(network.parameters(), 16 * 4 * 11 + 16 + 16 * 13 + 1);
/// println!("{network}");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Architecture {
    input: Shape,
    layers: Vec<Layer>,
    seed: Seed,
}

impl Architecture {
    /// Begins a network that reads `(n, channels, length)` of any length; DNA has 4 channels.
    pub fn sequences(channels: usize) -> Self {
        Self::from_shape(Shape::Sequence {
            channels,
            length: None,
        })
    }

    /// Begins a network that reads `(n, features)`.
    pub fn features(features: usize) -> Self {
        Self::from_shape(Shape::Features(features))
    }

    fn from_shape(input: Shape) -> Self {
        Self {
            input,
            layers: Vec::new(),
            seed: Seed::default(),
        }
    }

    /// Fixes the length of the sequences, which [`flatten`](Self::flatten) needs to know.
    pub fn length(mut self, length: usize) -> Self {
        if let Shape::Sequence { length: slot, .. } = &mut self.input {
            *slot = Some(length);
        }
        self
    }

    /// Sets the seed of the first weights.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Adds a layer with all its options.
    pub fn then(mut self, layer: impl Into<Layer>) -> Self {
        self.layers.push(layer.into());
        self
    }

    /// Adds filters of this width that stay inside the sequence.
    pub fn convolution(self, filters: usize, width: usize) -> Self {
        self.then(Convolution::new(filters, width))
    }

    /// Adds an activation function.
    pub fn activation(self, activation: Activation) -> Self {
        self.then(activation)
    }

    /// Adds a rectifier.
    pub fn relu(self) -> Self {
        self.then(Activation::Relu)
    }

    /// Adds a batch norm.
    pub fn batch_norm(self) -> Self {
        self.then(BatchNorm::new())
    }

    /// Adds dropout with this probability of silence.
    pub fn dropout(self, rate: f64) -> Self {
        self.then(Dropout::new(rate))
    }

    /// Adds the maximum of windows side by side.
    pub fn max_pool(self, width: usize) -> Self {
        self.then(Pool::local(Pooling::Max, width))
    }

    /// Adds the mean of windows side by side.
    pub fn average_pool(self, width: usize) -> Self {
        self.then(Pool::local(Pooling::Average, width))
    }

    /// Adds the maximum over the whole sequence.
    pub fn global_max_pool(self) -> Self {
        self.then(Pool::global(Pooling::Max))
    }

    /// Adds the mean over the whole sequence.
    pub fn global_average_pool(self) -> Self {
        self.then(Pool::global(Pooling::Average))
    }

    /// Adds the step from positions to one row of features.
    pub fn flatten(self) -> Self {
        self.then(Flatten)
    }

    /// Adds a dense layer.
    pub fn dense(self, outputs: usize) -> Self {
        self.then(Dense::new(outputs))
    }

    /// Returns the layers in order.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Returns the shape of the input.
    pub fn input(&self) -> Shape {
        self.input
    }

    /// Checks that the layers fit together and draws the first weights.
    ///
    /// A layer that a rectifier follows is drawn as He et al. propose, any other as Glorot and Bengio do; biases begin at 0.
    ///
    /// # Errors
    ///
    /// Names the first layer whose options make no sense or whose input has the wrong shape.
    pub fn build(&self) -> Result<Network> {
        if self.channels() == 0 {
            return Err(Error::value("channels", "at least 1", 0));
        }
        Network::draw(self)
    }

    fn channels(&self) -> usize {
        match self.input {
            Shape::Sequence { channels, .. } => channels,
            Shape::Features(features) => features,
        }
    }

    pub(crate) fn first_seed(&self) -> Seed {
        self.seed
    }

    /// Returns the input of every layer, and the output of the last, for an input of this shape.
    pub(crate) fn shapes(&self, input: Shape) -> Result<Vec<Shape>> {
        let mut shapes = vec![input];
        let mut shape = input;
        for (index, layer) in self.layers.iter().enumerate() {
            let step = layer.step();
            shape = step.output(shape).map_err(|expected| Error::Shape {
                argument: format!("input of layer {index} ({layer})"),
                expected,
                got: shape.to_string(),
            })?;
            shapes.push(shape);
        }
        Ok(shapes)
    }

    /// Tells whether a rectifier follows a layer, perhaps after layers that keep the shape of a distribution.
    pub(crate) fn is_rectified(&self, index: usize) -> bool {
        self.layers[index + 1..]
            .iter()
            .find(|layer| {
                !matches!(
                    layer,
                    Layer::BatchNorm(_) | Layer::Dropout(_) | Layer::Pool(_) | Layer::Flatten(_)
                )
            })
            .is_some_and(|layer| {
                matches!(
                    layer,
                    Layer::Activation(
                        Activation::Relu
                            | Activation::LeakyRelu(_)
                            | Activation::Elu(_)
                            | Activation::Gelu
                            | Activation::GeluTanh
                            | Activation::Silu
                            | Activation::Threshold { .. }
                    )
                )
            })
    }
}
