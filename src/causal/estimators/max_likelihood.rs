//! Maximum likelihood.

use super::super::pairs::Pair;
use super::super::{Dispersion, Estimate, Estimator, Heterogeneity, Instruments};
use super::ivw::checked_correlation;
use crate::{Error, Result};

/// Estimates an effect by maximum likelihood: true effects on the exposure are unknown, too, so that their errors do not dilute the
/// estimate.
///
/// Given the effect, the best true effects are known in closed form; what is left is a function of one number, which is minimised to all
/// digits. With four variants or more the standard error (of the Hessian) is widened by the residual standard error where that is above 1.
///
/// # Errors
///
/// Fails when no variant has an effect on the exposure, or there are several exposures.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let instruments = Instruments::new((&[0.1, 0.2, 0.4], &[0.01; 3]), (&[0.2, 0.4, 0.8], &[0.05; 3]))?;
/// assert!((causal::max_likelihood(&instruments)?.value() - 2.0).abs() < 1e-10);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Burgess, Butterworth and Thompson 2013, doi:10.1002/gepi.21758. `MendelianRandomization` (0.10.0) stops short of the optimum on the
/// 28 lipid variants of its vignette (3.225, where the objective is 86.81; the optimum is 3.17327 with 85.97).
pub fn max_likelihood(instruments: &Instruments) -> Result<Estimate> {
    MaxLikelihood::new().run(instruments)
}

/// Maximum likelihood, with options.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MaxLikelihood {
    dispersion: Dispersion,
    psi: f64,
}

impl MaxLikelihood {
    /// Asks for the estimate of [`max_likelihood`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what is done about residuals that are wider than the standard errors say.
    pub fn dispersion(mut self, dispersion: Dispersion) -> Self {
        self.dispersion = dispersion;
        self
    }

    /// Sets the correlation of the errors of exposure and outcome, 0 for different people.
    pub fn psi(mut self, psi: f64) -> Self {
        self.psi = psi;
        self
    }

    /// Estimates the effect.
    ///
    /// # Errors
    ///
    /// As [`max_likelihood`], and when the correlation is not from -1 to 1.
    pub fn run(&self, instruments: &Instruments) -> Result<Estimate> {
        checked_correlation(self.psi)?;
        let pairs = instruments.independent_pairs()?;
        pairs.at_least(1, "maximum likelihood")?;
        let all: Vec<Pair> = pairs.iter().collect();
        if all.iter().all(|pair| pair.bx == 0.0) {
            let expected = "an effect on the exposure for maximum likelihood";
            return Err(Error::value("instruments", expected, "none"));
        }
        let theta = minimise(&all, self.psi);
        let (q, _, bend) = profile(&all, theta, self.psi);
        let freedom = all.len() as f64 - 1.0;
        let total: f64 = all.iter().map(|pair| (pair.by / pair.sy).powi(2)).sum();
        let q = if q <= 1e-24 * total { 0.0 } else { q };
        let sigma = (freedom > 0.0).then(|| (q / freedom).sqrt());
        let factor = self.dispersion.factor(sigma, all.len());
        if bend.is_nan() || bend <= 0.0 {
            let expected = "effects on the exposure that are larger than their errors";
            return Err(Error::value("instruments", expected, "a flat likelihood"));
        }
        let error = (2.0 / bend).sqrt() * factor;
        Ok(Estimate::new("maximum likelihood", all.len(), theta, error)
            .on(instruments.exposure_name(0))
            .with_residuals(sigma, Heterogeneity::new(q, freedom)))
    }
}

/// The squared distances from a line, each over its variance at the best true effects, with the first and the second derivative.
pub(super) fn profile(pairs: &[Pair], theta: f64, psi: f64) -> (f64, f64, f64) {
    let (mut height, mut slope, mut bend) = (0.0, 0.0, 0.0);
    for pair in pairs {
        let r = pair.by - theta * pair.bx;
        let s = pair.sx * pair.sx;
        let v = pair.sy * pair.sy + theta * theta * s - 2.0 * psi * theta * pair.sx * pair.sy;
        // Derivatives of the residual, -bx, and of the variance.
        let dv = 2.0 * theta * s - 2.0 * psi * pair.sx * pair.sy;
        let z = r / v;
        height += r * z;
        let dz = (-pair.bx - z * dv) / v;
        slope += -2.0 * z * pair.bx - z * z * dv;
        bend += -2.0 * dz * pair.bx - 2.0 * z * dz * dv - 2.0 * z * z * s;
    }
    (height, slope, bend)
}

/// The global minimum.
pub(super) fn minimise(pairs: &[Pair], psi: f64) -> f64 {
    let low = valleys(pairs, |theta| profile(pairs, theta, psi).0);
    polish(pairs, low, psi)
}

/// Steps from a line straight down to one straight up.
const STEPS: usize = 180;

/// A scale on which slopes of lines through pairs are of the order of 1.
fn scale(pairs: &[Pair]) -> f64 {
    let sum = |of: fn(&Pair) -> f64| pairs.iter().map(of).sum::<f64>();
    (sum(|p| p.by * p.by + p.sy * p.sy) / sum(|p| p.bx * p.bx + p.sx * p.sx)).sqrt()
}

fn slope(scale: f64, step: f64) -> f64 {
    scale * ((step / STEPS as f64 - 0.5) * std::f64::consts::PI).tan()
}

/// Slopes of lines, even in their angle.
pub(super) fn slopes(pairs: &[Pair]) -> Vec<f64> {
    let scale = scale(pairs);
    (1..STEPS).map(|step| slope(scale, step as f64)).collect()
}

/// The place of the lowest valley of a function of the slope of a line: of all between steps that are even in the angle of the line, to
/// half of the digits.
pub(super) fn valleys(pairs: &[Pair], height: impl Fn(f64) -> f64) -> f64 {
    let scale = scale(pairs);
    let place = |step: f64| slope(scale, step);
    let at = |step: f64| height(place(step));
    let heights: Vec<f64> = (1..STEPS).map(|step| at(step as f64)).collect();
    let beside = |other: Option<usize>| {
        let height = other.and_then(|other| heights.get(other));
        height.copied().unwrap_or(f64::INFINITY)
    };
    let mut best = (f64::INFINITY, 0.0);
    for (index, own) in heights.iter().enumerate() {
        if *own <= beside(index.checked_sub(1)) && *own <= beside(Some(index + 1)) {
            let step = (index + 1) as f64;
            let low = narrow(
                &at,
                (step - 1.0).max(0.5),
                (step + 1.0).min(STEPS as f64 - 0.5),
            );
            let found = at(low);
            if found < best.0 {
                best = (found, place(low));
            }
        }
    }
    best.1
}

/// The minimum between two places by the golden section.
fn narrow(height: &impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    const SHARE: f64 = 0.618_033_988_749_894_8;
    let mut left = high - SHARE * (high - low);
    let mut right = low + SHARE * (high - low);
    let (mut of_left, mut of_right) = (height(left), height(right));
    while high - low > 1e-9 * high {
        if of_left < of_right {
            (high, right, of_right) = (right, left, of_left);
            left = high - SHARE * (high - low);
            of_left = height(left);
        } else {
            (low, left, of_left) = (left, right, of_right);
            right = low + SHARE * (high - low);
            of_right = height(right);
        }
    }
    f64::midpoint(low, high)
}

/// Newton's method from a place near the minimum of the profile.
pub(super) fn polish(pairs: &[Pair], start: f64, psi: f64) -> f64 {
    let mut theta = start;
    let mut height = profile(pairs, theta, psi).0;
    for _ in 0..50 {
        let (_, slope, bend) = profile(pairs, theta, psi);
        if bend <= 0.0 {
            break;
        }
        let next = theta - slope / bend;
        let found = profile(pairs, next, psi).0;
        // Rounding may raise what is the minimum already.
        if !next.is_finite() || found > height * (1.0 + 1e-12) + f64::MIN_POSITIVE {
            break;
        }
        let done = (next - theta).abs() <= 1e-15 * theta.abs();
        (theta, height) = (next, found);
        if done {
            break;
        }
    }
    theta
}

impl Estimator for MaxLikelihood {
    fn estimate(&self, instruments: &Instruments) -> Result<Estimate> {
        self.run(instruments)
    }
}
