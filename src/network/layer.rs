//! The closed set of layers, and what each of them can do.

use super::parameters::Parameter;
use super::{Activation, BatchNorm, Convolution, Dense, Dropout, Flatten, Pass, Pool, Shape};
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
    /// Reduces windows of a sequence to one number each.
    Pool(Pool),
    /// Standardises every channel.
    BatchNorm(BatchNorm),
    /// Silences random numbers while training.
    Dropout(Dropout),
    /// Lays channels and positions out in one row.
    Flatten(Flatten),
    /// Mixes all features.
    Dense(Dense),
}

/// What every kind of layer can do; the enum above is the closed set of them.
pub(crate) trait Step: fmt::Display {
    fn name(&self) -> &'static str;

    /// Checks the options that the user gave.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Returns the shape of the output, or what shape was expected.
    fn output(&self, input: Shape) -> Result<Shape, String>;

    fn parameters(&self, _input: Shape, _rectified: bool) -> Vec<Parameter> {
        Vec::new()
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
        }
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

from!(Convolution Activation Pool BatchNorm Dropout Flatten Dense);
