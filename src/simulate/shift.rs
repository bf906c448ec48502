//! Data from two places that differ in one known way.

use super::shifted::Shifted;
use crate::random::Seed;
use crate::{Error, Result};
use ndarray::{Array1, Array2};
use rand::RngExt;
use rand_distr::StandardNormal;

/// Examples of each place.
const SIZE: usize = 2000;

/// Draws data in which inputs move and the same input keeps its labels: 2000 examples of two features in each place.
///
/// The source is around (0, 0), the target around (1, 0), both with spread 1; the chance of a 1 is the sigmoid of `2 x - y²`.
///
/// # Examples
///
/// ```
/// use genolens::simulate;
/// let data = simulate::covariate_shift(1);
/// assert!(data.target().column(0).mean() > data.source().column(0).mean());
/// ```
pub fn covariate_shift(seed: impl Into<Seed>) -> Shifted {
    let seed = seed.into().named("covariate shift");
    let place = |name: &str, shift: f64| {
        labelled(
            (SIZE, seed.named(name)),
            &|noise, _| [noise[0] + shift, noise[1]],
            &|x| 2.0 * x[0] - x[1] * x[1],
        )
    };
    Shifted::new(
        place("source", 0.0),
        place("target", 1.0),
        "covariate shift: inputs moved by 1 in the first feature",
    )
}

/// Draws data in which only the shares of classes differ: 2000 examples in each place.
///
/// Examples of class `k` are around `1.5 k` in the first of two features, with spread 1; the second knows nothing.
///
/// # Errors
///
/// Fails for fewer than two classes, for shares of different numbers of classes, or such as do not sum to 1.
///
/// # Examples
///
/// ```
/// use genolens::simulate;
/// # fn main() -> genolens::Result<()> {
/// let data = simulate::prior_shift(&[0.5, 0.5], &[0.9, 0.1], 1)?;
/// assert!((data.target_labels().mean().unwrap() - 0.1).abs() < 0.03);
/// # Ok(()) }
/// ```
pub fn prior_shift(source: &[f64], target: &[f64], seed: impl Into<Seed>) -> Result<Shifted> {
    if source.len() < 2 || target.len() != source.len() {
        let expected = format!("({}) as `source`, at least 2", source.len());
        return Err(Error::shape("target", expected, &[target.len()]));
    }
    for (name, shares) in [("source", source), ("target", target)] {
        let sum: f64 = shares.iter().sum();
        if shares.iter().any(|share| !(0.0..=1.0).contains(share)) || (sum - 1.0).abs() > 1e-6 {
            return Err(Error::value(
                name,
                "shares from 0 to 1 that sum to 1",
                format!("{shares:?}"),
            ));
        }
    }
    let seed = seed.into().named("prior shift");
    let place = |name: &str, shares: &[f64]| {
        let seed = seed.named(name);
        let mut x = Array2::zeros((SIZE, 2));
        let labels: Array1<f32> = (0..SIZE)
            .map(|row| {
                let mut generator = seed.indexed(row).generator();
                let mut left = generator.random::<f64>();
                let below = |share: &&f64| {
                    left -= **share;
                    left >= 0.0
                };
                let class = shares
                    .iter()
                    .take_while(below)
                    .count()
                    .min(shares.len() - 1);
                let noise: [f64; 2] = [
                    generator.sample(StandardNormal),
                    generator.sample(StandardNormal),
                ];
                x[[row, 0]] = (noise[0] + 1.5 * class as f64) as f32;
                x[[row, 1]] = noise[1] as f32;
                class as f32
            })
            .collect();
        (x, labels)
    };
    let what = format!("prior shift: shares of classes {source:?} and {target:?}");
    Ok(Shifted::new(
        place("source", source),
        place("target", target),
        &what,
    ))
}

/// Draws data in which inputs stay and their labels change: 2000 examples of two features in each place.
///
/// The chance of a 1 is the sigmoid of `2 x + 2 y` in the source and of `2 x - 2 y` in the target. No test of inputs can see it.
pub fn concept_shift(seed: impl Into<Seed>) -> Shifted {
    let seed = seed.into().named("concept shift");
    let place = |name: &str, sign: f64| {
        labelled((SIZE, seed.named(name)), &|noise, _| noise, &|x| {
            2.0 * x[0] + 2.0 * sign * x[1]
        })
    };
    Shifted::new(
        place("source", 1.0),
        place("target", -1.0),
        "concept shift: the second feature changed sides",
    )
}

/// Draws data in which the source is a selection of the target: examples enter it with the chance `sigmoid(2 x - 1)`, `x` being the first
/// of two features, and the chance of a 1 is the sigmoid of `x + y`.
pub fn selection_bias(seed: impl Into<Seed>) -> Shifted {
    let seed = seed.into().named("selection bias");
    let rule = |x: [f64; 2]| x[0] + x[1];
    // Every example of the source is drawn until it is selected.
    let selected = |noise: [f64; 2], generator: &mut rand_chacha::ChaCha8Rng| {
        let mut noise = noise;
        while generator.random::<f64>() > sigmoid(2.0 * noise[0] - 1.0) {
            noise = [
                generator.sample(StandardNormal),
                generator.sample(StandardNormal),
            ];
        }
        noise
    };
    let source = labelled((SIZE, seed.named("source")), &selected, &rule);
    let target = labelled((SIZE, seed.named("target")), &|noise, _| noise, &rule);
    Shifted::new(
        source,
        target,
        "selection bias: the source has more examples with a large first feature",
    )
}

type Move<'a> = dyn Fn([f64; 2], &mut rand_chacha::ChaCha8Rng) -> [f64; 2] + 'a;

/// Draws examples of two features and labels whose log-odds are known, every row from a seed of its own.
fn labelled(
    (size, seed): (usize, Seed),
    place: &Move<'_>,
    odds: &dyn Fn([f64; 2]) -> f64,
) -> (Array2<f32>, Array1<f32>) {
    let mut x = Array2::zeros((size, 2));
    let labels = (0..size).map(|row| {
        let mut generator = seed.indexed(row).generator();
        let noise = [
            generator.sample(StandardNormal),
            generator.sample(StandardNormal),
        ];
        let found = place(noise, &mut generator);
        x[[row, 0]] = found[0] as f32;
        x[[row, 1]] = found[1] as f32;
        f32::from(u8::from(generator.random::<f64>() < sigmoid(odds(found))))
    });
    let labels = labels.collect();
    (x, labels)
}

fn sigmoid(score: f64) -> f64 {
    1.0 / (1.0 + (-score).exp())
}
