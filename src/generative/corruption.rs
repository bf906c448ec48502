//! What a denoising autoencoder has to undo.

use crate::network::{Shape, UserLayer};
use crate::random::Seed;
use crate::{Error, Result};
use candle_core::Tensor;
use rand::distr::{Bernoulli, Distribution};
use rand_distr::Normal;
use rayon::prelude::*;
use std::fmt;

/// What is done to the input while an autoencoder learns, so that it learns to undo it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Noise {
    /// Nothing.
    #[default]
    None,
    /// Each number becomes 0 with this probability (Vincent et al. 2008, doi:10.1145/1390156.1390294).
    Masking(f64),
    /// A draw of a normal distribution with this standard deviation is added to each number.
    Gaussian(f64),
}

impl Noise {
    pub(super) fn check(self) -> Result<()> {
        match self {
            Self::Masking(share) if !(0.0..1.0).contains(&share) => {
                Err(Error::value("masking", "0 to below 1", share))
            }
            Self::Gaussian(spread) if !spread.is_finite() || spread < 0.0 => {
                let expected = "a standard deviation, at least 0";
                Err(Error::value("noise", expected, spread))
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Display for Noise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no noise"),
            Self::Masking(share) => write!(f, "masking {share}"),
            Self::Gaussian(spread) => write!(f, "Gaussian noise {spread}"),
        }
    }
}

/// The layer that does it, while training only.
#[derive(Debug)]
pub(super) struct Corruption(pub(super) Noise);

/// Changes every number of an example by draws of its own, so that threads do not matter.
fn changed(
    x: &Tensor,
    seed: Seed,
    change: impl Fn(f32, &mut rand_chacha::ChaCha8Rng) -> f32 + Sync,
) -> Result<Tensor> {
    let mut values = x.flatten_all()?.to_vec1::<f32>()?;
    let rows = values.par_chunks_mut(x.dim(1)?.max(1)).enumerate();
    rows.for_each(|(row, values)| {
        let mut generator = seed.indexed(row).generator();
        for value in values {
            *value = change(*value, &mut generator);
        }
    });
    Ok(Tensor::from_vec(values, x.shape(), x.device())?)
}

impl UserLayer for Corruption {
    fn name(&self) -> &'static str {
        "corruption"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> Result<Tensor> {
        Ok(x.clone())
    }

    fn train(&self, _: &[Tensor], x: &Tensor, seed: Seed) -> Result<Tensor> {
        match self.0 {
            Noise::None => Ok(x.clone()),
            Noise::Masking(share) => {
                let masks = Bernoulli::new(share);
                let masks = masks.map_err(|_| Error::value("masking", "0 to below 1", share))?;
                changed(
                    x,
                    seed,
                    |value, generator| {
                        if masks.sample(generator) { 0.0 } else { value }
                    },
                )
            }
            Noise::Gaussian(spread) => {
                let noise = Normal::new(0.0, spread as f32);
                let noise = noise.map_err(|_| Error::value("noise", "at least 0", spread))?;
                changed(x, seed, |value, generator| value + noise.sample(generator))
            }
        }
    }

    fn is_linear(&self) -> bool {
        true
    }
}
