//! Functions of one number.

use super::layer::Step;
use super::pointwise;
use super::{Pass, Shape};
use crate::{Error, Result};
use candle_core::Tensor;
use std::fmt;

/// A function that is applied to every number.
///
/// Where a function has a kink, the slope there is `PyTorch`'s: 0 for the rectifier at 0.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Activation {
    /// `max(x, 0)`.
    Relu,
    /// `x` above 0, this slope times `x` below.
    LeakyRelu(f32),
    /// `x` above 0, `a (exp(x) - 1)` below.
    Elu(f32),
    /// `x` times the normal distribution function at `x`, exactly (Hendrycks and Gimpel 2016, <https://arxiv.org/abs/1606.08415>).
    Gelu,
    /// `x` times the sigmoid of `x`.
    Silu,
    /// `1 / (1 + exp(-x))`.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
    /// `ln(1 + exp(x))`.
    Softplus,
}

impl Activation {
    /// Computes the function at one point.
    pub fn value(self, x: f32) -> f32 {
        match self {
            Self::Relu => x.max(0.0),
            Self::LeakyRelu(slope) => {
                if x > 0.0 {
                    x
                } else {
                    slope * x
                }
            }
            Self::Elu(scale) => {
                if x > 0.0 {
                    x
                } else {
                    scale * x.exp_m1()
                }
            }
            Self::Gelu => x * normal(x),
            Self::Silu => x * sigmoid(x),
            Self::Sigmoid => sigmoid(x),
            Self::Tanh => x.tanh(),
            Self::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
        }
    }

    /// Computes the slope of the function at one point.
    pub fn slope(self, x: f32) -> f32 {
        match self {
            Self::Relu => f32::from(u8::from(x > 0.0)),
            Self::LeakyRelu(slope) => {
                if x > 0.0 {
                    1.0
                } else {
                    slope
                }
            }
            Self::Elu(scale) => {
                if x > 0.0 {
                    1.0
                } else {
                    scale * x.exp()
                }
            }
            Self::Gelu => normal(x) + x * (-0.5 * x * x).exp() * 0.398_942_3,
            Self::Silu => {
                let sigmoid = sigmoid(x);
                sigmoid * (1.0 + x * (1.0 - sigmoid))
            }
            Self::Sigmoid => {
                let sigmoid = sigmoid(x);
                sigmoid * (1.0 - sigmoid)
            }
            Self::Tanh => {
                let tanh = x.tanh();
                1.0 - tanh * tanh
            }
            Self::Softplus => sigmoid(x),
        }
    }
}

/// Computes `1 / (1 + exp(-x))` without overflow.
pub(crate) fn sigmoid(x: f32) -> f32 {
    let small = (-x.abs()).exp();
    if x >= 0.0 {
        1.0 / (1.0 + small)
    } else {
        small / (1.0 + small)
    }
}

/// The standard normal distribution function.
fn normal(x: f32) -> f32 {
    0.5 * (1.0 + candle_core::cpu::erf::erf_f32(x * std::f32::consts::FRAC_1_SQRT_2))
}

impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Relu => f.write_str("ReLU"),
            Self::LeakyRelu(slope) => write!(f, "leaky ReLU {slope}"),
            Self::Elu(scale) => write!(f, "ELU {scale}"),
            Self::Gelu => f.write_str("GELU"),
            Self::Silu => f.write_str("SiLU"),
            Self::Sigmoid => f.write_str("sigmoid"),
            Self::Tanh => f.write_str("tanh"),
            Self::Softplus => f.write_str("softplus"),
        }
    }
}

impl Step for Activation {
    fn name(&self) -> &'static str {
        "activation"
    }

    fn check(&self) -> Result<()> {
        match self {
            Self::LeakyRelu(value) | Self::Elu(value) if !value.is_finite() => {
                Err(Error::value("activation", "a finite constant", value))
            }
            _ => Ok(()),
        }
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }

    fn forward(&self, _: &[Tensor], x: &Tensor, _: &mut Pass) -> Result<Tensor> {
        Ok(pointwise::apply(*self, x)?)
    }
}
