//! How layers are computed when something else than gradients is asked for.

use crate::network::operation::{self, Window};
use crate::network::together::Found;
use crate::network::{Activation, Layer, Pass, Pooling, pointwise};
use candle_core::{D, Result, Tensor};
use std::fmt;

/// How what layers compute is put together, for a [`Pass`] that is asked for something else than gradients.
///
/// What is not told otherwise is computed as always, by operations that candle differentiates.
pub(crate) trait Rules: fmt::Debug + Send + Sync {
    /// Returns the one operation of the first layers where there is one.
    fn at_once(
        &self,
        _layers: &[Layer],
        _x: &Tensor,
        _pass: &mut Pass,
    ) -> crate::Result<Option<Found>> {
        Ok(None)
    }

    /// Passes examples through the first of some layers, or through a few at once; returns what they give, and how many they were.
    fn through(
        &self,
        layers: &[Layer],
        x: &Tensor,
        pass: &mut Pass,
    ) -> crate::Result<(Tensor, usize)> {
        let out = layers[0].step().forward(&pass.weights(), x, pass)?;
        Ok((out, 1))
    }

    fn activation(&self, activation: Activation, x: &Tensor) -> Result<Tensor> {
        pointwise::apply(activation, x)
    }

    /// Computes the largest number of every window, `(n, channels, length)` to `(n, channels, windows)`.
    fn largest(&self, x: &Tensor, windows: Vec<Window>) -> Result<Tensor> {
        operation::pool(x, Pooling::Max, windows)
    }

    /// Computes the larger one of two numbers.
    fn larger(&self, a: &Tensor, b: &Tensor) -> Result<Tensor> {
        a.maximum(b)
    }

    /// Multiplies number by number.
    fn product(&self, a: &Tensor, b: &Tensor) -> Result<Tensor> {
        a * b
    }

    /// Multiplies matrices, all but the last two axes being those of a batch.
    fn matrix_product(&self, a: &Tensor, b: &Tensor) -> Result<Tensor> {
        a.contiguous()?.matmul(&b.contiguous()?)
    }

    /// Computes `1 / sqrt(x)`.
    fn inverse_root(&self, x: &Tensor) -> Result<Tensor> {
        x.sqrt()?.recip()
    }

    /// Computes the logarithm of the sum of exponentials over the last axis, which stays with size 1.
    fn log_sum_exp(&self, x: &Tensor) -> Result<Tensor> {
        x.log_sum_exp(D::Minus1)?.unsqueeze(D::Minus1)
    }

    /// Computes shares along the last axis that add up to one.
    fn softmax(&self, x: &Tensor) -> Result<Tensor> {
        let rest = x.broadcast_sub(&self.log_sum_exp(x)?)?;
        self.activation(Activation::Exp, &rest)
    }
}

/// Everything as always.
#[derive(Debug)]
pub(crate) struct Usual;

impl Rules for Usual {}
