//! Layers in order, and whether they fit together.

use super::builders::builders;
use super::sizes::{MOST, check_sizes};
use super::survey::{Part, Survey};
use super::{Chain, Layer, Network, Shape, Summary, default_device};
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
    chain: Chain,
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

    /// Begins a network that reads `(n, channels, height, width)`; a grey image has one channel.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::network::Architecture;
    /// # fn main() -> genolens::Result<()> {
    /// let network = Architecture::images(1, 28, 28)
    ///     .image_convolution(8, 5)
    ///     .relu()
    ///     .max_pool(2)
    ///     .flatten()
    ///     .dense(10)
    ///     .build()?;
    /// assert_eq!(network.summary().rows()[3].output, "(n, 8, 12, 12)");
    /// # Ok(()) }
    /// ```
    pub fn images(channels: usize, height: usize, width: usize) -> Self {
        Self::from_shape(Shape::Image {
            channels,
            height,
            width,
        })
    }

    /// Begins a network that reads `(n, features)`.
    pub fn features(features: usize) -> Self {
        Self::from_shape(Shape::Features(features))
    }

    fn from_shape(input: Shape) -> Self {
        Self {
            input,
            chain: Chain::new(),
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
        self.chain = self.chain.then(layer);
        self
    }

    /// Returns the layers in order.
    pub fn layers(&self) -> &[Layer] {
        self.chain.layers()
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
        Network::draw(self, &default_device())
    }

    /// Returns the layer table, without drawing any weights.
    ///
    /// # Errors
    ///
    /// As [`build`](Self::build).
    pub fn summary(&self) -> Result<Summary> {
        Ok(Summary::of(self.input, &self.parts()?))
    }

    /// Returns all layers at their places, checked.
    pub(crate) fn parts(&self) -> Result<Vec<Part>> {
        check_sizes(&[("channels", self.input.channels())])?;
        self.chain.check()?;
        if let Shape::Image { height, width, .. } = self.input {
            check_sizes(&[("height", height), ("width", width)])?;
            let bounded = self.input.bounded();
            let expected = format!("at most {MOST} numbers of one example");
            bounded.map_err(|_| Error::value("input", expected, self.input))?;
        }
        self.accept(self.input)?;
        if let Shape::Sequence {
            length: Some(length),
            ..
        } = self.input
        {
            check_sizes(&[("length", length)])?;
        }
        let mut survey = Survey::default();
        self.chain.survey((self.input, false), &mut survey)?;
        let parts = survey.into_parts();
        parts.iter().try_for_each(Part::check)?;
        Ok(parts)
    }

    /// Returns the first layers alone.
    pub(crate) fn first_layers(&self, layers: usize) -> Self {
        let first = self.layers().iter().take(layers).cloned();
        Self {
            chain: first.fold(Chain::new(), Chain::then),
            ..self.clone()
        }
    }

    /// Returns the last layers alone.
    pub(crate) fn last_layers(&self, layers: usize) -> Result<Self> {
        let before = self.layers().len().saturating_sub(layers);
        let input = self.first_layers(before).chain.output(self.input)?;
        let last = self.layers().iter().skip(before).cloned();
        Ok(Self {
            input,
            chain: last.fold(Chain::new(), Chain::then),
            seed: self.seed,
        })
    }

    pub(crate) fn first_seed(&self) -> Seed {
        self.seed
    }

    /// Returns the layers as a chain, to put them into another network.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Checks that the layers can read an input of this shape.
    ///
    /// Where a sequence is too short, the error says which layer has nothing left and how long a sequence it takes.
    pub(crate) fn accept(&self, input: Shape) -> Result<()> {
        let Err(misfit) = self.chain.output(input) else {
            return Ok(());
        };
        let shortest = match input {
            Shape::Sequence {
                channels,
                length: Some(length),
            } => self.shortest(channels, length),
            _ => None,
        };
        Err(match shortest {
            Some(shortest) => misfit.with_shortest(shortest).into(),
            None => misfit.into(),
        })
    }

    /// Finds the shortest sequence above this length that the layers can read.
    fn shortest(&self, channels: usize, above: usize) -> Option<usize> {
        const FAR: usize = 1 << 24;
        let reads = |length: usize| {
            let length = Some(length);
            self.chain
                .output(Shape::Sequence { channels, length })
                .is_ok()
        };
        let mut below = above;
        let mut length = above.max(1);
        while !reads(length) {
            below = length;
            length *= 2;
            if length > FAR {
                return None;
            }
        }
        while length - below > 1 {
            let middle = usize::midpoint(below, length);
            if reads(middle) {
                length = middle;
            } else {
                below = middle;
            }
        }
        Some(length)
    }
}

builders!(Architecture);
