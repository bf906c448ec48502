//! The debiased inverse-variance weighted estimate.

use super::super::pairs::Pairs;
use super::super::{Estimate, Estimator, Instruments};
use crate::{Error, Result};

/// Estimates an effect by inverse-variance weighting, debiased of the errors of the exposure: right with many weak variants, where the
/// plain estimate is diluted.
///
/// Variants may act otherwise, too, as long as such effects balance: their variance is estimated and widens the standard error. The
/// approximation needs `(mean F - 1) √k` (see [`f_statistics`](crate::causal::f_statistics)) above about 20.
///
/// # Errors
///
/// Fails when there are fewer than two variants, their effects on the exposure are no larger than their errors, or there are several
/// exposures.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let instruments = Instruments::new((&[0.1, 0.2, 0.4], &[0.05; 3]), (&[0.2, 0.4, 0.8], &[0.05; 3]))?;
/// let (plain, debiased) = (causal::ivw(&instruments)?, causal::debiased_ivw(&instruments)?);
/// assert!(debiased.value() > plain.value());
/// # Ok(()) }
/// ```
///
/// # References
///
/// Ye, Shao and Kang 2021, doi:10.1214/20-AOS2027. Checked against the published result of `MendelianRandomization` (0.10.0).
pub fn debiased_ivw(instruments: &Instruments) -> Result<Estimate> {
    DebiasedIvw::new().run(instruments)
}

/// Debiased inverse-variance weighting, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct DebiasedIvw {
    balanced: bool,
}

impl Default for DebiasedIvw {
    fn default() -> Self {
        Self { balanced: true }
    }
}

impl DebiasedIvw {
    /// Asks for the estimate of [`debiased_ivw`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets whether variants may act otherwise, too, in ways that balance.
    pub fn balanced_pleiotropy(mut self, balanced: bool) -> Self {
        self.balanced = balanced;
        self
    }

    /// Estimates the effect.
    ///
    /// # Errors
    ///
    /// As [`debiased_ivw`].
    pub fn run(&self, instruments: &Instruments) -> Result<Estimate> {
        let pairs = instruments.independent_pairs()?;
        pairs.at_least(2, "debiased inverse-variance weighting")?;
        let (mut xy, mut xx) = (0.0, 0.0);
        for pair in pairs.iter() {
            let w = 1.0 / (pair.sy * pair.sy);
            xy += w * pair.bx * pair.by;
            xx += w * (pair.bx * pair.bx - pair.sx * pair.sx);
        }
        if xx <= 0.0 {
            let expected = "effects on the exposure that are larger than their errors";
            return Err(Error::value("instruments", expected, "only weaker ones"));
        }
        let theta = xy / xx;
        let (error, tau) = error(&pairs, (theta, xx), self.balanced);
        Ok(Estimate::new(
            "debiased inverse-variance weighted",
            pairs.len(),
            theta,
            error,
        )
        .on(instruments.exposure_name(0))
        .with_spread(tau))
    }
}

impl Estimator for DebiasedIvw {
    fn estimate(&self, instruments: &Instruments) -> Result<Estimate> {
        self.run(instruments)
    }
}

/// Returns the standard error of an effect whose divisor is `xx`, and the standard deviation of effects by other ways, which balance.
pub(super) fn error(pairs: &Pairs<'_>, (theta, xx): (f64, f64), balanced: bool) -> (f64, f64) {
    // What residuals have beyond the errors of both effects.
    let beyond = pairs.iter().map(|pair| {
        let square = (pair.by - theta * pair.bx).powi(2);
        (square - (theta * pair.sx).powi(2)) / (pair.sy * pair.sy) - 1.0
    });
    let tau2 = if balanced {
        let weights: f64 = pairs.iter().map(|pair| 1.0 / (pair.sy * pair.sy)).sum();
        (beyond.sum::<f64>() / weights).max(0.0)
    } else {
        0.0
    };
    let variance = pairs.iter().map(|pair| {
        let (x, s) = (pair.bx * pair.bx, pair.sx * pair.sx);
        let v = pair.sy * pair.sy;
        (x * (v + tau2) + theta * theta * s * (x + s)) / (v * v)
    });
    (variance.sum::<f64>().sqrt() / xx, tau2.sqrt())
}
