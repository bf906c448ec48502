//! Several exposures at once.

use super::super::estimate::Intercept;
use super::super::pairs::{at_least, sign};
use super::super::{Dispersion, Estimate, Estimates, Heterogeneity, Instruments};
use crate::linear::Cholesky;
use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis, concatenate};

/// Estimates the direct effects of several exposures, each with the others held, by inverse-variance weighting.
///
/// Where the instruments know how they are correlated, the regression takes it into account.
///
/// # Errors
///
/// Fails when there are no more variants than exposures, or the effects on one exposure follow from those on the others.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let (ldl, hdl) = ([0.1, 0.2, 0.4, 0.0], [0.3, 0.0, -0.1, 0.2]);
/// let by: Vec<f64> = ldl.iter().zip(hdl).map(|(ldl, hdl)| 2.0 * ldl - hdl).collect();
/// let instruments = Instruments::new((&ldl, &[0.01; 4]), (&by, &[0.05; 4]))?.with_names("LDL", "heart disease");
/// let found = causal::multivariable_ivw(&instruments.with_exposure("HDL", &hdl, &[0.01; 4])?)?;
/// assert!((found.named("HDL")?.value() + 1.0).abs() < 1e-10);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Burgess and Thompson 2015, doi:10.1093/aje/kwu283. Checked against the published results of `MendelianRandomization` (0.10.0).
pub fn multivariable_ivw(instruments: &Instruments) -> Result<Estimates> {
    Multivariable::new().run(instruments)
}

/// Estimates the direct effects of several exposures by MR-Egger: with an intercept, all variants turned to raise the first exposure.
///
/// # Errors
///
/// As [`multivariable_ivw`], with one variant more.
///
/// # References
///
/// Rees, Wood and Burgess 2017, doi:10.1002/sim.7492. Checked against the published results of `MendelianRandomization` (0.10.0).
pub fn multivariable_egger(instruments: &Instruments) -> Result<Estimates> {
    Multivariable::new().egger("").run(instruments)
}

/// Estimation with several exposures, with options.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Multivariable {
    dispersion: Dispersion,
    egger: Option<String>,
}

impl Multivariable {
    /// Asks for the estimates of [`multivariable_ivw`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets what is done about residuals that are wider than the standard errors say.
    pub fn dispersion(mut self, dispersion: Dispersion) -> Self {
        self.dispersion = dispersion;
        self
    }

    /// Asks for an intercept, all variants being turned to raise this exposure; the first one where the name is empty.
    pub fn egger(mut self, exposure: &str) -> Self {
        self.egger = Some(exposure.into());
        self
    }

    /// Estimates the effects.
    ///
    /// # Errors
    ///
    /// As [`multivariable_ivw`], and when there is no exposure of the name that variants are turned by.
    pub fn run(&self, instruments: &Instruments) -> Result<Estimates> {
        let mut x = instruments.exposure_effects();
        let (by, sy) = instruments.outcome_pairs();
        let mut y: Array1<f64> = by.to_vec().into();
        let (k, exposures) = x.dim();
        let mut method = "multivariable inverse-variance weighted";
        let mut signs = vec![1.0; k];
        if let Some(name) = &self.egger {
            method = "multivariable MR-Egger";
            let names = instruments.exposures();
            let place = if name.is_empty() {
                Some(0)
            } else {
                names.iter().position(|known| known == name)
            };
            let place = place.ok_or_else(|| {
                let expected = format!("one of: {}", names.join(", "));
                Error::value("exposure", expected, format!("`{name}`"))
            })?;
            signs = x.column(place).iter().map(|bx| sign(*bx)).collect();
            for ((mut row, y), sign) in x.rows_mut().into_iter().zip(&mut y).zip(&signs) {
                row *= *sign;
                *y *= *sign;
            }
            x = concatenate![Axis(1), x, Array2::ones((k, 1))];
        }
        let columns = x.ncols();
        at_least(k, columns + 1, method)?;
        match instruments.correlation() {
            None => {
                for ((mut row, y), sy) in x.rows_mut().into_iter().zip(&mut y).zip(sy) {
                    row /= *sy;
                    *y /= *sy;
                }
            }
            Some(correlation) => {
                let covariance = Array2::from_shape_fn((k, k), |(i, j)| {
                    correlation[[i, j]] * signs[i] * signs[j] * sy[i] * sy[j]
                });
                let root = Cholesky::new(covariance).ok_or_else(|| {
                    Error::value("correlation", "positive definite", "singular or indefinite")
                })?;
                for mut column in x.columns_mut() {
                    let turned = root.whiten(&column.to_vec());
                    column.assign(&Array1::from(turned));
                }
                y = root.whiten(&y.to_vec()).into();
            }
        }
        let root = Cholesky::new(x.t().dot(&x)).ok_or_else(|| {
            let expected = "effects on exposures none of which follows from the others";
            Error::value("instruments", expected, "such that one does")
        })?;
        let inverse = root.inverse();
        let found = inverse.dot(&x.t().dot(&y));
        let q = (&y - &x.dot(&found))
            .mapv(|residual| residual * residual)
            .sum();
        let total = y.dot(&y);
        let q = if q <= 1e-24 * total { 0.0 } else { q };
        let freedom = (k - columns) as f64;
        let sigma = (q / freedom).sqrt();
        let factor = self.dispersion.factor(Some(sigma), k);
        let error = |at: usize| inverse[[at, at]].sqrt() * factor;
        let row = |place: usize| {
            let estimate = Estimate::new(method, k, found[place], error(place))
                .on(instruments.exposure_name(place))
                .with_residuals(Some(sigma), Heterogeneity::new(q, freedom));
            let estimate = if columns > exposures {
                let inference = super::super::estimate::Inference::Normal;
                let intercept = Intercept::new(found[exposures], error(exposures), inference);
                estimate.with_intercept(intercept)
            } else {
                estimate
            };
            (None, estimate)
        };
        Ok(Estimates::new((0..exposures).map(row).collect()))
    }
}
