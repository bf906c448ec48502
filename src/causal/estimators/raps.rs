//! The robust adjusted profile score.

use super::super::pairs::Pair;
use super::super::{Estimate, Estimator, Instruments};
use super::max_likelihood::valleys;
use crate::{Error, Result};
use std::f64::consts::PI;

/// Estimates an effect by the robust adjusted profile score: right with many weak variants that act otherwise, too, in ways that balance,
/// and with a few that are far off.
///
/// Two equations are solved: the score of the profile likelihood, with bounded influence (Huber, 1.345), and one for the variance of
/// effects that do not go through the exposure. Where the second has no root above 0, that variance is 0. Of several roots of the first,
/// the one with the lowest objective is taken. Standard errors are those of the model.
///
/// # Errors
///
/// Fails when there are fewer than three variants, their effects on the exposure are no larger than their errors, there are several
/// exposures, or the equations do not settle.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let (bx, by) = ([0.1, 0.2, 0.3, 0.4], [0.21, 0.39, 0.62, 0.8]);
/// let instruments = Instruments::new((&bx, &[0.01; 4]), (&by, &[0.02; 4]))?;
/// assert!((causal::raps(&instruments)?.value() - 2.0).abs() < 0.1);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Zhao, Wang, Hemani, Bowden and Small 2020, doi:10.1214/19-AOS1866. Checked against a solution of the equations by scipy.
pub fn raps(instruments: &Instruments) -> Result<Estimate> {
    Raps::new().run(instruments)
}

/// How the influence of a variant is bounded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Loss {
    /// Not at all.
    Squared,
    /// From so many standard errors on, it stays the same.
    Huber(f64),
    /// It falls back to 0 at so many standard errors.
    Tukey(f64),
}

/// The robust adjusted profile score, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct Raps {
    loss: Loss,
    overdispersion: bool,
}

impl Default for Raps {
    fn default() -> Self {
        Self {
            loss: Loss::Huber(1.345),
            overdispersion: true,
        }
    }
}

impl Loss {
    fn objective(self, t: f64) -> f64 {
        match self {
            Self::Squared => t * t / 2.0,
            Self::Huber(k) if t.abs() <= k => t * t / 2.0,
            Self::Huber(k) => k * (t.abs() - k / 2.0),
            Self::Tukey(c) => {
                let rest = (1.0 - (t / c).powi(2)).max(0.0);
                c * c / 6.0 * (1.0 - rest.powi(3))
            }
        }
    }

    fn influence(self, t: f64) -> f64 {
        match self {
            Self::Squared => t,
            Self::Huber(k) => t.clamp(-k, k),
            Self::Tukey(c) => t * (1.0 - (t / c).powi(2)).max(0.0).powi(2),
        }
    }

    /// The mean of something under the normal distribution.
    fn mean(self, of: impl Fn(f64, f64) -> f64) -> f64 {
        const STEPS: i32 = 20_000;
        let step = 20.0 / f64::from(STEPS);
        let at = |i: i32| {
            let z = -10.0 + f64::from(i) * step;
            of(z, self.influence(z)) * (-z * z / 2.0).exp()
        };
        (0..=STEPS).map(at).sum::<f64>() * step / (2.0 * PI).sqrt()
    }
}

impl Raps {
    /// Asks for the estimate of [`raps`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how the influence of a variant is bounded.
    pub fn loss(mut self, loss: Loss) -> Self {
        self.loss = loss;
        self
    }

    /// Sets whether variants may act otherwise, too, in ways that balance.
    pub fn overdispersion(mut self, overdispersion: bool) -> Self {
        self.overdispersion = overdispersion;
        self
    }

    /// Estimates the effect.
    ///
    /// # Errors
    ///
    /// As [`raps`], and when the bound of the influence is not above 0.
    pub fn run(&self, instruments: &Instruments) -> Result<Estimate> {
        if let Loss::Huber(bound) | Loss::Tukey(bound) = self.loss
            && !(bound > 0.0 && bound.is_finite())
        {
            return Err(Error::value("loss", "a bound above 0", bound));
        }
        let pairs = instruments.independent_pairs()?;
        pairs.at_least(3, "the robust adjusted profile score")?;
        let all: Vec<Pair> = pairs.iter().collect();
        let weak = || {
            let expected = "effects on the exposure that are larger than their errors";
            Error::value("instruments", expected, "only weaker ones")
        };
        let strength: f64 = all.iter().map(|pair| (pair.bx / pair.sx).powi(2)).sum();
        if strength <= all.len() as f64 {
            return Err(weak());
        }
        let delta = self.loss.mean(|z, psi| z * psi);
        let (theta, tau2) = self.solve(&all, delta)?;
        let error = self.error(&all, (theta, tau2), delta);
        let error = error.ok_or_else(weak)?;
        Ok(
            Estimate::new("robust adjusted profile score", all.len(), theta, error)
                .on(instruments.exposure_name(0))
                .with_spread(tau2.sqrt()),
        )
    }

    /// Solves the two equations in turn.
    fn solve(&self, all: &[Pair], delta: f64) -> Result<(f64, f64)> {
        let size = all.iter().map(|pair| pair.sy * pair.sy).sum::<f64>() / all.len() as f64;
        let strength = all.iter().map(|pair| pair.bx * pair.bx).sum::<f64>() / all.len() as f64;
        let scale = (size / strength.max(f64::MIN_POSITIVE)).sqrt();
        let mut tau2 = 0.0;
        let mut theta = f64::NAN;
        for _ in 0..2000 {
            let objective = |theta: f64| -> f64 {
                let one = |pair: &Pair| self.loss.objective(standard(pair, (theta, tau2)).0);
                all.iter().map(one).sum()
            };
            let next = self.root(all, (valleys(all, objective), tau2));
            let next_tau2 = if self.overdispersion {
                self.spread(all, (next, delta))
            } else {
                0.0
            };
            let still = (next - theta).abs() <= 1e-11 * (next.abs() + scale)
                && (next_tau2 - tau2).abs() <= 1e-11 * (next_tau2 + size);
            (theta, tau2) = (next, next_tau2);
            if still || !self.overdispersion {
                return Ok((theta, tau2));
            }
        }
        Err(Error::Diverged {
            what: "the robust adjusted profile score".into(),
            detail: "its two equations do not settle; try overdispersion(false)".into(),
        })
    }

    /// The root of the first equation beside the lowest place of the objective, whose slope it is.
    fn root(&self, all: &[Pair], (place, tau2): (f64, f64)) -> f64 {
        let score = |theta: f64| -> f64 {
            let one = |pair: &Pair| {
                let (t, v) = standard(pair, (theta, tau2));
                let a = pair.sy * pair.sy + tau2;
                let best = (pair.bx * a + theta * pair.by * pair.sx * pair.sx) / v;
                best * self.loss.influence(t) / v.sqrt()
            };
            all.iter().map(one).sum()
        };
        let beside = 1e-5 * place.abs().max(1e-5);
        let (mut low, mut high) = (place - beside, place + beside);
        if !(score(low) >= 0.0 && score(high) <= 0.0) {
            return place;
        }
        for _ in 0..100 {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                break;
            }
            if score(middle) > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        f64::midpoint(low, high)
    }

    /// The root of the second equation; 0 if there is none above.
    fn spread(&self, all: &[Pair], (theta, delta): (f64, f64)) -> f64 {
        let at = |tau2: f64| -> f64 {
            let one = |pair: &Pair| {
                let (t, v) = standard(pair, (theta, tau2));
                (t * self.loss.influence(t) - delta) / v
            };
            all.iter().map(one).sum()
        };
        if at(0.0) <= 0.0 {
            return 0.0;
        }
        let (mut low, mut high) = (0.0, all.iter().map(|pair| pair.sy * pair.sy).sum());
        while at(high) > 0.0 && high < f64::MAX / 8.0 {
            (low, high) = (high, 4.0 * high);
        }
        for _ in 0..200 {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                break;
            }
            if at(middle) > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }

    /// The standard error by the variances and mean derivatives of the two equations under the model, in which a standardised residual is
    /// independent of the best true effect, and both halves of Stein's identity hold.
    fn error(&self, all: &[Pair], (theta, tau2): (f64, f64), delta: f64) -> Option<f64> {
        let c1 = self.loss.mean(|_, psi| psi * psi);
        let c2 = self.loss.mean(|z, psi| (z * psi - delta).powi(2));
        let c3 = self.loss.mean(|z, psi| (z.powi(3) - 2.0 * z) * psi);
        let (mut a11, mut a12, mut a22, mut b11, mut b22) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for pair in all {
            let s = pair.sx * pair.sx;
            let a = pair.sy * pair.sy + tau2;
            let v = a + theta * theta * s;
            let best = (pair.bx * a + theta * pair.by * s) / v;
            a11 += delta * (best * best - s * a / v) / v;
            a12 += delta * theta * s / (v * v);
            a22 += (delta + c3) / (2.0 * v * v);
            b11 += c1 * best * best / v;
            b22 += c2 / (v * v);
        }
        let through = if self.overdispersion { a12 / a22 } else { 0.0 };
        (a11 > 0.0).then(|| (b11 + through * through * b22).sqrt() / a11)
    }
}

/// A residual over its standard deviation, and the variance.
fn standard(pair: &Pair, (theta, tau2): (f64, f64)) -> (f64, f64) {
    let v = tau2 + pair.sy * pair.sy + (theta * pair.sx).powi(2);
    ((pair.by - theta * pair.bx) / v.sqrt(), v)
}

impl Estimator for Raps {
    fn estimate(&self, instruments: &Instruments) -> Result<Estimate> {
        self.run(instruments)
    }
}
