//! Noise that keeps units from relying on each other.

use super::layer::Step;
use super::operation::{Silence, silence};
use super::{Misfit, Pass, Shape};
use crate::{Error, Result};
use candle_core::Tensor;
use std::fmt;

/// Silences each number with this probability while training, and scales the rest up so that the mean stays.
///
/// In evaluation it does nothing, unless asked for: [`Predict::dropout`](super::Predict::dropout). The shape stays. What is silenced
/// follows from the seed, the step, the layer and the example, never from the order of threads
/// (Srivastava et al. 2014, <https://jmlr.org/papers/v15/srivastava14a.html>).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    rate: f64,
}

impl Dropout {
    /// Describes dropout with this probability of silence, 0 to below 1.
    pub fn new(rate: f64) -> Self {
        Self { rate }
    }

    /// Returns the probability of silence.
    pub fn rate(&self) -> f64 {
        self.rate
    }
}

impl fmt::Display for Dropout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dropout {}", self.rate)
    }
}

impl Step for Dropout {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn check(&self) -> Result<()> {
        if (0.0..1.0).contains(&self.rate) {
            Ok(())
        } else {
            Err(Error::value("rate", "0 to below 1", self.rate))
        }
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        Ok(input)
    }

    fn forward(&self, _: &[Tensor], x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let Some((seed, first)) = pass.noise() else {
            return Ok(x.clone());
        };
        let seed = seed.named("dropout");
        let rate = self.rate;
        Ok(silence(x, Silence { rate, seed, first })?)
    }
}
