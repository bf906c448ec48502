//! Parametric bootstrap: a number of repetitions, the same for any number of threads.

use super::pairs::Pair;
use crate::random::Seed;
use crate::{Error, Result, progress};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use rayon::prelude::*;

/// Repetitions that share a generator.
const CHUNK: usize = 250;

/// More repetitions than this are a slip.
pub(super) const MOST: usize = 10_000_000;

/// Checks how often something is repeated.
pub(super) fn checked(name: &str, count: usize, least: usize) -> Result<()> {
    if count < least {
        return Err(Error::value(name, format!("{least} or more"), count));
    }
    if count > MOST {
        return Err(Error::value(name, format!("at most {MOST}"), count));
    }
    Ok(())
}

/// Repeats something random; every thread starts with a state of its own to work in.
pub(super) fn repeat<S>(
    (count, seed, what): (usize, Seed, &str),
    start: impl Fn() -> S + Sync,
    one: impl Fn(&mut S, &mut ChaCha8Rng) -> f64 + Sync,
) -> Result<Vec<f64>> {
    checked("draws", count, 2)?;
    let mut found = vec![0.0; count];
    let stopped = found
        .par_chunks_mut(CHUNK)
        .enumerate()
        .map_init(&start, |state, (chunk, values)| {
            if !progress::is_interrupted() {
                let mut generator = seed.indexed(chunk).generator();
                values.fill_with(|| one(state, &mut generator));
            }
        })
        .count();
    progress::check(what, 0, stopped * CHUNK)?;
    Ok(found)
}

/// A draw from the normal distribution.
pub(super) fn normal(generator: &mut ChaCha8Rng, mean: f64, deviation: f64) -> f64 {
    let draw: f64 = generator.sample(StandardNormal);
    mean + deviation * draw
}

/// The ratio of drawn effects.
pub(super) fn ratio(generator: &mut ChaCha8Rng, pair: &Pair) -> f64 {
    let bx = normal(generator, pair.bx, pair.sx);
    normal(generator, pair.by, pair.sy) / bx
}

/// The standard deviation, around the mean.
pub(super) fn deviation(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (squares / (n - 1.0)).sqrt()
}
