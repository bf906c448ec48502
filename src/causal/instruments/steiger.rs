//! Whether variants act on the exposure first.

use super::Instruments;
use super::strength::explained;
use crate::Result;
use crate::distribution::normal;

/// Whether variants explain more of the exposure than of the outcome, as they should when the first causes the second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steiger {
    exposure: f64,
    outcome: f64,
    z: f64,
}

/// Tests the direction of an effect from the variance that the variants explain in all.
///
/// # Errors
///
/// Fails when sample sizes are not known, there is no variant, or there are several exposures.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let instruments = Instruments::new((&[0.5, 0.2], &[0.02; 2]), (&[0.1, 0.05], &[0.02; 2]))?;
/// let found = causal::steiger(&instruments.with_sample_sizes(&[9000.0; 2], &[9000.0; 2])?)?;
/// assert!(found.is_forward() && found.p_value() < 1e-6);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Hemani, Tilling and Davey Smith 2017, doi:10.1371/journal.pgen.1007081. Correlations compared by Fisher's z.
pub fn steiger(instruments: &Instruments) -> Result<Steiger> {
    instruments.pairs()?.at_least(1, "the Steiger test")?;
    let shares = explained(instruments)?;
    let sum = |of: fn(&(f64, f64)) -> f64| shares.iter().map(of).sum::<f64>().min(1.0 - 1e-12);
    let (nx, ny) = instruments.sizes().unwrap_or_default();
    let least = |sizes: &[f64]| sizes.iter().copied().fold(f64::INFINITY, f64::min);
    Ok(Steiger::new(
        (sum(|share| share.0), least(nx)),
        (sum(|share| share.1), least(ny)),
    ))
}

/// Returns the variants that explain more of the exposure than of the outcome, each alone.
///
/// # Errors
///
/// As [`steiger`].
pub fn steiger_filter(instruments: &Instruments) -> Result<Instruments> {
    let shares = explained(instruments)?;
    let forward = shares
        .iter()
        .enumerate()
        .filter(|(_, share)| share.0 > share.1);
    let kept: Vec<usize> = forward.map(|(at, _)| at).collect();
    Ok(instruments.chosen(&kept))
}

impl Steiger {
    fn new((exposure, nx): (f64, f64), (outcome, ny): (f64, f64)) -> Self {
        let fisher = |share: f64| share.sqrt().atanh();
        let width = (1.0 / (nx - 3.0) + 1.0 / (ny - 3.0)).sqrt();
        Self {
            exposure,
            outcome,
            z: (fisher(exposure) - fisher(outcome)) / width,
        }
    }

    /// Returns which share of the variance of the exposure is explained, from 0 to 1.
    pub fn exposure(&self) -> f64 {
        self.exposure
    }

    /// Returns which share of the variance of the outcome is explained, from 0 to 1.
    pub fn outcome(&self) -> f64 {
        self.outcome
    }

    /// Tells whether more of the exposure is explained.
    pub fn is_forward(&self) -> bool {
        self.exposure > self.outcome
    }

    /// Returns the p-value against equal shares, both sides.
    pub fn p_value(&self) -> f64 {
        normal::both_tails(self.z)
    }
}
