//! Pooling effects.

use super::pooled::{Pooled, Study};
use super::studies::Studies;
use super::tau_squared::TauSquared;
use crate::causal::Estimates;
use crate::causal::pairs::of_usual_size;
use crate::{Error, Result};

/// Pools effects with their standard errors: random effects, the variance between studies by restricted maximum likelihood, normal
/// intervals.
///
/// # Errors
///
/// Fails when there is no effect, there are more or fewer standard errors, a number is not finite, or a standard error is not above 0.
///
/// # Examples
///
/// ```
/// use genolens::causal;
/// # fn main() -> genolens::Result<()> {
/// let pooled = causal::meta_analysis(&[0.1, 0.3, 0.35, 0.65], &[0.1, 0.1, 0.05, 0.1])?;
/// assert!((pooled.value() - 0.353).abs() < 0.01 && pooled.tau_squared() > 0.02);
/// assert_eq!(pooled.table()?.height(), 5);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Viechtbauer 2010, doi:10.18637/jss.v036.i03. Checked against the published results of the R package `metafor` on the BCG vaccine trials.
pub fn meta_analysis(effects: &[f64], errors: &[f64]) -> Result<Pooled> {
    MetaAnalysis::new().run(effects, errors)
}

/// Whether the standard error of a pooled effect follows from how the effects spread (Hartung and Knapp 2001, doi:10.1002/sim.1009), with
/// Student's distribution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KnappHartung {
    /// No: it follows from the variances, with the normal distribution.
    #[default]
    Off,
    /// Yes; it can be smaller than without.
    On,
    /// Yes, but never smaller than without.
    AdHoc,
}

/// Pooling, with options.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetaAnalysis {
    tau_squared: TauSquared,
    knapp_hartung: KnappHartung,
    names: Vec<String>,
}

impl MetaAnalysis {
    /// Asks for what [`meta_analysis`] gives.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how the variance between studies is estimated.
    pub fn tau_squared(mut self, estimator: TauSquared) -> Self {
        self.tau_squared = estimator;
        self
    }

    /// Sets whether the standard error follows from how the effects spread.
    pub fn knapp_hartung(mut self, knapp_hartung: KnappHartung) -> Self {
        self.knapp_hartung = knapp_hartung;
        self
    }

    /// Names the studies.
    pub fn names<I>(mut self, names: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        self.names = names.into_iter().map(Into::into).collect();
        self
    }

    /// Pools effects with their standard errors.
    ///
    /// # Errors
    ///
    /// As [`meta_analysis`], when there are more or fewer names than effects, when Knapp-Hartung errors are asked for of a single
    /// effect, and when the variance between studies cannot be found.
    pub fn run(&self, effects: &[f64], errors: &[f64]) -> Result<Pooled> {
        let k = effects.len();
        if k == 0 {
            return Err(Error::value("effects", "one effect or more", "none"));
        }
        if errors.len() != k {
            let expected = format!("({k}), one for each effect");
            return Err(Error::shape("errors", expected, &[errors.len()]));
        }
        if !self.names.is_empty() && self.names.len() != k {
            let expected = format!("({k}), one for each effect");
            return Err(Error::shape("names", expected, &[self.names.len()]));
        }
        if let Some(odd) = effects.iter().find(|effect| !effect.is_finite()) {
            return Err(Error::value("effects", "finite numbers", odd));
        }
        if let Some(odd) = errors
            .iter()
            .find(|error| !(error.is_finite() && **error > 0.0))
        {
            return Err(Error::value("errors", "finite numbers above 0", odd));
        }
        of_usual_size("effects", effects)?;
        of_usual_size("errors", errors)?;
        if k == 1 && self.knapp_hartung != KnappHartung::Off {
            let expected = "two effects or more for Knapp-Hartung errors";
            return Err(Error::value("effects", expected, k));
        }
        let v: Vec<f64> = errors.iter().map(|error| error * error).collect();
        let studies = Studies { y: effects, v: &v };
        let (tau2, tau2_error) = self.tau_squared.estimate(&studies)?;
        let sums = studies.sums(tau2);
        let plain = 1.0 / sums.w.sqrt();
        let spread = (sums.q / studies.freedom()).sqrt();
        let error = match self.knapp_hartung {
            KnappHartung::Off => plain,
            KnappHartung::On => plain * spread,
            KnappHartung::AdHoc => plain * spread.max(1.0),
        };
        let fixed = studies.sums(0.0);
        let typical = studies.freedom() / fixed.traces().0;
        let names = (1..=k).map(|number| number.to_string());
        let names: Vec<String> = if self.names.is_empty() {
            names.collect()
        } else {
            self.names.clone()
        };
        let rows = names.into_iter().zip(effects.iter().zip(errors));
        let rows = rows.zip(studies.weights(tau2));
        let study = |((name, (effect, error)), w): ((String, (&f64, &f64)), f64)| Study {
            name,
            effect: *effect,
            error: *error,
            weight: w / sums.w,
        };
        Ok(Pooled {
            options: self.clone(),
            studies: rows.map(study).collect::<Vec<_>>().into(),
            value: sums.mean,
            error,
            student: (self.knapp_hartung != KnappHartung::Off).then(|| studies.freedom()),
            tau2,
            tau2_error,
            q: fixed.q,
            typical: (k > 1).then_some(typical),
        })
    }

    /// Pools the estimates of a table, such as one for each sequence or for each variant, under the names of these.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn run_estimates(&self, estimates: &Estimates) -> Result<Pooled> {
        let (effects, errors): (Vec<f64>, Vec<f64>) = estimates
            .iter()
            .map(|estimate| (estimate.value(), estimate.standard_error()))
            .unzip();
        let mut options = self.clone();
        if options.names.is_empty() {
            options.names = estimates.variants();
            if options.names.len() != effects.len() {
                options.names.clear();
            }
        }
        options.run(&effects, &errors)
    }

    /// The same without the names.
    pub(super) fn unnamed(&self) -> Self {
        Self {
            names: Vec::new(),
            ..self.clone()
        }
    }

    pub(super) fn estimator(&self) -> TauSquared {
        self.tau_squared
    }
}
