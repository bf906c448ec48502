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

    /// Half the slope of the likelihood at tau², and half the curvature that is expected.
    fn slope(self, studies: &Studies<'_>, tau2: f64) -> (f64, f64) {
        let sums = studies.sums(tau2);
        if self == Self::Restricted {
            let (trace, square) = sums.traces();
            (sums.qq - trace, square)
        } else {
            (sums.qq - sums.w, sums.ww)
        }
    }

    /// Finds the highest top of the likelihood; tau² stays at 0 or above.
    fn climb(self, studies: &Studies<'_>, start: f64) -> Result<f64> {
        // There can be two tops: climb from both sides, and from the moments.
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

    /// Climbs by Fisher scoring with steps that grow until they go over a top, and finds it between the last two.
    fn climb_from(self, studies: &Studies<'_>, start: f64) -> Result<f64> {
        let mut near = start;
        let (mut slope, mut curvature) = self.slope(studies, near);
        let mut reach = 1.0;
        for _ in 0..200 {
            let far = (near + reach * slope / curvature).max(0.0);
            if (far - near).abs() <= 1e-13 * far {
                return Ok(far);
            }
            let next = self.slope(studies, far);
            if slope * next.0 <= 0.0 {
                return Ok(self.between(studies, (near, slope), (far, next.0)));
            }
            (near, (slope, curvature)) = (far, next);
            reach *= 2.0;
        }
        Err(Error::Diverged {
            what: "the variance between studies".into(),
            detail: "no top after 200 steps; try TauSquared::PauleMandel".into(),
        })
    }

    /// Finds where the slope is 0 between two places where it has other signs, by the rule of Illinois.
    fn between(self, studies: &Studies<'_>, mut low: (f64, f64), mut high: (f64, f64)) -> f64 {
        while high.1 != 0.0 {
            let place = (low.0 * high.1 - high.0 * low.1) / (high.1 - low.1);
            let moved = (place - high.0).abs();
            let found = (place, self.slope(studies, place).0);
            if found.1 * high.1 > 0.0 {
                // The other end stays: let it weigh less, or it would stay for ever.
                low.1 /= 2.0;
            } else {
                low = high;
            }
            high = found;
            if moved <= 1e-14 * place || (high.0 - low.0).abs() <= 1e-14 * place {
                break;
            }
        }
        high.0
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
