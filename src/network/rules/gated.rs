//! Rectifiers that let back only what speaks for the output.

use super::{Rules, ruled};
use crate::network::{Activation, pointwise};
use candle_core::{Result, Tensor};

/// What rectifiers hand back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gated {
    /// Positive numbers, where the rectifier was open: guided backpropagation.
    Guided,
    /// Positive numbers, wherever they come: the deconvolution network.
    Deconvolved,
}

impl Rules for Gated {
    fn activation(&self, activation: Activation, x: &Tensor) -> Result<Tensor> {
        let is_rectifier = match activation {
            Activation::Relu | Activation::Threshold { .. } => true,
            Activation::LeakyRelu(_)
            | Activation::Elu(_)
            | Activation::Gelu
            | Activation::GeluTanh
            | Activation::Silu
            | Activation::Sigmoid
            | Activation::Tanh
            | Activation::Softplus
            | Activation::Exp => false,
        };
        if !is_rectifier {
            return pointwise::apply(activation, x);
        }
        let (gate, out) = (*self, pointwise::apply(activation, &x.detach())?);
        let shut = match activation {
            Activation::Threshold { threshold, .. } => f64::from(threshold),
            _ => 0.0,
        };
        ruled(x, &out, move |x, _, gradient| {
            let positive = gradient.relu()?;
            match gate {
                Self::Deconvolved => Ok(positive),
                Self::Guided => x.gt(shut)?.to_dtype(x.dtype())? * positive,
            }
        })
    }
}
