//! Estimators of the variance between studies.

use super::studies::Studies;
use crate::{Error, Result};

/// How the variance between studies, tau², is estimated.
///
/// All but those found by iteration are moments that can fall below 0 and are then 0. Iterations go on until tau² changes by less than one
/// part in 10¹³.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TauSquared {
    /// It is 0: all studies measure the same effect (fixed effect).
    Fixed,
    /// `DerSimonian` and Laird 1986, doi:10.1016/0197-2456(86)90046-2.
    DerSimonianLaird,
    /// Hedges, or Cochran's ANOVA: the variance of the effects less the mean sampling variance.
    Hedges,
    /// Hunter and Schmidt: biased towards 0.
    HunterSchmidt,
    /// Sidik and Jonkman 2005, doi:10.1111/j.1467-9876.2005.00489.x: never 0 unless all effects are equal.
    SidikJonkman,
    /// Paule and Mandel 1982: Q at tau² is its degrees of freedom.
    PauleMandel,
    /// Maximum likelihood: biased towards 0 with few studies.
    MaximumLikelihood,
    /// Restricted maximum likelihood (Viechtbauer 2005, doi:10.3102/10769986030003261).
    #[default]
    Restricted,
    /// Empirical Bayes (Morris 1983), which has the equation of Paule and Mandel.
    EmpiricalBayes,
}

impl TauSquared {
    /// Estimates tau² and its standard error where there is a formula.
    pub(super) fn estimate(self, studies: &Studies<'_>) -> Result<(f64, Option<f64>)> {
        let (k, freedom) = (studies.len() as f64, studies.freedom());
        if self == Self::Fixed || freedom < 1.0 {
            return Ok((0.0, None));
        }
        let fixed = studies.sums(0.0);
        let (trace, square) = fixed.traces();
        // The variance of Q, over what it is divided by.
        let moment = |tau2: f64, by: f64| {
            let variance = 2.0 * freedom + 4.0 * tau2 * trace + 2.0 * tau2 * tau2 * square;
            (tau2, Some(variance.sqrt() / by))
        };
        let (plain, squares) = (studies.plain().1 / freedom, studies.plain().1);
        let mean_v = studies.v.iter().sum::<f64>() / k;
        Ok(match self {
            Self::Fixed => (0.0, None),
            Self::DerSimonianLaird => moment(((fixed.q - freedom) / trace).max(0.0), trace),
            Self::HunterSchmidt => moment(((fixed.q - k) / fixed.w).max(0.0), fixed.w),
            Self::Hedges => {
                let tau2 = (plain - mean_v).max(0.0);
                (tau2, Some(of_hedges(studies, tau2)))
            }
            Self::SidikJonkman => {
                let first = squares / k;
                (first * studies.sums(first).q / freedom, None)
            }
            Self::PauleMandel | Self::EmpiricalBayes => {
                let tau2 = studies.where_q_is(freedom);
                let w = studies.sums(tau2).w;
                (tau2, Some((2.0 * k * k / freedom).sqrt() / w))
            }
            Self::MaximumLikelihood | Self::Restricted => {
                let tau2 = self.climb(studies, (plain - mean_v).max(0.0))?;
                let sums = studies.sums(tau2);
                let information = if self == Self::Restricted {
                    sums.traces().1
                } else {
                    sums.ww
                };
                (tau2, Some((2.0 / information).sqrt()))
            }
        })
    }

    /// Twice the logarithm of the (restricted) likelihood, but for a constant.
    fn likelihood(self, studies: &Studies<'_>, tau2: f64) -> f64 {
        let sums = studies.sums(tau2);
        let logs: f64 = studies.weights(tau2).map(f64::ln).sum();
        let restricted = if self == Self::Restricted {
            sums.w.ln()
        } else {
            0.0
        };
        logs - restricted - sums.q
    }

    /// Climbs the likelihood by Fisher scoring; tau² stays at 0 or above.
    fn climb(self, studies: &Studies<'_>, start: f64) -> Result<f64> {
        // The likelihood can have two tops: climb from both sides, and from the moments.
        let spread = studies.plain().1 / studies.freedom();
        let mut best = (f64::NEG_INFINITY, 0.0);
        for start in [start, 0.0, spread] {
            let top = self.climb_from(studies, start)?;
            let height = self.likelihood(studies, top);
            if height > best.0 + 1e-12 * height.abs() {
                best = (height, top);
            }
        }
        Ok(best.1)
    }

    fn climb_from(self, studies: &Studies<'_>, start: f64) -> Result<f64> {
        let mut tau2 = start;
        let mut height = self.likelihood(studies, tau2);
        let (mut longest, mut last) = (1.0, 0.0);
        for _ in 0..10_000 {
            let sums = studies.sums(tau2);
            let step = if self == Self::Restricted {
                let (trace, square) = sums.traces();
                (sums.qq - trace) / square
            } else {
                (sums.qq - sums.w) / sums.ww
            };
            // Steps that go over the top, forth and back, are too long.
            if step * last < 0.0 {
                longest /= 2.0;
            }
            last = step;
            let mut length = longest;
            let next = loop {
                let next = (tau2 + length * step).max(0.0);
                let found = self.likelihood(studies, next);
                if found >= height - 1e-13 * height.abs() || length < 1e-9 {
                    height = found;
                    break next;
                }
                length /= 2.0;
            };
            let done = (next - tau2).abs() <= 1e-13 * next;
            tau2 = next;
            if done {
                return Ok(tau2);
            }
        }
        Err(Error::Diverged {
            what: "the variance between studies".into(),
            detail: "no end after 10000 steps; try TauSquared::PauleMandel".into(),
        })
    }
}

/// The standard error of the estimator of Hedges, without weights.
fn of_hedges(studies: &Studies<'_>, tau2: f64) -> f64 {
    let (k, freedom) = (studies.len() as f64, studies.freedom());
    // Traces of PVPV, PVP and PP, where P takes the plain mean away.
    let (sum, squares) = studies
        .v
        .iter()
        .fold((0.0, 0.0), |(s, ss), v| (s + v, ss + v * v));
    let pvpv = squares - 2.0 * squares / k + (sum / k).powi(2);
    let pvp = sum - sum / k;
    let variance = 2.0 * pvpv + 4.0 * tau2 * pvp + 2.0 * tau2 * tau2 * freedom;
    variance.sqrt() / freedom
}
