//! Which genes are variable enough.

use crate::{Error, Result};

/// Bounds of means and of normalised dispersions.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cutoffs {
    pub(super) means: (f64, f64),
    pub(super) dispersions: (f64, f64),
}

impl Default for Cutoffs {
    fn default() -> Self {
        Self {
            means: (0.0125, 3.0),
            dispersions: (0.5, f64::INFINITY),
        }
    }
}

impl Cutoffs {
    pub(super) fn check(&self) -> Result<()> {
        for (argument, (low, high)) in [("means", self.means), ("dispersions", self.dispersions)] {
            if low.is_nan() || high.is_nan() || low >= high {
                let expected = "two numbers that rise";
                return Err(Error::value(
                    argument,
                    expected,
                    format!("{low} and {high}"),
                ));
            }
        }
        Ok(())
    }

    /// Tells whether a gene lies within; a dispersion that is not known counts as average, as in Seurat.
    pub(super) fn hold(&self, mean: f64, dispersion: f64) -> bool {
        let dispersion = if dispersion.is_nan() { 0.0 } else { dispersion };
        let within = |value: f64, (low, high): (f64, f64)| value > low && value < high;
        within(mean, self.means) && within(dispersion, self.dispersions)
    }
}

/// Chooses the genes that are at least as variable as the one that is the last of so many.
pub(super) fn strongest(dispersions: &[f64], top: usize) -> Vec<bool> {
    let known = dispersions.iter().copied().filter(|value| !value.is_nan());
    let sorted = crate::distribution::order::rising(known.collect());
    let Some(place) = sorted.len().checked_sub(top.min(sorted.len()).max(1)) else {
        return vec![false; dispersions.len()];
    };
    dispersions
        .iter()
        .map(|value| *value >= sorted[place])
        .collect()
}
