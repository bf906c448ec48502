//! MR-Egger regression.

use super::super::estimate::{Inference, Intercept};
use super::super::line::{self, Line};
use super::super::pairs::{Pairs, sign};
use super::super::robust::{self, Fitted};
use super::super::{Estimate, Estimator, Heterogeneity, Instruments, Preset};
use super::penalty;
use crate::{Error, Result};

/// Estimates an effect by MR-Egger regression: as inverse-variance weighting, with an intercept for the mean effect of the variants that
/// does not go through the exposure.
///
/// All variants are turned to raise the exposure; one whose effect on it is 0 keeps its effect on the outcome. Standard errors are widened
/// by the residual standard error where that is above 1. Correlated variants are taken as such.
///
/// It holds when such effects are independent of those on the exposure, however large they are on the mean; it needs variants that
/// differ in their effects on the exposure, and is diluted where these are measured badly: see
/// [`i_squared_gx`](crate::causal::i_squared_gx).
///
/// # Errors
///
/// Fails when there are fewer than three variants, all have the same effect on the exposure, or there are several exposures.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let (bx, by) = ([0.1, -0.2, 0.4], [0.25, -0.45, 0.85]);
/// let instruments = Instruments::new((&bx, &[0.01; 3]), (&by, &[0.05; 3]))?;
/// let found = causal::egger(&instruments)?;
/// assert!((found.value() - 2.0).abs() < 1e-12);
/// assert!(found.intercept().is_some_and(|intercept| (intercept.value() - 0.05).abs() < 1e-12));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Bowden, Davey Smith and Burgess 2015, doi:10.1093/ije/dyv080; Rees, Wood, Dudbridge and Burgess 2019,
/// doi:10.1371/journal.pone.0222362 (robust, penalised). Checked against the published results of `MendelianRandomization` (0.10.0).
pub fn egger(instruments: &Instruments) -> Result<Estimate> {
    Egger::new().run(instruments)
}

/// MR-Egger regression, with options.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Egger {
    rule: Rule,
    penalised: bool,
    robust: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Rule {
    #[default]
    Normal,
    Wider,
    Student,
}

impl Egger {
    /// Asks for the estimate of [`egger`], with p-values of the normal distribution.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for the defaults of a package: `TwoSampleMR` has p-values of Student's distribution on the widened standard errors. The
    /// interval follows the same distribution here (there it does not, and contradicts the p-value).
    pub fn preset(preset: Preset) -> Self {
        let rule = match preset {
            Preset::MendelianRandomization => Rule::Normal,
            Preset::TwoSampleMr => Rule::Student,
        };
        Self {
            rule,
            ..Self::new()
        }
    }

    /// Sets whether intervals and p-values are those of Student's distribution with the residual standard error as it is, or of the normal
    /// distribution with fixed effects where these are wider (the option `t-dist` of `MendelianRandomization`).
    pub fn student(mut self, student: bool) -> Self {
        self.rule = if student { Rule::Wider } else { Rule::Normal };
        self
    }

    /// Sets whether variants far from a first line weigh less: by 100 times the chance of such a distance, where that is below 1.
    pub fn penalised(mut self, penalised: bool) -> Self {
        self.penalised = penalised;
        self
    }

    /// Sets whether the regression is robust (MM-estimation, bisquare): up to half of the variants may be far off.
    pub fn robust(mut self, robust: bool) -> Self {
        self.robust = robust;
        self
    }

    /// Estimates the effect.
    ///
    /// # Errors
    ///
    /// As [`egger`], when the weights are penalised until fewer than three are left, and when correlated variants are penalised or fitted
    /// robustly.
    pub fn run(&self, instruments: &Instruments) -> Result<Estimate> {
        let pairs = instruments.pairs()?;
        pairs.at_least(3, "MR-Egger")?;
        let fit = if let Some(correlation) = instruments.correlation() {
            if self.penalised || self.robust {
                let got = "penalised or robust";
                return Err(Error::value("egger", "plain for correlated variants", got));
            }
            let rows = super::whiten::rows(&pairs, correlation)?;
            let ones = vec![1.0; rows.x.len()];
            let line = line::with_intercept(&rows.x, (&rows.ones, &rows.y), &ones)?;
            Fit::of_line(line, line::squares(&rows.y, &ones))
        } else {
            self.weighted(&pairs)?
        };
        let method = match (self.penalised, self.robust) {
            (false, false) => "MR-Egger",
            (true, false) => "MR-Egger, penalised",
            (false, true) => "MR-Egger, robust",
            (true, true) => "MR-Egger, penalised and robust",
        };
        let Fit {
            line, sigma, exact, ..
        } = fit;
        if line.freedom < 1.0 {
            let expected = "three variants or more with a weight left, for MR-Egger";
            return Err(Error::value("instruments", expected, line.freedom + 2.0));
        }
        let widened = if exact { 1.0 } else { sigma.max(1.0) };
        let part = |value: f64, fixed: f64| {
            let inference = match self.rule {
                Rule::Normal => Inference::Normal,
                Rule::Student => Inference::Student(line.freedom),
                Rule::Wider if exact => Inference::Student(line.freedom),
                Rule::Wider => Inference::Wider(line.freedom, fixed * sigma),
            };
            (value, fixed * widened, inference)
        };
        let (value, error, inference) = part(line.slope, line.slope_error);
        let intercept = part(line.intercept, line.intercept_error);
        Ok(
            Estimate::new(method, line.freedom as usize + 2, value, error)
                .on(instruments.exposure_name(0))
                .inferred(inference)
                .with_intercept(Intercept::new(intercept.0, intercept.1, intercept.2))
                .with_residuals(Some(sigma), Heterogeneity::new(line.q, line.freedom)),
        )
    }

    fn weighted(&self, pairs: &Pairs<'_>) -> Result<Fit> {
        let n = pairs.len();
        let (mut x, mut y, mut w) = (
            Vec::with_capacity(n),
            Vec::with_capacity(n),
            Vec::with_capacity(n),
        );
        for pair in pairs.iter() {
            let turn = sign(pair.bx);
            x.push(pair.bx * turn);
            y.push(pair.by * turn);
            w.push(1.0 / (pair.sy * pair.sy));
        }
        let ones = vec![1.0; n];
        let mut line = line::with_intercept(&x, (&ones, &y), &w)?;
        if self.penalised {
            penalty::lower(&mut w, 100.0, |at| {
                y[at] - line.intercept - line.slope * x[at]
            })?;
            line = line::with_intercept(&x, (&ones, &y), &w)?;
        }
        if !self.robust {
            return Ok(Fit::of_line(line, line::squares(&y, &w)));
        }
        let row = |at: usize| {
            let root = w[at].sqrt();
            ([root, root * x[at]], root * y[at])
        };
        let rows: Vec<([f64; 2], f64)> = (0..n).filter(|at| w[*at] > 0.0).map(row).collect();
        let Fitted {
            coefficients: [intercept, slope],
            errors,
            scale,
        } = robust::fit(&rows)?;
        let mut fit = Fit {
            line: Line {
                intercept,
                slope,
                ..line
            },
            sigma: scale,
            exact: errors.is_none(),
        };
        if let Some([of_intercept, of_slope]) = errors {
            fit.line.intercept_error = of_intercept / scale;
            fit.line.slope_error = of_slope / scale;
        }
        Ok(fit)
    }
}

/// A line and its residual standard error; whether it goes through all points, so that this error says nothing.
struct Fit {
    line: Line,
    sigma: f64,
    exact: bool,
}

impl Fit {
    fn of_line(line: Line, total: f64) -> Self {
        let sigma = line.sigma(total).unwrap_or(0.0);
        Self {
            line,
            sigma,
            exact: sigma == 0.0,
        }
    }
}

impl Estimator for Egger {
    fn estimate(&self, instruments: &Instruments) -> Result<Estimate> {
        self.run(instruments)
    }
}
