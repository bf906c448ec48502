//! The closed set of layers, and what each of them can do.

use super::survey::Survey;
use super::{
    Activation, Attention, BatchNorm, BothStrands, Branches, Convolution, Crop, Dense, Dropout,
    Flatten, ImageConvolution, LayerNorm, Lstm, Misfit, Parameter, Pass, Pool, PositionalEncoding,
    Residual, RmsNorm, Shape, Softmax, TransposedConvolution, User,
};
use crate::Result;
use candle_core::Tensor;
use std::fmt;

/// One step of a network, as a value: what it does, without its weights.
///
/// `Display` describes the layer in a few words, as the layer table shows it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Layer {
    /// Slides filters over a sequence.
    Convolution(Convolution),
    /// Applies a function to every number.
    Activation(Activation),
    /// Reduces windows of a sequence or an image to one number each.
    Pool(Pool),
    /// Standardises every channel.
    BatchNorm(BatchNorm),
    /// Silences random numbers while training.
    Dropout(Dropout),
    /// Lays channels and positions out in one row.
    Flatten(Flatten),
    /// Mixes all features.
    Dense(Dense),
    /// Cuts positions off both ends.
    Crop(Crop),
    /// Adds the output of some layers to their input.
    Residual(Residual),
    /// Sends one input through several chains.
    Branches(Branches),
    /// Sends a sequence and its other strand through the same layers.
    BothStrands(BothStrands),
    /// Does what a user wrote.
    User(User),
    /// Slides filters over a sequence the other way round: every position draws a filter.
    TransposedConvolution(TransposedConvolution),
    /// Standardises every example or position.
    LayerNorm(LayerNorm),
    /// Gives every example or position the same size.
    RmsNorm(RmsNorm),
    /// Turns numbers into shares.
    Softmax(Softmax),
    /// Carries a memory along a sequence.
    Lstm(Lstm),
    /// Lets every position look at every other.
    Attention(Attention),
    /// Tells positions apart.
    PositionalEncoding(PositionalEncoding),
    /// Slides filters over an image.
    ImageConvolution(ImageConvolution),
}

/// What every kind of layer can do; the enum above is the closed set of them.
pub(crate) trait Step: fmt::Display {
    fn name(&self) -> &'static str;

    /// Checks the options that the user gave, here and in the layers inside.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Returns the shape of the output, or what shape was expected.
    fn output(&self, input: Shape) -> Result<Shape, Misfit>;

    /// Returns the layer's own parameters, without those of the layers inside; the flag tells whether a rectifier follows.
    fn parameters(&self, _input: Shape, _rectified: bool) -> Vec<Parameter> {
        Vec::new()
    }

    /// Notes the layers inside, in the order in which `forward` passes examples through them.
    fn survey(&self, _input: (Shape, bool), _survey: &mut Survey) -> Result<(), Misfit> {
        Ok(())
    }

    fn forward(&self, weights: &[Tensor], x: &Tensor, pass: &mut Pass) -> Result<Tensor>;
}

impl Layer {
    pub(crate) fn step(&self) -> &dyn Step {
        match self {
            Self::Convolution(layer) => layer,
            Self::Activation(layer) => layer,
            Self::Pool(layer) => layer,
            Self::BatchNorm(layer) => layer,
            Self::Dropout(layer) => layer,
            Self::Flatten(layer) => layer,
            Self::Dense(layer) => layer,
            Self::Crop(layer) => layer,
            Self::Residual(layer) => layer,
            Self::Branches(layer) => layer,
            Self::BothStrands(layer) => layer,
            Self::User(layer) => layer,
            Self::TransposedConvolution(layer) => layer,
            Self::LayerNorm(layer) => layer,
            Self::RmsNorm(layer) => layer,
            Self::Softmax(layer) => layer,
            Self::Lstm(layer) => layer,
            Self::Attention(layer) => layer,
            Self::PositionalEncoding(layer) => layer,
            Self::ImageConvolution(layer) => layer,
        }
    }

    /// Tells whether numbers keep the shape of their distribution, so that a rectifier behind this layer counts for the one before.
    pub(crate) fn keeps_distribution(&self) -> bool {
        matches!(
            self,
            Self::BatchNorm(_)
                | Self::LayerNorm(_)
                | Self::RmsNorm(_)
                | Self::Dropout(_)
                | Self::Pool(_)
                | Self::Flatten(_)
        )
    }

    pub(crate) fn is_rectifier(&self) -> bool {
        matches!(
            self,
            Self::Activation(
                Activation::Relu
                    | Activation::LeakyRelu(_)
                    | Activation::Elu(_)
                    | Activation::Gelu
                    | Activation::GeluTanh
                    | Activation::Silu
                    | Activation::Threshold { .. }
            )
        )
    }
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.step().fmt(f)
    }
}

macro_rules! from {
    ($($layer:ident)*) => {
        $(impl From<$layer> for Layer {
            fn from(layer: $layer) -> Self {
                Self::$layer(layer)
            }
        })*
    };
}

from!(Convolution Activation Pool BatchNorm Dropout Flatten Dense Crop Residual Branches BothStrands User);
from!(TransposedConvolution LayerNorm RmsNorm Softmax Lstm Attention PositionalEncoding ImageConvolution);
