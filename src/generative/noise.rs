//! Noise that does not depend on who draws it.

use crate::random::Seed;
use rand::distr::Distribution;
use rand_distr::StandardNormal;

/// Draws numbers of the standard normal for examples, `(examples, dimensions)` row by row, each from a seed of its own; the first example
/// has this place among all.
pub(super) fn standard_normal(
    (examples, dimensions): (usize, usize),
    (seed, first): (Seed, usize),
) -> Vec<f32> {
    let mut noise = Vec::with_capacity(examples * dimensions);
    for example in first..first + examples {
        let mut generator = seed.indexed(example).generator();
        noise.extend((0..dimensions).map(|_| -> f32 { StandardNormal.sample(&mut generator) }));
    }
    noise
}
