//! The median of ratios.

use super::super::draws;
use super::super::pairs::{Pair, at_least};
use super::super::{Estimate, Estimator, Instruments, Preset};
use super::penalty;
use crate::random::Seed;
use crate::{Error, Result};

/// Estimates an effect by the weighted median of ratios: right when valid variants have more than half of the weight.
///
/// Weights are `(bx / sy)²`, the standard error is that of 10,000 parametric bootstrap draws. A variant whose effect on the exposure is 0
/// has no ratio and is left out. Weights are no copies: ratios 0 and 1 with weights 1 and 3 have the weighted median 0.75, between the two.
///
/// # Errors
///
/// Fails when no variant has an effect on the exposure, there are several exposures, and when the user interrupts.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// // Two of five variants act otherwise, too.
/// let (bx, by) = ([0.1; 5], [0.2, 0.2, 0.2, 0.9, 0.8]);
/// let instruments = Instruments::new((&bx, &[0.01; 5]), (&by, &[0.02; 5]))?;
/// assert!((causal::weighted_median(&instruments)?.value() - 2.0).abs() < 1e-12);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Bowden, Davey Smith, Haycock and Burgess 2016, doi:10.1002/gepi.21965. Checked against the published results of
/// `MendelianRandomization` (0.10.0).
pub fn weighted_median(instruments: &Instruments) -> Result<Estimate> {
    Median::new().run(instruments)
}

/// The median of ratios, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct Median {
    kind: MedianKind,
    delta: bool,
    draws: usize,
    seed: Seed,
}

/// How ratios are weighed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MedianKind {
    /// All the same.
    Simple,
    /// By the inverse of their variances.
    #[default]
    Weighted,
    /// The same, but variants far from the weighted median weigh less: by 20 times the chance of such a distance, where that is below 1.
    Penalised,
}

impl Default for Median {
    fn default() -> Self {
        Self {
            kind: MedianKind::Weighted,
            delta: false,
            draws: 10_000,
            seed: Seed::new(314_159_265),
        }
    }
}

impl Median {
    /// Asks for the estimate of [`weighted_median`].
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for the defaults of a package: `TwoSampleMR` weighs by variances of the delta method and draws 1,000 times.
    pub fn preset(preset: Preset) -> Self {
        match preset {
            Preset::MendelianRandomization => Self::new(),
            Preset::TwoSampleMr => Self {
                delta: true,
                draws: 1000,
                ..Self::new()
            },
        }
    }

    /// Sets how ratios are weighed.
    pub fn kind(mut self, kind: MedianKind) -> Self {
        self.kind = kind;
        self
    }

    /// Sets whether variances of ratios have the error of the exposure in them (delta method, second order).
    pub fn delta_weights(mut self, delta: bool) -> Self {
        self.delta = delta;
        self
    }

    /// Sets how many bootstrap draws the standard error is made of.
    pub fn draws(mut self, draws: usize) -> Self {
        self.draws = draws;
        self
    }

    /// Sets the seed of the draws.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Estimates the effect.
    ///
    /// # Errors
    ///
    /// As [`weighted_median`], when there are fewer than two draws, and when no weight is left after penalties.
    pub fn run(&self, instruments: &Instruments) -> Result<Estimate> {
        let pairs = instruments.independent_pairs()?.with_ratio();
        at_least(pairs.len(), 1, "a median of ratios")?;
        let weight = |pair: &Pair| 1.0 / pair.error(self.delta).powi(2);
        let mut w: Vec<f64> = match self.kind {
            MedianKind::Simple => vec![1.0; pairs.len()],
            _ => pairs.iter().map(weight).collect(),
        };
        let mut value = weighted(&mut rated(&pairs, &w));
        if self.kind == MedianKind::Penalised {
            penalty::lower(&mut w, 20.0, |at| pairs[at].ratio() - value)?;
            value = weighted(&mut rated(&pairs, &w));
        }
        if !value.is_finite() {
            let expected = "weights that are finite, for a median of ratios";
            return Err(Error::value("instruments", expected, value));
        }
        let draws = draws::repeat(
            (self.draws, self.seed, "bootstrap of a median"),
            || rated(&pairs, &w),
            |scratch, generator| {
                for ((slot, pair), w) in scratch.iter_mut().zip(&pairs).zip(&w) {
                    *slot = (draws::ratio(generator, pair), *w);
                }
                weighted(scratch)
            },
        )?;
        let method = match self.kind {
            MedianKind::Simple => "simple median",
            MedianKind::Weighted => "weighted median",
            MedianKind::Penalised => "penalised weighted median",
        };
        let error = draws::deviation(&draws);
        Ok(Estimate::new(method, pairs.len(), value, error).on(instruments.exposure_name(0)))
    }
}

fn rated(pairs: &[Pair], w: &[f64]) -> Vec<(f64, f64)> {
    let ratios = pairs.iter().map(Pair::ratio);
    ratios.zip(w.iter().copied()).collect()
}

/// The median of values with weights, in proportion between the two in the middle.
fn weighted(rated: &mut [(f64, f64)]) -> f64 {
    rated.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let half: f64 = rated.iter().map(|rated| rated.1).sum::<f64>() / 2.0;
    let (mut before, mut last) = (0.0, None);
    for (value, w) in rated.iter() {
        let middle = before + w / 2.0;
        if middle >= half {
            return match last {
                Some((value_before, middle_before)) if middle > half => {
                    let part = (half - middle_before) / (middle - middle_before);
                    value_before + part * (value - value_before)
                }
                _ => *value,
            };
        }
        before += w;
        last = Some((*value, middle));
    }
    last.map_or(f64::NAN, |last| last.0)
}

impl Estimator for Median {
    fn estimate(&self, instruments: &Instruments) -> Result<Estimate> {
        self.run(instruments)
    }
}
