//! The inverse-variance weighted estimate.

use super::super::line::{self, Line};
use super::super::pairs::{Pairs, sign};
use super::super::robust::{self, Fitted};
use super::super::{Dispersion, Estimate, Estimator, Heterogeneity, Instruments, Preset};
use super::penalty;
use crate::{Error, Result};

/// Estimates an effect by inverse-variance weighting: the weighted regression of effects on the outcome on those on the exposure, through
/// the origin.
///
/// The weights are those of the errors of the outcome; with four variants or more the standard error is widened by the residual standard
/// error where that is above 1, and p-values are those of the normal distribution. Where the instruments know how they are correlated,
/// the regression takes it into account. A variant whose effect on the exposure is 0 says nothing here.
///
/// It is biased where variants act on the outcome by other ways, too, and these do not balance: then ask [`egger`](super::egger()),
/// [`weighted_median`](super::weighted_median) and [`mode_based`](super::mode_based), which err in other ways.
///
/// # Errors
///
/// Fails when there is no variant, all effects on the exposure are 0, or there are several exposures.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let instruments = Instruments::new((&[0.1, 0.2, 0.4], &[0.01; 3]), (&[0.2, 0.4, 0.8], &[0.05; 3]))?;
/// let found = causal::ivw(&instruments)?;
/// assert!((found.value() - 2.0).abs() < 1e-12 && found.p_value() < 1e-20);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Burgess, Butterworth and Thompson 2013, doi:10.1002/gepi.21758. Checked against the published results of the R package
/// `MendelianRandomization` (0.10.0).
pub fn ivw(instruments: &Instruments) -> Result<Estimate> {
    Ivw::new().run(instruments)
}

/// Which errors weigh the variants.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Weights {
    /// Those of the outcome.
    #[default]
    Simple,
    /// Those of outcome and exposure by the delta method; the number is the correlation of the two errors, 0 for different people.
    Delta(f64),
}

/// Inverse-variance weighting, with options.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ivw {
    dispersion: Dispersion,
    weights: Weights,
    penalised: bool,
    robust: bool,
}

impl Ivw {
    /// Asks for the estimate of [`ivw`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for the defaults of a package: `TwoSampleMR` widens the standard error with two variants, too.
    pub fn preset(preset: Preset) -> Self {
        Self::new().dispersion(match preset {
            Preset::MendelianRandomization => Dispersion::Automatic,
            Preset::TwoSampleMr => Dispersion::AtLeastOne,
        })
    }

    /// Sets what is done about residuals that are wider than the standard errors say.
    pub fn dispersion(mut self, dispersion: Dispersion) -> Self {
        self.dispersion = dispersion;
        self
    }

    /// Sets which errors weigh the variants. With delta weights, a variant without an effect on the exposure is left out.
    pub fn weights(mut self, weights: Weights) -> Self {
        self.weights = weights;
        self
    }

    /// Sets whether variants far from the median ratio weigh less: by 100 times the chance of such a distance, where that is below 1 (20
    /// times with delta weights).
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
    /// As [`ivw`], when the weights are penalised until none is left, and when correlated variants are penalised, fitted robustly or
    /// weighed by the delta method.
    pub fn run(&self, instruments: &Instruments) -> Result<Estimate> {
        let pairs = instruments.pairs()?;
        pairs.at_least(1, "inverse-variance weighting")?;
        let (line, sigma, slope_error, used) = if let Some(correlation) = instruments.correlation()
        {
            if self.penalised || self.robust || self.weights != Weights::Simple {
                let got = "penalised, robust or delta weights";
                return Err(Error::value(
                    "ivw",
                    "plain weights for correlated variants",
                    got,
                ));
            }
            let rows = super::whiten::rows(&pairs, correlation)?;
            let ones = vec![1.0; rows.x.len()];
            let line = line::through_origin(&rows.x, &rows.y, &ones)?;
            let sigma = line.sigma(line::squares(&rows.y, &ones));
            let factor = self.dispersion.factor(sigma, pairs.len());
            (line, sigma, line.slope_error * factor, pairs.len())
        } else {
            self.weighted(&pairs)?
        };
        let method = match (self.penalised, self.robust) {
            (false, false) => "inverse-variance weighted",
            (true, false) => "inverse-variance weighted, penalised",
            (false, true) => "inverse-variance weighted, robust",
            (true, true) => "inverse-variance weighted, penalised and robust",
        };
        let q = Heterogeneity::new(line.q, line.freedom);
        Ok(Estimate::new(method, used, line.slope, slope_error)
            .on(instruments.exposure_name(0))
            .with_residuals(sigma, q))
    }

    fn weighted(&self, pairs: &Pairs<'_>) -> Result<(Line, Option<f64>, f64, usize)> {
        let mut w: Vec<f64> = match self.weights {
            Weights::Simple => pairs.sy.iter().map(|sy| 1.0 / (sy * sy)).collect(),
            Weights::Delta(psi) => {
                checked_correlation(psi)?;
                let weight = |pair: super::super::pairs::Pair| {
                    if pair.bx == 0.0 {
                        return 0.0;
                    }
                    let error = pair.second_order(psi) * pair.bx.abs();
                    if error > 0.0 {
                        1.0 / (error * error)
                    } else {
                        0.0
                    }
                };
                pairs.iter().map(weight).collect()
            }
        };
        if self.penalised {
            let factor = match self.weights {
                Weights::Simple => 100.0,
                Weights::Delta(_) => 20.0,
            };
            penalty::about_median_ratio(pairs, &mut w, factor)?;
        }
        let used = w.iter().filter(|w| **w > 0.0).count();
        let line = line::through_origin(pairs.bx, pairs.by, &w)?;
        if !self.robust {
            let sigma = line.sigma(line::squares(pairs.by, &w));
            let factor = self.dispersion.factor(sigma, used);
            return Ok((line, sigma, line.slope_error * factor, used));
        }
        pairs.at_least(3, "robust inverse-variance weighting")?;
        let row = |at: usize| {
            let (root, turn) = (w[at].sqrt(), sign(pairs.bx[at]));
            ([root * pairs.bx[at] * turn], root * pairs.by[at] * turn)
        };
        let rows: Vec<([f64; 1], f64)> = (0..pairs.len())
            .filter(|at| w[*at] > 0.0 && pairs.bx[*at] != 0.0)
            .map(row)
            .collect();
        let Fitted {
            coefficients,
            errors,
            scale,
        } = robust::fit(&rows)?;
        let robust_line = Line {
            slope: coefficients[0],
            ..line
        };
        let error = match errors {
            Some(errors) => robust_error(self.dispersion, (errors[0], scale), used),
            None => line.slope_error,
        };
        Ok((robust_line, Some(scale), error, used))
    }
}

/// Refuses what is no correlation.
pub(super) fn checked_correlation(psi: f64) -> Result<()> {
    if (-1.0..=1.0).contains(&psi) {
        return Ok(());
    }
    Err(Error::value("psi", "from -1 to 1", psi))
}

/// The standard error of a robust fit, which has the residual scale in it.
pub(super) fn robust_error(dispersion: Dispersion, (error, scale): (f64, f64), used: usize) -> f64 {
    error / scale * dispersion.factor(Some(scale), used)
}

impl Estimator for Ivw {
    fn estimate(&self, instruments: &Instruments) -> Result<Estimate> {
        self.run(instruments)
    }
}
