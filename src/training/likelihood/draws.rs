//! Log-likelihoods of values and their slopes, in double precision, some values at a time.
//!
//! All is written without branches, in plain loops, so that a processor takes several values at once; only what a count above zero adds
//! is computed one by one. Slopes are taken by the logarithms of means, dispersions and deviations, which never overflow.
#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of its caller"
)]
#![expect(
    unsafe_code,
    reason = "the trait of work for any registers is unsafe; nothing here is"
)]

use super::Likelihood;
use crate::distribution::elementary::{exp, exp_and_rest, ln, lost};
use crate::distribution::gamma::{ln_factorial, rises};
use crate::network::{Lanes, Work, with_widest};
use std::f64::consts::TAU;

/// How many values are taken at a time.
pub(super) const AT_ONCE: usize = 64;

/// Numbers of which each belongs to a value.
pub(super) type Each = [f64; AT_ONCE];

/// Logarithms are kept within this bound, so that nothing overflows.
const BOUND: f64 = 100.0;

/// Values, the parameters of their distributions, and what was found of them.
pub(super) struct Draws {
    pub(super) x: Each,
    pub(super) mean: Each,
    /// Logarithms of the means, where these are positive.
    pub(super) log: Each,
    /// Inverse dispersions, for a Gaussian standard deviations.
    pub(super) spread: Each,
    /// Logits of a zero that is no draw.
    pub(super) logit: Each,
    /// Log-likelihoods.
    pub(super) value: Each,
    /// Their slopes by mean, spread and logit.
    pub(super) by: [Each; 3],
}

/// Keeps a logarithm within bounds.
#[inline(always)]
pub(super) fn bounded(log: f64) -> f64 {
    log.clamp(-BOUND, BOUND)
}

/// Keeps a positive number within bounds.
#[inline(always)]
pub(super) fn positive(value: f64) -> f64 {
    value.clamp(3.720_075_976_020_836e-44, 2.688_117_141_816_135_6e43)
}

impl Draws {
    /// Zeros that are drawn with mean 1.
    pub(super) fn new() -> Self {
        let (zeros, ones) = ([0.0; AT_ONCE], [1.0; AT_ONCE]);
        Self {
            x: zeros,
            mean: ones,
            log: zeros,
            spread: ones,
            logit: zeros,
            value: zeros,
            by: [zeros; 3],
        }
    }

    /// Computes values and slopes, with the widest registers.
    pub(super) fn measure(&mut self, likelihood: Likelihood) {
        struct All<'a>(&'a mut Draws, Likelihood);
        impl Work<f64> for All<'_> {
            type Output = ();

            #[inline(always)]
            unsafe fn run<V: Lanes<Number = f64>>(self) {
                self.0.measure_here(self.1);
            }
        }
        with_widest(All(self, likelihood));
    }

    /// Computes values and slopes, with the instructions of the caller.
    #[inline(always)]
    pub(super) fn measure_here(&mut self, likelihood: Likelihood) {
        match likelihood {
            Likelihood::Gaussian => self.gaussian(),
            Likelihood::Poisson | Likelihood::Categorical => self.poisson(),
            Likelihood::NegativeBinomial => self.negative_binomial(),
            Likelihood::Zinb => {
                self.negative_binomial();
                self.zero_inflated();
            }
        }
    }

    #[inline(always)]
    fn gaussian(&mut self) {
        for i in 0..AT_ONCE {
            let deviation = self.spread[i];
            let off = (self.x[i] - self.mean[i]) / deviation;
            self.value[i] = -0.5 * (off * off + TAU.ln()) - ln(deviation);
            self.by[0][i] = off / deviation;
            self.by[1][i] = off * off - 1.0;
        }
    }

    #[inline(always)]
    fn poisson(&mut self) {
        for i in 0..AT_ONCE {
            let (x, mean) = (self.x[i], self.mean[i]);
            self.value[i] = x * self.log[i] - mean;
            self.by[0][i] = x - mean;
        }
        for (value, &x) in self.value.iter_mut().zip(&self.x) {
            if x > 0.0 {
                *value -= ln_factorial(x);
            }
        }
    }

    #[inline(always)]
    fn negative_binomial(&mut self) {
        for i in 0..AT_ONCE {
            let (x, mean, theta) = (self.x[i], self.mean[i], self.spread[i]);
            let ratio = mean / theta;
            let sum = 1.0 + ratio;
            let rest = 1.0 / sum;
            let share = ratio * rest;
            let growth = ln(sum) + (ratio - (sum - 1.0)) * rest;
            // `share - growth`, which nearly cancel near a Poisson distribution.
            let near = ratio * ratio * (-0.5 + ratio * (2.0 / 3.0 - ratio * 0.75));
            let lag = if ratio < 1e-4 { near } else { share - growth };
            self.value[i] = x * (self.log[i] - growth) - theta * growth;
            self.by[0][i] = rest * (x - mean);
            self.by[1][i] = theta * lag + x * share;
        }
        for i in 0..AT_ONCE {
            let x = self.x[i];
            if x > 0.0 {
                let (rise, slope) = rises(self.spread[i], x);
                self.value[i] += rise - ln_factorial(x);
                self.by[1][i] += self.spread[i] * slope;
            }
        }
    }

    /// Goes on from what was found for the negative binomial.
    #[inline(always)]
    fn zero_inflated(&mut self) {
        for i in 0..AT_ONCE {
            let (value, logit, is_zero) = (self.value[i], self.logit[i], self.x[i] == 0.0);
            // The chances of dropout, and of none.
            let small = exp(-logit.abs());
            let large = 1.0 / (1.0 + small);
            let of_small = small * large;
            let dropped = if logit < 0.0 { of_small } else { large };
            let drawn = if logit < 0.0 { large } else { of_small };
            // How much less likely a zero is than if none were drawn.
            let less = drawn * exp_and_rest(value).1;
            // The chance that a zero was drawn, given that there is one.
            let off = value - logit;
            let far = exp(-off.abs());
            let one = 1.0 / (1.0 + far);
            let of_draw = if off < 0.0 { far * one } else { one };
            let of_dropout = if off < 0.0 { one } else { far * one };
            // Where both chances may be too small to be told from zero, the larger one is taken out.
            let is_likely = less > -0.75;
            let larger = match (off > 0.0, logit < 0.0) {
                (true, true) => value,
                (true, false) => off,
                (false, true) => logit,
                (false, false) => 0.0,
            };
            let above = logit.max(0.0);
            let base = if is_zero { larger } else { value - above };
            let base = if is_zero & is_likely { 0.0 } else { base };
            // One logarithm for all three.
            let part = if is_zero { less } else { small };
            let is_near = !is_zero | is_likely;
            let sum = if is_near {
                1.0 + part
            } else {
                (1.0 + far) * large
            };
            let log = ln(sum) + if is_near { lost(part, sum) } else { 0.0 };
            self.value[i] = base + if is_zero { log } else { -log };
            let factor = if is_zero { of_draw } else { 1.0 };
            self.by[0][i] *= factor;
            self.by[1][i] *= factor;
            self.by[2][i] = if is_zero {
                -less * of_dropout
            } else {
                -dropped
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The formulas as they are written down, where double precision is safe for them: within 1e-12 of the value.
    #[test]
    fn plain_formulas_say_the_same() {
        let mut draws = Draws::new();
        for (i, x) in draws.x.iter_mut().enumerate() {
            *x = [0.0, 0.0, 1.0, 2.0, 7.0, 30.0][i % 6];
        }
        for i in 0..AT_ONCE {
            draws.mean[i] = [0.1, 1.5, 9.0, 40.0][i % 4];
            draws.log[i] = draws.mean[i].ln();
            draws.spread[i] = [0.3, 2.0, 11.0][(i / 3) % 3];
            draws.logit[i] = [-30.0, -2.0, 0.0, 3.0, 25.0][i % 5];
        }
        draws.measure(Likelihood::Zinb);
        for i in 0..AT_ONCE {
            let (x, m, t, l) = (draws.x[i], draws.mean[i], draws.spread[i], draws.logit[i]);
            let gamma = crate::distribution::gamma::ln_gamma;
            let nb = t * (t / (t + m)).ln() + x * (m / (t + m)).ln() + gamma(x + t)
                - gamma(t)
                - gamma(x + 1.0);
            let dropped = 1.0 / (1.0 + (-l).exp());
            let drawn = 1.0 / (1.0 + l.exp());
            let expected = if x == 0.0 {
                (dropped + drawn * nb.exp()).ln()
            } else {
                drawn.ln() + nb
            };
            let off = (draws.value[i] - expected).abs();
            assert!(off < 1e-12 * (1.0 + expected.abs()), "{x} {m} {t} {l}");
        }
    }

    /// A network that diverged must be noticed, whichever of its outputs did.
    #[test]
    fn no_parameter_that_is_not_a_number_makes_a_likelihood() {
        let none = f64::NAN;
        for (x, parameter) in [0.0, 3.0]
            .into_iter()
            .flat_map(|x| (0..3).map(move |p| (x, p)))
        {
            let mut draws = Draws::new();
            draws.x[0] = x;
            match parameter {
                0 => (draws.mean[0], draws.log[0]) = (none, none),
                1 => draws.spread[0] = none,
                _ => draws.logit[0] = none,
            }
            draws.measure(Likelihood::Zinb);
            assert!(draws.value[0].is_nan(), "{x} {parameter}");
            assert!(draws.value[1].is_finite());
        }
    }
}
