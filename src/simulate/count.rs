//! Draws of counts.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Gamma, Poisson};

/// Above this mean a count is drawn as a Poisson number whose mean is a gamma number; below it, by adding up chances from zero.
const LARGE: f64 = 40.0;

/// Draws from the negative binomial distribution with variance `mean + dispersion * mean^2`; without dispersion it is Poisson's.
///
/// Takes about one random number for a count of zero, since most are.
pub(super) fn count(mean: f64, dispersion: f64, generator: &mut ChaCha8Rng) -> f64 {
    let draw: f64 = generator.random();
    // The chance of a count above zero is at most the mean.
    if draw >= mean {
        return 0.0;
    }
    if mean > LARGE {
        return large(mean, dispersion, generator);
    }
    let (mut chance, share, size) = if dispersion > 0.0 {
        let size = dispersion.recip();
        let chance = (-size * (1.0 + mean * dispersion).ln()).exp();
        (chance, mean / (mean + size), size)
    } else {
        ((-mean).exp(), mean, 0.0)
    };
    let mut left = 1.0 - draw - chance;
    let mut count = 0.0;
    while left > 0.0 && chance > 1e-18 {
        let more = if dispersion > 0.0 { size + count } else { 1.0 };
        count += 1.0;
        chance *= share * more / count;
        left -= chance;
    }
    count
}

fn large(mean: f64, dispersion: f64, generator: &mut ChaCha8Rng) -> f64 {
    let mean = match Gamma::new(dispersion.recip(), mean * dispersion) {
        Ok(gamma) if dispersion > 0.0 => gamma.sample(generator),
        _ => mean,
    };
    match Poisson::new(mean) {
        Ok(poisson) => poisson.sample(generator),
        // A mean of 0 has no distribution there.
        Err(_) => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Seed;

    #[test]
    fn counts_have_their_mean_and_variance() {
        let mut generator = Seed::new(1).generator();
        for (mean, dispersion) in [
            (0.05, 0.5),
            (2.0, 0.0),
            (5.0, 0.3),
            (39.0, 1.0),
            (90.0, 0.2),
        ] {
            let n = 40_000;
            let draws: Vec<f64> = (0..n)
                .map(|_| count(mean, dispersion, &mut generator))
                .collect();
            let found = draws.iter().sum::<f64>() / f64::from(n);
            let spread = draws.iter().map(|x| (x - found).powi(2)).sum::<f64>() / f64::from(n);
            let variance: f64 = mean + dispersion * mean * mean;
            // Five standard errors of the mean; the variance of a skewed count is known less well.
            assert!(
                (found - mean).abs() < 5.0 * (variance / f64::from(n)).sqrt(),
                "{mean}: {found}"
            );
            assert!(
                (spread / variance - 1.0).abs() < 0.1,
                "{mean}: {spread}, not {variance}"
            );
        }
    }
}
