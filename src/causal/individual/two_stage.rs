//! Two-stage least squares.

use super::{FirstStage, Individuals};
use crate::causal::Estimate;
use crate::causal::estimate::Inference;
use crate::distribution::student;
use crate::linear::Basis;
use crate::{Error, Result};
use ndarray::{Array1, Axis};
use std::fmt;

/// Estimates the effect of the exposure on the outcome by two-stage least squares, and by ordinary regression to compare.
///
/// The exposure is replaced by what instruments and covariates predict of it. Standard errors take residuals as equally wide everywhere,
/// and are over the degrees of freedom that are left. Columns that follow from others are left out.
///
/// # Errors
///
/// Fails when covariates determine the exposure or all instruments, or there are not more rows than columns.
///
/// # Examples
///
/// ```
/// use genolens::{causal::{self, Individuals}, ndarray::Array2};
/// # fn main() -> genolens::Result<()> {
/// // What confounds has nothing to do with the instrument, raises the exposure and lowers the outcome.
/// let hidden = |row: usize| (row / 5) as f64 - 9.5;
/// let z = Array2::from_shape_fn((100, 1), |(row, _)| (row % 5) as f64);
/// let exposure: Vec<f64> = (0..100).map(|row| z[[row, 0]] + hidden(row)).collect();
/// let outcome: Vec<f64> = (0..100).map(|row| 2.0 * exposure[row] - 3.0 * hidden(row)).collect();
/// let found = causal::two_stage_least_squares(&Individuals::new(&exposure, &outcome, &z)?)?;
/// assert!((found.estimate().value() - 2.0).abs() < 1e-9);
/// assert!(found.ordinary().value() < 0.0);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Theil 1953; Hausman 1978, doi:10.2307/1913827. Checked against `IV2SLS` of linearmodels 6.1 (unadjusted, debiased).
pub fn two_stage_least_squares(individuals: &Individuals) -> Result<TwoStage> {
    let n = individuals.len();
    let mut held = Basis::default();
    held.add(&Array1::ones(n));
    for column in individuals.covariates.axis_iter(Axis(1)) {
        held.add(&column.to_owned());
    }
    let (x, y) = (
        held.rest(&individuals.exposure),
        held.rest(&individuals.outcome),
    );
    let mut instruments = Basis::default();
    for column in individuals.instruments.axis_iter(Axis(1)) {
        let rest = held.rest(&column.to_owned());
        // What is left of a determined column is rounding.
        if rest.dot(&rest) > 1e-18 * column.dot(&column) {
            instruments.add(&rest);
        }
    }
    if instruments.len() == 0 {
        let expected = "at least one that covariates do not determine";
        return Err(Error::value("instruments", expected, "none"));
    }
    let (total, columns) = (x.dot(&x), held.len() + 1);
    if total <= 1e-18 * individuals.exposure.dot(&*individuals.exposure) {
        let expected = "some that do not determine the exposure";
        return Err(Error::value("covariates", expected, "some that do"));
    }
    let used = held.len() + instruments.len();
    if n <= used + 1 {
        let expected = format!("more than {} rows for {used} columns", used + 1);
        return Err(Error::value("individuals", expected, n));
    }
    let rest = instruments.rest(&x);
    let predicted = &x - &rest;
    let (explained, unexplained) = (predicted.dot(&predicted), rest.dot(&rest));
    let freedom = (n - columns) as f64;
    let line = |method, along: &Array1<f64>| {
        let size = along.dot(along);
        let slope = along.dot(&y) / size;
        let off = &y - &(&x * slope);
        let error = (off.dot(&off) / freedom / size).sqrt();
        Estimate::new(method, n, slope, error).inferred(Inference::Student(freedom))
    };
    let estimate = line("two-stage least squares", &predicted);
    let ordinary = line("ordinary least squares", &x);
    // Wu and Hausman: what the first stage leaves of the exposure adds to the regression on the exposure.
    let mut on_exposure = Basis::default();
    on_exposure.add(&x);
    let (added, left) = (on_exposure.rest(&rest), on_exposure.rest(&y));
    let size = added.dot(&added);
    let slope = added.dot(&left) / size;
    let off = &left - &(&added * slope);
    let error = (off.dot(&off) / (freedom - 1.0) / size).sqrt();
    Ok(TwoStage {
        estimate,
        ordinary,
        first_stage: FirstStage {
            f: explained / instruments.len() as f64 / (unexplained / (n - used) as f64),
            r_squared: explained / total,
            information: None,
        },
        endogeneity: student::both_tails(slope / error, freedom - 1.0),
    })
}

/// What two-stage least squares finds; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct TwoStage {
    estimate: Estimate,
    ordinary: Estimate,
    first_stage: FirstStage,
    endogeneity: f64,
}

impl TwoStage {
    /// Returns the effect, in units of the outcome per unit of the exposure.
    pub fn estimate(&self) -> &Estimate {
        &self.estimate
    }

    /// Returns the slope of ordinary regression, covariates being held: what one would believe without instruments.
    pub fn ordinary(&self) -> &Estimate {
        &self.ordinary
    }

    /// Returns how strong the instruments are.
    pub fn first_stage(&self) -> FirstStage {
        self.first_stage
    }

    /// Both estimates, one in each line.
    pub(super) fn lines(&self) -> String {
        let both = [&self.estimate, &self.ordinary];
        both.map(|found| line(found.method(), found)).join("\n")
    }

    /// Returns the p-value of the test of Wu and Hausman: small where ordinary regression and instruments contradict each other;
    /// not a number where instruments and covariates determine the exposure.
    pub fn endogeneity_p(&self) -> f64 {
        self.endogeneity
    }
}

/// An estimate with its interval.
pub(super) fn line(name: &str, found: &Estimate) -> String {
    let (low, high) = found.interval();
    format!("{name}: {:.3} (95 % {low:.3} to {high:.3})", found.value())
}

impl fmt::Display for TwoStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.lines(), self.first_stage)
    }
}

impl fmt::Debug for TwoStage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TwoStage({self})")
    }
}
