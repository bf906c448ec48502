//! Functions of one number.

use super::layer::Step;
use super::operation::Real;
use super::pointwise;
use super::{Misfit, Pass, Shape};
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
    /// `x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))`, an approximation of [`Gelu`](Self::Gelu) by the same authors.
    GeluTanh,
    /// `exp(x)`, which makes a first layer of filters multiply what they see, as independent letters of a motif do
    /// (Koo and Ploenzke 2021, <https://doi.org/10.1038/s42256-020-00291-x>).
    Exp,
    /// `x` above a threshold, a constant up to it; `DeepSEA` has threshold 0 and value 1e-6.
    Threshold {
        /// The largest number that is replaced.
        threshold: f32,
        /// What replaces it.
        value: f32,
    },
}

impl Activation {
    /// Computes the function at one point.
    pub fn value(self, x: f32) -> f32 {
        self.at(x)
    }

    /// Computes the slope of the function at one point.
    pub fn slope(self, x: f32) -> f32 {
        self.slope_at(x)
    }

    /// Applies the function to every number of a tensor, so that gradients reach it.
    pub(crate) fn apply(self, x: &Tensor) -> candle_core::Result<Tensor> {
        super::pointwise::apply(self, x)
    }

    /// Computes what comes back to `x` when `gradient` comes back to what this made of it.
    pub(crate) fn pull_back(self, x: &Tensor, gradient: &Tensor) -> candle_core::Result<Tensor> {
        super::pointwise::pull_back(self, x, gradient)
    }

    pub(crate) fn at<T: Real>(self, x: T) -> T {
        let (zero, one) = (T::zero(), T::one());
        match self {
            // A comparison with NaN is false: it passes through, as everywhere below.
            Self::Relu => {
                if x < zero {
                    zero
                } else {
                    x
                }
            }
            Self::LeakyRelu(slope) => {
                if x > zero {
                    x
                } else {
                    constant::<T>(slope) * x
                }
            }
            Self::Elu(scale) => {
                if x > zero {
                    x
                } else {
                    constant::<T>(scale) * x.exp_m1()
                }
            }
            Self::Gelu => x * normal(x),
            Self::GeluTanh => {
                let (inner, _) = gelu_inner(x);
                x * (one + inner.tanh()) * T::from_f64(0.5)
            }
            Self::Silu => x * sigmoid(x),
            Self::Sigmoid => sigmoid(x),
            Self::Tanh => x.tanh(),
            Self::Softplus => {
                let positive = if x < zero { zero } else { x };
                positive + (-x.abs()).exp().ln_1p()
            }
            Self::Exp => x.exp(),
            Self::Threshold { threshold, value } => {
                if x <= constant(threshold) {
                    constant(value)
                } else {
                    x
                }
            }
        }
    }

    pub(crate) fn slope_at<T: Real>(self, x: T) -> T {
        let (zero, one) = (T::zero(), T::one());
        let step = |above: bool, below: T| if above { one } else { below };
        match self {
            Self::Relu => step(x > zero, zero),
            Self::LeakyRelu(slope) => step(x > zero, constant(slope)),
            Self::Elu(scale) => {
                if x > zero {
                    one
                } else {
                    constant::<T>(scale) * x.exp()
                }
            }
            Self::Gelu => {
                let density = (x * x * T::from_f64(-0.5)).exp();
                normal(x) + x * density * T::from_f64(0.398_942_280_401_432_7)
            }
            Self::GeluTanh => {
                let (inner, rise) = gelu_inner(x);
                let tanh = inner.tanh();
                (one + tanh + x * (one - tanh * tanh) * rise) * T::from_f64(0.5)
            }
            Self::Silu => {
                let sigmoid = sigmoid(x);
                sigmoid * (one + x * (one - sigmoid))
            }
            Self::Sigmoid => {
                let sigmoid = sigmoid(x);
                sigmoid * (one - sigmoid)
            }
            Self::Tanh => {
                let tanh = x.tanh();
                one - tanh * tanh
            }
            Self::Softplus => sigmoid(x),
            Self::Exp => x.exp(),
            Self::Threshold { threshold, .. } => step(x > constant(threshold), zero),
        }
    }
}

fn constant<T: Real>(value: f32) -> T {
    T::from_f64(f64::from(value))
}

/// Computes `1 / (1 + exp(-x))` without overflow.
pub(crate) fn sigmoid<T: Real>(x: T) -> T {
    let small = (-x.abs()).exp();
    if x >= T::zero() {
        T::one() / (T::one() + small)
    } else {
        small / (T::one() + small)
    }
}

/// The standard normal distribution function.
fn normal<T: Real>(x: T) -> T {
    let scaled = x * T::from_f64(std::f64::consts::FRAC_1_SQRT_2);
    (T::one() + scaled.erf()) * T::from_f64(0.5)
}

/// What the hyperbolic tangent of the approximate GELU is taken of, and the slope of that.
fn gelu_inner<T: Real>(x: T) -> (T, T) {
    // The square root of 2 / pi.
    let root = T::from_f64(0.797_884_560_802_865_4);
    let cube = T::from_f64(0.044_715);
    let square = x * x * cube;
    let inner = root * x * (T::one() + square);
    (inner, root * (T::one() + square * T::from_f64(3.0)))
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
            Self::GeluTanh => f.write_str("GELU, tanh"),
            Self::Exp => f.write_str("exp"),
            Self::Threshold { threshold, value } => {
                write!(f, "threshold {threshold}, value {value}")
            }
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
            Self::Threshold { threshold, value } => {
                let wrong = [threshold, value]
                    .into_iter()
                    .find(|value| !value.is_finite());
                wrong.map_or(Ok(()), |value| {
                    Err(Error::value("activation", "a finite constant", value))
                })
            }
            _ => Ok(()),
        }
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        Ok(input)
    }

    fn forward(&self, _: &[Tensor], x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        if let Some(rules) = pass.rules() {
            return Ok(rules.activation(*self, x)?);
        }
        Ok(pointwise::apply(*self, x)?)
    }
}
