//! Constrained maximum likelihood.

use super::super::draws;
use super::super::pairs::{Pair, Pairs};
use super::super::{Estimate, Estimator, Instruments};
use super::max_likelihood::{minimise, polish, profile};
use crate::distribution::order;
use crate::random::Seed;
use crate::{Error, Result};

/// Estimates an effect by constrained maximum likelihood: some variants, as few as the information criterion says, are invalid and may
/// act on the outcome as they like. It is right when the valid ones are the largest group that agrees.
///
/// For every number of invalid variants the likelihood is maximised, and the estimates are averaged with weights by their information
/// criteria (BIC); `sample_size` is the smaller one of exposure and outcome. The average is repeated for 200 perturbations of the effects
/// by their errors, whose mean and standard deviation are the result, so that errors of the choice are in it.
///
/// # Errors
///
/// Fails when there are fewer than three variants, the sample size is not above 2, there are several exposures, and when the user
/// interrupts.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let (bx, by) = ([0.1, 0.2, 0.3, 0.4, 0.5], [0.2, 0.4, 1.9, 0.8, 1.0]);
/// let instruments = Instruments::new((&bx, &[0.01; 5]), (&by, &[0.02; 5]))?;
/// let found = causal::constrained_likelihood(&instruments, 10_000.0)?;
/// assert_eq!(found.valid(), Some(&[true, true, false, true, true][..]));
/// assert!((found.value() - 2.0).abs() < 0.1);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Xue, Shen and Pan 2021, doi:10.1016/j.ajhg.2021.05.014 (cML-MA-BIC-DP). Checked against all choices of invalid
/// variants, and against `MendelianRandomization` (0.10.0), whose search from one place stops at local optima.
pub fn constrained_likelihood(instruments: &Instruments, sample_size: f64) -> Result<Estimate> {
    ConstrainedLikelihood::new(sample_size).run(instruments)
}

/// Constrained maximum likelihood, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct ConstrainedLikelihood {
    sample_size: f64,
    average: bool,
    perturbations: usize,
    seed: Seed,
}

/// The best fit with a number of invalid variants.
struct Fit {
    theta: f64,
    error: f64,
    criterion: f64,
    valid: Vec<bool>,
}

impl ConstrainedLikelihood {
    /// Asks for the estimate of [`constrained_likelihood`].
    pub fn new(sample_size: f64) -> Self {
        Self {
            sample_size,
            average: true,
            perturbations: 200,
            seed: Seed::default(),
        }
    }

    /// Sets whether fits with different numbers of invalid variants are averaged; if not, the one with the best criterion is taken.
    pub fn average(mut self, average: bool) -> Self {
        self.average = average;
        self
    }

    /// Sets how many times the effects are perturbed; 0 for not at all, with the standard error of the likelihood.
    pub fn perturbations(mut self, count: usize) -> Self {
        self.perturbations = count;
        self
    }

    /// Sets the seed of the perturbations.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Estimates the effect.
    ///
    /// # Errors
    ///
    /// As [`constrained_likelihood`], and when there is a single perturbation.
    pub fn run(&self, instruments: &Instruments) -> Result<Estimate> {
        if !(self.sample_size > 2.0 && self.sample_size.is_finite()) {
            let expected = "a number above 2";
            return Err(Error::value("sample_size", expected, self.sample_size));
        }
        let pairs = instruments.pairs()?;
        pairs.at_least(3, "constrained maximum likelihood")?;
        let (theta, error, valid) = self.once(&pairs).ok_or_else(|| {
            let expected = "effects on the exposure that are larger than their errors";
            Error::value("instruments", expected, "only weaker ones")
        })?;
        let (theta, error) = if self.perturbations == 0 {
            (theta, error)
        } else {
            let work = (self.perturbations, self.seed, "perturbations");
            let found = draws::repeat(
                work,
                || (pairs.bx.to_vec(), pairs.by.to_vec()),
                |(bx, by), generator| {
                    for pair in pairs.iter() {
                        bx[pair.at] = draws::normal(generator, pair.bx, pair.sx);
                        by[pair.at] = draws::normal(generator, pair.by, pair.sy);
                    }
                    let drawn = Pairs { bx, by, ..pairs };
                    self.once(&drawn).map_or(f64::NAN, |found| found.0)
                },
            )?;
            let found: Vec<f64> = found
                .into_iter()
                .filter(|theta| theta.is_finite())
                .collect();
            if found.len() < 2 {
                let expected = "effects that can be perturbed by their errors";
                return Err(Error::value("instruments", expected, "weaker ones"));
            }
            let mean = found.iter().sum::<f64>() / found.len() as f64;
            (mean, draws::deviation(&found))
        };
        Ok(
            Estimate::new("constrained maximum likelihood", pairs.len(), theta, error)
                .on(instruments.exposure_name(0))
                .with_valid(valid),
        )
    }

    /// The estimate of these effects, its standard error, and which variants are valid in the best fit.
    fn once(&self, pairs: &Pairs<'_>) -> Option<(f64, f64, Vec<bool>)> {
        let all: Vec<Pair> = pairs.iter().collect();
        let fits = self.fits(&all);
        let best = fits
            .iter()
            .min_by(|a, b| a.criterion.total_cmp(&b.criterion))?;
        if !self.average {
            return Some((best.theta, best.error, best.valid.clone()));
        }
        let weight = |fit: &Fit| ((best.criterion - fit.criterion) / 2.0).exp();
        let total: f64 = fits.iter().map(weight).sum();
        let mean = fits.iter().map(|fit| weight(fit) * fit.theta).sum::<f64>() / total;
        let wide = |fit: &Fit| weight(fit) * fit.error.hypot(fit.theta - mean);
        let error = fits.iter().map(wide).sum::<f64>() / total;
        Some((mean, error, best.valid.clone()))
    }

    /// The best fit for every number of invalid variants, as long as two are valid.
    fn fits(&self, all: &[Pair]) -> Vec<Fit> {
        let ratios = all.iter().filter(|pair| pair.bx != 0.0).map(Pair::ratio);
        let ratios = order::rising(ratios.collect());
        let whole = minimise(all, 0.0);
        let share = |share: f64| order::sorted_quantile(&ratios, share);
        let mut starts = vec![whole, share(0.5), share(0.25), share(0.75)];
        let mut fits = Vec::new();
        for invalid in 0..all.len() - 1 {
            let mut best: Option<(f64, f64, Vec<Pair>)> = None;
            for start in starts.iter().filter(|start| start.is_finite()) {
                let (theta, kept) = settle(all, (*start, invalid));
                let height = profile(&kept, theta, 0.0).0;
                if best.as_ref().is_none_or(|best| height < best.0) {
                    best = Some((height, theta, kept));
                }
            }
            let Some((height, theta, kept)) = best else {
                continue;
            };
            let bend = profile(&kept, theta, 0.0).2;
            if bend <= 0.0 {
                continue;
            }
            // The next number of invalid variants goes on from here.
            starts.truncate(4);
            starts.push(theta);
            let mut valid = vec![false; all.len()];
            for pair in &kept {
                valid[pair.at] = true;
            }
            fits.push(Fit {
                theta,
                error: (2.0 / bend).sqrt(),
                criterion: height + self.sample_size.ln() * invalid as f64,
                valid,
            });
        }
        fits
    }
}

/// Takes the variants that are farthest from the line away and fits the line to the others, in turn, until nothing changes.
fn settle(all: &[Pair], (start, invalid): (f64, usize)) -> (f64, Vec<Pair>) {
    let mut theta = start;
    let mut last: Vec<usize> = Vec::new();
    let mut sorted = all.to_vec();
    for _ in 0..100 {
        let far = |pair: &Pair| {
            let v = pair.sy * pair.sy + (theta * pair.sx).powi(2);
            (pair.by - theta * pair.bx).powi(2) / v
        };
        sorted.sort_unstable_by(|a, b| far(a).total_cmp(&far(b)).then(a.at.cmp(&b.at)));
        let kept = &sorted[..all.len() - invalid];
        let mut places: Vec<usize> = kept.iter().map(|pair| pair.at).collect();
        places.sort_unstable();
        theta = polish(kept, theta, 0.0);
        if places == last {
            break;
        }
        last = places;
    }
    let kept = last.iter().map(|at| all[*at]).collect();
    (theta, kept)
}

impl Estimator for ConstrainedLikelihood {
    fn estimate(&self, instruments: &Instruments) -> Result<Estimate> {
        self.run(instruments)
    }
}
