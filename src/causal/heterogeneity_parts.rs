//! What each variant adds to the heterogeneity around a line.

use super::pairs::sign;
use super::{Estimate, Instruments, Intercept};
use crate::distribution::normal;
use crate::{Error, Result};
use ndarray::Array1;
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// The parts of Cochran's Q, one for each variant: how far each is from the line of an estimate; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct HeterogeneityParts {
    ids: Arc<[String]>,
    /// Distances from the line in standard errors, with their signs.
    distances: Arc<[f64]>,
}

/// Takes Q around the line of an estimate apart: which variants make the ratios differ?
///
/// A part is the squared distance of a variant from the line over the squared error of its effect on the outcome. Around inverse-variance
/// weighting they add up to Cochran's Q, around MR-Egger to Rücker's Q′; and as well around any other estimate, such as a robust one, from
/// which those far off have not drawn the line to themselves. Each follows a chi-squared distribution of one degree of freedom where only
/// chance is at work.
///
/// # Errors
///
/// Fails when there are several exposures, or the variants are correlated, whose Q has no parts.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let (bx, by) = ([0.10, -0.20, 0.15, 0.12], [0.21, -0.39, 0.31, 0.60]);
/// let instruments = Instruments::new((&bx, &[0.01; 4]), (&by, &[0.02; 4]))?;
/// let parts = causal::heterogeneity_parts(&instruments, &causal::weighted_median(&instruments)?)?;
/// assert_eq!(parts.outliers(0.05)?, ["4"]);
/// println!("{}", parts.table()?);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Bowden et al. 2018, <https://doi.org/10.1093/ije/dyy101>, with weights of first order.
pub fn heterogeneity_parts(
    instruments: &Instruments,
    estimate: &Estimate,
) -> Result<HeterogeneityParts> {
    let pairs = instruments.independent_pairs()?;
    let intercept = estimate.intercept().map_or(0.0, Intercept::value);
    let distances = pairs.iter().map(|pair| {
        let (x, y) = (pair.bx.abs(), pair.by * sign(pair.bx));
        (y - intercept - estimate.value() * x) / pair.sy
    });
    Ok(HeterogeneityParts {
        ids: instruments.ids().into(),
        distances: distances.collect(),
    })
}

impl HeterogeneityParts {
    /// Returns the parts, shape `(variants)`.
    pub fn parts(&self) -> Array1<f64> {
        self.distances().mapv(|distance| distance * distance)
    }

    /// Returns how many standard errors variants are above the line, shape `(variants)`, alleles turned so that they raise the exposure.
    pub fn distances(&self) -> Array1<f64> {
        self.distances.iter().copied().collect()
    }

    /// Returns the chance of a part at least as large when only chance is at work, shape `(variants)`.
    pub fn p_values(&self) -> Array1<f64> {
        self.distances().mapv(normal::both_tails)
    }

    /// Returns the names of the variants further off than chance would put even one of all, in this share of cases (Bonferroni).
    ///
    /// # Errors
    ///
    /// Fails when the share is not above 0 to below 1.
    pub fn outliers(&self, share: f64) -> Result<Vec<String>> {
        if !(share > 0.0 && share < 1.0) {
            return Err(Error::value("share", "above 0 to below 1", share));
        }
        let bound = share / self.ids.len() as f64;
        let named = self.ids.iter().zip(self.p_values());
        Ok(named
            .filter(|&(_, p)| p < bound)
            .map(|(id, _)| id.clone())
            .collect())
    }

    /// Returns a table with one row for each variant: `variant`, `distance`, `q`, its share of all `share`, and `p_value`.
    ///
    /// # Errors
    ///
    /// Fails when the table cannot be made.
    pub fn table(&self) -> Result<DataFrame> {
        let parts = self.parts();
        let all = parts.sum();
        let ids: Vec<&str> = self.ids.iter().map(String::as_str).collect();
        let numbers = [
            ("distance", self.distances()),
            ("q", parts.clone()),
            (
                "share",
                parts.mapv(|part| if all > 0.0 { part / all } else { 0.0 }),
            ),
            ("p_value", self.p_values()),
        ];
        let numbers = numbers
            .into_iter()
            .map(|(name, values)| Column::new(name.into(), values.to_vec()));
        let columns = [Column::new("variant".into(), ids)].into_iter();
        Ok(DataFrame::new_infer_height(
            columns.chain(numbers).collect(),
        )?)
    }
}

impl fmt::Debug for HeterogeneityParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let q = self.parts().sum();
        write!(
            f,
            "HeterogeneityParts({} variants, Q {q:.3})",
            self.ids.len()
        )
    }
}
