//! The ratio of one variant, and of every variant.

use super::super::pairs::{Pair, at_least};
use super::super::{Estimate, Estimates, Instruments, Weights};
use super::ivw::checked_correlation;
use crate::{Error, Result};

/// Estimates an effect from a single variant, as the ratio of its effects (Wald ratio) with the first-order standard error.
///
/// # Errors
///
/// Fails when there is not one variant, it has no effect on the exposure, or there are several exposures.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let instruments = Instruments::new((&[0.5], &[0.05]), (&[0.2], &[0.05]))?;
/// let found = causal::wald_ratio(&instruments)?;
/// assert_eq!((found.value(), found.standard_error()), (0.4, 0.1));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Wald 1940, doi:10.1214/aoms/1177731868; Lawlor, Harbord, Sterne, Timpson and Davey Smith 2008, doi:10.1002/sim.3034.
pub fn wald_ratio(instruments: &Instruments) -> Result<Estimate> {
    if instruments.len() != 1 {
        let got = format!("{} variants", instruments.len());
        return Err(Error::value("instruments", "one variant for a ratio", got));
    }
    wald_ratios(instruments, Weights::Simple)?.get(0)
}

/// Estimates an effect from every variant alone, with the standard errors of first order or of the delta method; variants without an
/// effect on the exposure have no ratio and are left out.
///
/// # Errors
///
/// Fails when no variant has an effect on the exposure, there are several exposures, or the correlation of errors is not from -1 to 1.
pub fn wald_ratios(instruments: &Instruments, weights: Weights) -> Result<Estimates> {
    let pairs = instruments.pairs()?.with_ratio();
    at_least(pairs.len(), 1, "a ratio")?;
    if let Weights::Delta(psi) = weights {
        checked_correlation(psi)?;
    }
    let row = |pair: &Pair| {
        let error = match weights {
            Weights::Simple => pair.first_order(),
            Weights::Delta(psi) => pair.second_order(psi),
        };
        let found = Estimate::new("Wald ratio", 1, pair.ratio(), error);
        let id = instruments.ids()[pair.at].clone();
        (Some(id), found.on(instruments.exposure_name(0)))
    };
    Ok(Estimates::new(pairs.iter().map(row).collect()))
}
