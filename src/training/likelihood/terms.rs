//! Log-likelihoods of single values and their slopes, in double precision.
//!
//! Means, dispersions and deviations come with their logarithms, by which the slopes are taken: those never overflow.

use crate::distribution::gamma::{ln_gamma, rise, rise_of_slope};
use std::f64::consts::TAU;

/// A positive number and its logarithm.
#[derive(Clone, Copy)]
pub(super) struct Positive {
    pub(super) value: f64,
    pub(super) log: f64,
}

/// Logarithms are kept within this bound, so that nothing overflows.
const BOUND: f64 = 100.0;

impl Positive {
    pub(super) fn from_log(log: f64) -> Self {
        let log = log.clamp(-BOUND, BOUND);
        Self {
            value: log.exp(),
            log,
        }
    }

    pub(super) fn new(value: f64) -> Self {
        let value = value.clamp((-BOUND).exp(), BOUND.exp());
        Self {
            value,
            log: value.ln(),
        }
    }
}

/// A log-likelihood and its slopes by up to three parameters.
pub(super) type Term = (f64, [f64; 3]);

/// A draw from a normal distribution; slopes by the mean and the logarithm of the standard deviation.
pub(super) fn gaussian(x: f64, mean: f64, deviation: Positive) -> Term {
    let off = (x - mean) / deviation.value;
    let value = -0.5 * (off * off + TAU.ln()) - deviation.log;
    (value, [off / deviation.value, off * off - 1.0, 0.0])
}

/// Slope by the logarithm of the mean.
pub(super) fn poisson(x: f64, mean: Positive) -> Term {
    let value = if x == 0.0 {
        -mean.value
    } else {
        // As for the negative binomial, near `x` the large parts cancel exactly.
        x * mean.log - mean.value - ln_gamma(x + 1.0)
    };
    (value, [x - mean.value, 0.0, 0.0])
}

/// Slopes by the logarithms of the mean and of the inverse dispersion.
pub(super) fn negative_binomial(x: f64, mean: Positive, theta: Positive) -> Term {
    let ratio = mean.value / theta.value;
    let growth = ratio.ln_1p();
    let share = mean.value / (mean.value + theta.value);
    let rest = theta.value / (mean.value + theta.value);
    let by_mean = rest * (x - mean.value);
    // `share - growth`, which nearly cancel near a Poisson distribution.
    let lag = if ratio < 1e-4 {
        ratio * ratio * (-0.5 + ratio * (2.0 / 3.0 - ratio * 0.75))
    } else {
        share - growth
    };
    if x == 0.0 {
        let value = -theta.value * growth;
        return (value, [by_mean, theta.value * lag, 0.0]);
    }
    let value =
        x * mean.log - (theta.value + x) * growth + rise(theta.value, x) - ln_gamma(x + 1.0);
    let by_theta = theta.value * (rise_of_slope(theta.value, x) + lag) + x * share;
    (value, [by_mean, by_theta, 0.0])
}

/// Slopes also by the logit of a zero that is no draw.
pub(super) fn zero_inflated(x: f64, (mean, theta): (Positive, Positive), logit: f64) -> Term {
    let (value, [by_mean, by_theta, _]) = negative_binomial(x, mean, theta);
    // The chances of dropout, and of none.
    let small = (-logit.abs()).exp();
    let (large, small) = (1.0 / (1.0 + small), small / (1.0 + small));
    let (dropped, drawn) = if logit < 0.0 {
        (small, large)
    } else {
        (large, small)
    };
    if x > 0.0 {
        let log_drawn = -(logit.max(0.0) - large.ln());
        return (value + log_drawn, [by_mean, by_theta, -dropped]);
    }
    // The chance that a zero was drawn, given that there is one.
    let off = value - logit;
    let of_draw = 1.0 / (1.0 + (-off).exp());
    let by_logit = -drawn * value.exp_m1() / (1.0 + off.exp());
    let whole = if value > -1.0 {
        (drawn * value.exp_m1()).ln_1p()
    } else {
        // Both chances may be too small to be told from zero.
        softplus(off) - softplus(-logit)
    };
    (whole, [of_draw * by_mean, of_draw * by_theta, by_logit])
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Scores of classes turned into the logarithms of their shares, and their logarithmic sum.
pub(super) fn log_sum(scores: &[f32]) -> f64 {
    let scores = scores.iter().map(|&score| f64::from(score));
    let largest = scores.clone().fold(f64::NEG_INFINITY, f64::max);
    largest
        + scores
            .map(|score| (score - largest).exp())
            .sum::<f64>()
            .ln()
}
