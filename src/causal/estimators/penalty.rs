//! Less weight for variants that are far from what the others say.

use super::super::pairs::{Pair, Pairs};
use crate::distribution::{chi_squared, order};
use crate::{Error, Result};

/// Lowers weights by `factor` times the chance of a distance as far from the median ratio, where that is below 1.
pub(super) fn about_median_ratio(pairs: &Pairs<'_>, w: &mut [f64], factor: f64) -> Result<()> {
    let ratios = pairs.with_ratio().iter().map(Pair::ratio).collect();
    let middle = order::median(ratios);
    lower(w, factor, |at| pairs.by[at] - middle * pairs.bx[at])
}

/// Lowers weights by `factor` times the chance of a weighted residual as large, where that is below 1.
pub(super) fn lower(w: &mut [f64], factor: f64, residual: impl Fn(usize) -> f64) -> Result<()> {
    for (at, w) in w.iter_mut().enumerate() {
        let chance = chi_squared::above(*w * residual(at).powi(2), 1.0);
        *w *= (factor * chance).min(1.0);
    }
    if w.iter().all(|w| *w < f64::MIN_POSITIVE) {
        let expected = "variants that agree a little, for penalised weights";
        return Err(Error::value(
            "instruments",
            expected,
            "none with a weight left",
        ));
    }
    Ok(())
}
