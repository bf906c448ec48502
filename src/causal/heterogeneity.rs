//! How much more variants differ than chance would have it.

use super::line;
use super::{Instruments, pairs::sign};
use crate::Result;
use crate::distribution::chi_squared;

/// Cochran's Q (or Rücker's Q′, around a line with an intercept) with its degrees of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heterogeneity {
    q: f64,
    freedom: f64,
}

impl Heterogeneity {
    pub(in crate::causal) fn new(q: f64, freedom: f64) -> Self {
        Self { q, freedom }
    }

    /// Returns the weighted sum of squared distances from the fit.
    pub fn q(&self) -> f64 {
        self.q
    }

    /// Returns the degrees of freedom.
    pub fn freedom(&self) -> f64 {
        self.freedom
    }

    /// Returns the chance of a Q at least as large when all variants measure the same; not a number without degrees of freedom.
    pub fn p_value(&self) -> f64 {
        chi_squared::above(self.q, self.freedom)
    }

    /// Returns which share of the variance is no chance, from 0 to 1.
    pub fn i_squared(&self) -> f64 {
        if self.q > 0.0 {
            ((self.q - self.freedom) / self.q).max(0.0)
        } else {
            0.0
        }
    }

    /// Returns Q over its degrees of freedom.
    pub fn h_squared(&self) -> f64 {
        self.q / self.freedom
    }
}

/// Cochran's Q around the inverse-variance weighted estimate and Rücker's Q′ around the line of MR-Egger.
///
/// # Errors
///
/// Fails when there are fewer than three variants, or they have the same effects on the exposure.
///
/// # References
///
/// Rücker, Schwarzer, Carpenter, Binder and Schumacher 2011, doi:10.1093/biostatistics/kxq046; Bowden, Del Greco, Minelli, Davey Smith,
/// Sheehan and Thompson 2017, doi:10.1002/sim.7221.
pub fn heterogeneity(instruments: &Instruments) -> Result<(Heterogeneity, Heterogeneity)> {
    let pairs = instruments.independent_pairs()?;
    pairs.at_least(3, "the heterogeneity around two lines")?;
    let w: Vec<f64> = pairs.sy.iter().map(|sy| 1.0 / (sy * sy)).collect();
    let x: Vec<f64> = pairs.bx.iter().map(|bx| bx.abs()).collect();
    let y: Vec<f64> = pairs.iter().map(|pair| pair.by * sign(pair.bx)).collect();
    let ones = vec![1.0; x.len()];
    let ivw = line::through_origin(&x, &y, &w)?;
    let egger = line::with_intercept(&x, (&ones, &y), &w)?;
    let of = |line: line::Line| Heterogeneity::new(line.q, line.freedom);
    Ok((of(ivw), of(egger)))
}
