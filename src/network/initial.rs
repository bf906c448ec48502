//! First weights, drawn from a seed.

use crate::Result;
use crate::random::Seed;
use candle_core::{Device, Tensor};
use rand_chacha::rand_core::Rng;

/// How the first values of a parameter are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Initial {
    /// Uniform in ±sqrt(6 / inputs), for a layer that a rectifier follows (He et al. 2015, doi:10.1109/ICCV.2015.123).
    He { inputs: usize },
    /// Uniform in ±sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010).
    Glorot { inputs: usize, outputs: usize },
    /// Uniform in ± this bound.
    Uniform { bound: f64 },
    /// The same value everywhere.
    Constant(f32),
}

impl Initial {
    pub(crate) fn draw(self, shape: &[usize], seed: Seed) -> Result<Tensor> {
        let count = shape.iter().product();
        let bound = match self {
            Self::Constant(value) => {
                return Ok(Tensor::full(value, shape, &Device::Cpu)?);
            }
            Self::Uniform { bound } => bound,
            Self::He { inputs } => (6.0 / inputs as f64).sqrt(),
            Self::Glorot { inputs, outputs } => (6.0 / (inputs + outputs) as f64).sqrt(),
        };
        let mut generator = seed.generator();
        let values: Vec<f32> = (0..count)
            .map(|_| ((unit(generator.next_u32()) * 2.0 - 1.0) * bound) as f32)
            .collect();
        Ok(Tensor::from_vec(values, shape, &Device::Cpu)?)
    }
}

/// Maps 32 random bits to the middle of one of 2^32 equal steps of (0, 1).
pub(crate) fn unit(bits: u32) -> f64 {
    (f64::from(bits) + 0.5) / 4_294_967_296.0
}
