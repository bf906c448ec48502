//! How strong instruments are.

use super::Instruments;
use crate::{Error, Result};
use ndarray::Array1;

/// Returns the F statistic of every variant, `(effect / standard error)²`, and their mean; below about 10 estimates are biased noticeably,
/// towards 0 for different people in exposure and outcome, towards the confounded association for the same.
///
/// # Errors
///
/// Fails when there are several exposures (see [`conditional_f`](crate::causal::conditional_f)) or no variant.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let instruments = Instruments::new((&[0.5, 0.2], &[0.05, 0.05]), (&[0.2, 0.1], &[0.05; 2]))?;
/// let (each, mean) = causal::f_statistics(&instruments)?;
/// assert!((each[0] - 100.0).abs() < 1e-9 && (mean - 58.0).abs() < 1e-9);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Burgess and Thompson 2011, doi:10.1093/ije/dyr036.
pub fn f_statistics(instruments: &Instruments) -> Result<(Array1<f64>, f64)> {
    let pairs = instruments.pairs()?;
    pairs.at_least(1, "an F statistic")?;
    let each: Array1<f64> = pairs
        .iter()
        .map(|pair| (pair.bx / pair.sx).powi(2))
        .collect();
    let mean = each.sum() / each.len() as f64;
    Ok((each, mean))
}

/// Returns I² of the effects on the exposure, from 0 to 1: by which share an MR-Egger estimate is not diluted; below 0.9 it is so
/// noticeably.
///
/// # Errors
///
/// Fails when there are fewer than two variants or several exposures.
///
/// # References
///
/// Bowden, Del Greco, Minelli, Davey Smith, Sheehan and Thompson 2016, doi:10.1093/ije/dyw220.
pub fn i_squared_gx(instruments: &Instruments) -> Result<f64> {
    let pairs = instruments.pairs()?;
    pairs.at_least(2, "I² of the exposure")?;
    let (mut sum, mut total) = (0.0, 0.0);
    for pair in pairs.iter() {
        let (y, s) = (pair.bx.abs() / pair.sy, pair.sx / pair.sy);
        sum += y / (s * s);
        total += 1.0 / (s * s);
    }
    let mean = sum / total;
    let q: f64 = pairs
        .iter()
        .map(|pair| ((pair.bx.abs() / pair.sy - mean) * pair.sy / pair.sx).powi(2))
        .sum();
    let freedom = pairs.len() as f64 - 1.0;
    Ok(if q > 0.0 {
        ((q - freedom) / q).max(0.0)
    } else {
        0.0
    })
}

/// Returns how much of the variance of exposure and outcome each variant explains, `F / (n - 2 + F)`, shape `(variants, 2)`.
pub(super) fn explained(instruments: &Instruments) -> Result<Vec<(f64, f64)>> {
    let pairs = instruments.pairs()?;
    let Some((of_exposure, of_outcome)) = instruments.sizes() else {
        let expected = "sample sizes (with_sample_sizes)";
        return Err(Error::value("instruments", expected, "none"));
    };
    let share = |effect: f64, error: f64, n: f64| {
        let f = (effect / error).powi(2);
        f / (n - 2.0 + f)
    };
    let both = pairs.iter().zip(of_exposure.iter().zip(of_outcome));
    Ok(both
        .map(|(pair, (nx, ny))| (share(pair.bx, pair.sx, *nx), share(pair.by, pair.sy, *ny)))
        .collect())
}
