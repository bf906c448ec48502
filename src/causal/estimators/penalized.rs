//! The penalised inverse-variance weighted estimate.

use super::super::{Estimate, Estimator, Instruments};
use super::debiased::error;
use crate::{Error, Result};

/// Estimates an effect by inverse-variance weighting, debiased of the errors of the exposure, with a divisor that is kept from 0: of less
/// bias and variance than [`debiased_ivw`](crate::causal::debiased_ivw) where variants are many and weak.
///
/// # Errors
///
/// As [`debiased_ivw`](crate::causal::debiased_ivw), and when the variance of the divisor, which the penalty is measured by, is not
/// estimated above 0: a few variants with small errors of the outcome have effects on the exposure far below their errors.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let instruments = Instruments::new((&[0.1, 0.2, 0.4], &[0.05; 3]), (&[0.2, 0.4, 0.8], &[0.05; 3]))?;
/// let (penalized, debiased) = (causal::penalized_ivw(&instruments)?, causal::debiased_ivw(&instruments)?);
/// assert!(penalized.value() < debiased.value());
/// # Ok(()) }
/// ```
///
/// # References
///
/// Xu, Wang, Fung and Liu 2023, doi:10.1111/biom.13732. Checked against the published result of `MendelianRandomization` (0.10.0), whose
/// interval is of another kind (by the bootstrap, after Fieller).
pub fn penalized_ivw(instruments: &Instruments) -> Result<Estimate> {
    PenalizedIvw::new().run(instruments)
}

/// Penalised inverse-variance weighting, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct PenalizedIvw {
    penalty: f64,
    balanced: bool,
}

impl Default for PenalizedIvw {
    fn default() -> Self {
        Self {
            penalty: 1.0,
            balanced: true,
        }
    }
}

impl PenalizedIvw {
    /// Asks for the estimate of [`penalized_ivw`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how much a divisor near 0 costs, at least 0; with 1, the bias is smallest.
    pub fn penalty(mut self, penalty: f64) -> Self {
        self.penalty = penalty;
        self
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
    /// As [`penalized_ivw`], and when the penalty is below 0 or no number.
    pub fn run(&self, instruments: &Instruments) -> Result<Estimate> {
        if !(self.penalty.is_finite() && self.penalty >= 0.0) {
            return Err(Error::value("penalty", "at least 0", self.penalty));
        }
        let pairs = instruments.independent_pairs()?;
        pairs.at_least(2, "penalised inverse-variance weighting")?;
        let (mut xy, mut xx, mut shared, mut variance) = (0.0, 0.0, 0.0, 0.0);
        for pair in pairs.iter() {
            let w = 1.0 / (pair.sy * pair.sy);
            let s = pair.sx * pair.sx;
            let x = pair.bx * pair.bx - s;
            xy += w * pair.bx * pair.by;
            xx += w * x;
            shared += 2.0 * w * w * pair.bx * pair.by * s;
            variance += w * w * (4.0 * x * s + 2.0 * s * s);
        }
        let expected = "effects on the exposure that are larger than their errors";
        if xx <= 0.0 {
            return Err(Error::value("instruments", expected, "only weaker ones"));
        }
        if variance <= 0.0 {
            let got = "so much weaker where errors of the outcome are small that the divisor has no variance above 0";
            return Err(Error::value("instruments", expected, got));
        }
        let divisor = xx / 2.0 + (xx * xx / 4.0 + self.penalty * variance).sqrt();
        let theta = (xy + shared / variance * (divisor - xx)) / divisor;
        let (error, tau) = error(&pairs, (theta, divisor), self.balanced);
        let name = "penalised inverse-variance weighted";
        Ok(Estimate::new(name, pairs.len(), theta, error)
            .on(instruments.exposure_name(0))
            .with_spread(tau))
    }
}

impl Estimator for PenalizedIvw {
    fn estimate(&self, instruments: &Instruments) -> Result<Estimate> {
        self.run(instruments)
    }
}
