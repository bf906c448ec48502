//! MR-Mix.

use super::super::draws;
use super::super::pairs::Pair;
use super::super::{Estimate, Estimator, Instruments};
use super::max_likelihood::{minimise, profile};
use crate::{Error, Result, progress};
use rayon::prelude::*;

/// Estimates an effect by MR-Mix: the effect at which the largest share of variants can be valid, residuals being a mixture of those that
/// errors explain and wider ones.
///
/// At every effect of a grid from -1 to 1 in steps of 0.01 the share and the width are those of maximum likelihood, found directly (not by
/// EM); the best step is refined. Effects must be on a standardised scale for that grid; otherwise set [`MrMix::range`]. Where all
/// variants can be valid, it is the estimate of maximum likelihood. The standard error is that of the influence of every variant on the
/// place of the highest share. Where the share has no smooth top, as it can be with few variants, there is none: it is not a number then,
/// and neither are the interval and the p-value.
///
/// # Errors
///
/// Fails when there are fewer than four variants, the highest share is at an end of the range, there are several exposures, and when the
/// user interrupts.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let bx = [0.10, 0.12, 0.14, 0.16, 0.18, 0.20];
/// let by = [0.051, 0.059, 0.32, 0.081, -0.2, 0.1];
/// let instruments = Instruments::new((&bx, &[0.005; 6]), (&by, &[0.01; 6]))?;
/// assert!((causal::mr_mix(&instruments)?.value() - 0.5).abs() < 0.03);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Qi and Chatterjee 2019, doi:10.1038/s41467-019-09432-2. Checked against a search by scipy.
pub fn mr_mix(instruments: &Instruments) -> Result<Estimate> {
    MrMix::new().run(instruments)
}

/// MR-Mix, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct MrMix {
    range: (f64, f64),
    steps: usize,
}

impl Default for MrMix {
    fn default() -> Self {
        Self {
            range: (-1.0, 1.0),
            steps: 200,
        }
    }
}

/// The mixture at one effect: the share of valid variants and the extra variance of the others.
#[derive(Clone, Copy)]
struct Mixture {
    share: f64,
    extra: f64,
}

/// Residuals and their variances at one effect.
fn residuals(all: &[Pair], theta: f64) -> Vec<(f64, f64)> {
    let one = |pair: &Pair| {
        let v = pair.sy * pair.sy + (theta * pair.sx).powi(2);
        (pair.by - theta * pair.bx, v)
    };
    all.iter().map(one).collect()
}

/// The densities of a residual when its variant is valid and when it is not, but for a constant.
fn densities((r, v): (f64, f64), extra: f64) -> (f64, f64) {
    let density = |v: f64| (-r * r / (2.0 * v)).exp() / v.sqrt();
    (density(v), density(v + extra))
}

/// The best share for this extra variance, and the logarithm of the likelihood: a concave function of the share.
fn best_share(residuals: &[(f64, f64)], extra: f64) -> (f64, f64) {
    let both: Vec<(f64, f64)> = residuals.iter().map(|r| densities(*r, extra)).collect();
    let slope = |share: f64| -> f64 {
        let one =
            |(a, b): &(f64, f64)| (a - b) / (share * a + (1.0 - share) * b).max(f64::MIN_POSITIVE);
        both.iter().map(one).sum()
    };
    let share = if slope(1.0) >= 0.0 {
        1.0
    } else if slope(0.0) <= 0.0 {
        0.0
    } else {
        // Newton's method that never leaves the bracket.
        let (mut low, mut high, mut share) = (0.0_f64, 1.0_f64, 0.6);
        for _ in 0..60 {
            let (mut slope, mut bend) = (0.0, 0.0);
            for (a, b) in &both {
                let part = (a - b) / (share * a + (1.0 - share) * b).max(f64::MIN_POSITIVE);
                slope += part;
                bend += part * part;
            }
            if slope > 0.0 {
                low = share;
            } else {
                high = share;
            }
            let newton = share + slope / bend;
            let next = if newton > low && newton < high {
                newton
            } else {
                f64::midpoint(low, high)
            };
            let done = (next - share).abs() <= 1e-15;
            share = next;
            if done {
                break;
            }
        }
        share
    };
    let height = |(a, b): &(f64, f64)| (share * a + (1.0 - share) * b).max(f64::MIN_POSITIVE).ln();
    (share, both.iter().map(height).sum())
}

/// The mixture of the highest likelihood.
fn fit(residuals: &[(f64, f64)]) -> Mixture {
    const STEPS: i32 = 32;
    let least = residuals
        .iter()
        .fold(f64::INFINITY, |least, r| least.min(r.1));
    let most = residuals.iter().fold(least, |most, r| most.max(r.0 * r.0));
    let (low, high) = ((least * 1e-2).ln(), (most * 4.0).ln());
    let place = |step: f64| low + (high - low) * step / f64::from(STEPS);
    let height = |step: f64| best_share(residuals, place(step).exp()).1;
    let mut top = (f64::NEG_INFINITY, 0.0);
    for step in 0..=STEPS {
        let found = height(f64::from(step));
        if found > top.0 {
            top = (found, f64::from(step));
        }
    }
    let (mut left, mut right) = ((top.1 - 1.0).max(0.0), (top.1 + 1.0).min(f64::from(STEPS)));
    for _ in 0..60 {
        let (a, b) = (
            left + (right - left) * 0.382,
            right - (right - left) * 0.382,
        );
        if height(a) > height(b) {
            right = b;
        } else {
            left = a;
        }
    }
    let extra = place(f64::midpoint(left, right)).exp();
    let (share, found) = best_share(residuals, extra);
    // All variants valid, when others explain nothing more.
    let plain: f64 = residuals
        .iter()
        .map(|r| densities(*r, 0.0).0.max(f64::MIN_POSITIVE).ln())
        .sum();
    if found <= plain + 1e-9 {
        return Mixture {
            share: 1.0,
            extra: 0.0,
        };
    }
    Mixture { share, extra }
}

/// The slopes of the likelihood of one variant with respect to share and extra variance.
fn score(residual: (f64, f64), mixture: Mixture) -> [f64; 2] {
    let (a, b) = densities(residual, mixture.extra);
    let both = mixture.share * a + (1.0 - mixture.share) * b;
    let wide = residual.1 + mixture.extra;
    let bend = (residual.0 * residual.0 / wide - 1.0) / (2.0 * wide);
    [(a - b) / both, (1.0 - mixture.share) * b * bend / both]
}

/// How the share at one effect moves with the weight of every variant; nothing where it is at an end.
fn influence(residuals: &[(f64, f64)], mixture: Mixture) -> Option<Vec<f64>> {
    if !(mixture.share > 1e-6 && mixture.share < 1.0 - 1e-6 && mixture.extra > 0.0) {
        return None;
    }
    let total = |mixture: Mixture| {
        let add = |sum: [f64; 2], own: [f64; 2]| [sum[0] + own[0], sum[1] + own[1]];
        residuals
            .iter()
            .map(|r| score(*r, mixture))
            .fold([0.0; 2], add)
    };
    let (of_share, of_extra) = (
        1e-5 * mixture.share.min(1.0 - mixture.share),
        1e-5 * mixture.extra,
    );
    let moved = |share: f64, extra: f64| Mixture {
        share: mixture.share + share,
        extra: mixture.extra + extra,
    };
    let (right, left) = (total(moved(of_share, 0.0)), total(moved(-of_share, 0.0)));
    let a = (right[0] - left[0]) / (2.0 * of_share);
    let (up, down) = (total(moved(0.0, of_extra)), total(moved(0.0, -of_extra)));
    let b = (up[0] - down[0]) / (2.0 * of_extra);
    let d = (up[1] - down[1]) / (2.0 * of_extra);
    let determinant = a * d - b * b;
    // A maximum, with all digits.
    if !(a < 0.0 && determinant > 0.0) {
        return None;
    }
    let one = |r: &(f64, f64)| {
        let own = score(*r, mixture);
        -(d * own[0] - b * own[1]) / determinant
    };
    Some(residuals.iter().map(one).collect())
}

impl MrMix {
    /// Asks for the estimate of [`mr_mix`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the range of effects, in units of the outcome per unit of the exposure; it is searched in 200 steps.
    pub fn range(mut self, low: f64, high: f64) -> Self {
        self.range = (low, high);
        self
    }

    /// Sets in how many steps the range is searched before the best one is refined.
    pub fn steps(mut self, steps: usize) -> Self {
        self.steps = steps;
        self
    }

    /// Estimates the effect.
    ///
    /// # Errors
    ///
    /// As [`mr_mix`], and when the range is empty or has fewer than four steps.
    pub fn run(&self, instruments: &Instruments) -> Result<Estimate> {
        let (low, high) = self.range;
        if !(low < high && (high - low).is_finite()) {
            let got = format!("{low:?} to {high:?}");
            return Err(Error::value("range", "two numbers that rise", got));
        }
        draws::checked("steps", self.steps, 4)?;
        let pairs = instruments.independent_pairs()?;
        pairs.at_least(4, "MR-Mix")?;
        let all: Vec<Pair> = pairs.iter().collect();
        let share = |theta: f64| fit(&residuals(&all, theta)).share;
        let whole = minimise(&all, 0.0);
        let finished = |theta: f64, error: f64| {
            let valid = likely_valid(&residuals(&all, theta));
            Estimate::new("MR-Mix", all.len(), theta, error)
                .on(instruments.exposure_name(0))
                .with_valid(valid)
        };
        if share(whole) == 1.0 {
            let bend = profile(&all, whole, 0.0).2;
            return Ok(finished(whole, (2.0 / bend).sqrt()));
        }
        let step = (high - low) / self.steps as f64;
        let place = |at: usize| low + step * at as f64;
        let shares: Vec<f64> = (0..=self.steps)
            .into_par_iter()
            .map(|at| {
                if progress::is_interrupted() {
                    0.0
                } else {
                    share(place(at))
                }
            })
            .collect();
        progress::check("MR-Mix", 0, self.steps)?;
        let mut best = 0;
        for (at, share) in shares.iter().enumerate() {
            if *share > shares[best] {
                best = at;
            }
        }
        if best == 0 || best == self.steps {
            let expected = "one that has the highest share of valid variants inside";
            return Err(Error::value("range", expected, format!("{low} to {high}")));
        }
        let (mut left, mut right) = (place(best - 1), place(best + 1));
        for _ in 0..50 {
            let (a, b) = (
                left + (right - left) * 0.382,
                right - (right - left) * 0.382,
            );
            if share(a) > share(b) {
                right = b;
            } else {
                left = a;
            }
        }
        let theta = f64::midpoint(left, right);
        let error = spread(&all, theta, step / 10.0).unwrap_or(f64::NAN);
        Ok(finished(theta, error))
    }
}

/// The standard error from how the place of the highest share moves with the weight of every variant.
fn spread(all: &[Pair], theta: f64, beside: f64) -> Option<f64> {
    let at = |theta: f64| {
        let residuals = residuals(all, theta);
        let mixture = fit(&residuals);
        influence(&residuals, mixture).map(|influence| (mixture.share, influence))
    };
    let (low, middle, high) = (at(theta - beside)?, at(theta)?, at(theta + beside)?);
    let bend = (low.0 - 2.0 * middle.0 + high.0) / (beside * beside);
    let slopes = low.1.iter().zip(&high.1);
    let slopes = slopes.map(|(low, high)| (high - low) / (2.0 * beside));
    let variance: f64 = slopes.map(|slope| (slope / bend).powi(2)).sum();
    (bend < 0.0 && variance > 0.0).then(|| variance.sqrt())
}

/// Tells for each variant whether it is rather valid than not.
fn likely_valid(residuals: &[(f64, f64)]) -> Vec<bool> {
    let mixture = fit(residuals);
    let one = |r: &(f64, f64)| {
        let (a, b) = densities(*r, mixture.extra);
        mixture.share * a >= (1.0 - mixture.share) * b
    };
    residuals.iter().map(one).collect()
}

impl Estimator for MrMix {
    fn estimate(&self, instruments: &Instruments) -> Result<Estimate> {
        self.run(instruments)
    }
}
