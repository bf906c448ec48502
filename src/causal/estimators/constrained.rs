//! Constrained maximum likelihood.

use super::super::draws;
use super::super::pairs::Pair;
use super::super::{Estimate, Estimator, Instruments};
use super::max_likelihood::{polish, profile, slopes};
use crate::distribution::order;
use crate::random::Seed;
use crate::{Error, Result, progress};
use rayon::prelude::*;

/// Rounds of a search, at most.
const ROUNDS: usize = 100;
/// Valleys that are searched for each number of invalid variants.
const VALLEYS: usize = 3;

/// Estimates an effect by constrained maximum likelihood: some variants, as few as the information criterion says, are invalid and may
/// act on the outcome as they like. It is right when the valid ones are the largest group that agrees.
///
/// For every number of invalid variants the likelihood is maximised, in the data and in 200 perturbations of the effects by their errors.
/// The means of the perturbed estimates are averaged over these numbers, with weights by the means of their information criteria (BIC), and
/// so are their standard deviations, widened by how far the means are from the average. `sample_size` is the smaller one of exposure and
/// outcome.
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
/// Xue, Shen and Pan 2021, doi:10.1016/j.ajhg.2021.05.014 (cML-MA-BIC-DP). Checked against all choices of invalid variants, and against
/// `MendelianRandomization` (0.10.0), whose search from an effect of 0 stops at local optima: on the 28 lipid variants of its vignette at a
/// worse one for a third of the perturbations with three invalid variants. There it prints 2.821 (0.388), as
/// [`from_zero`](ConstrainedLikelihood::from_zero) finds but for chance; the best optima of the same perturbations give 2.955 (0.414).
pub fn constrained_likelihood(instruments: &Instruments, sample_size: f64) -> Result<Estimate> {
    ConstrainedLikelihood::new(sample_size).run(instruments)
}

/// Constrained maximum likelihood, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct ConstrainedLikelihood {
    sample_size: f64,
    average: bool,
    from_zero: bool,
    perturbations: usize,
    seed: Seed,
}

/// An effect with a number of invalid variants, and how well it explains the data.
#[derive(Clone, Copy)]
struct Model {
    theta: f64,
    error: f64,
    criterion: f64,
}

impl ConstrainedLikelihood {
    /// Asks for the estimate of [`constrained_likelihood`].
    pub fn new(sample_size: f64) -> Self {
        Self {
            sample_size,
            average: true,
            from_zero: false,
            perturbations: 200,
            seed: Seed::default(),
        }
    }

    /// Sets whether fits with different numbers of invalid variants are averaged; if not, the one with the best criterion is taken.
    pub fn average(mut self, average: bool) -> Self {
        self.average = average;
        self
    }

    /// Sets whether the search starts at an effect of 0 only and keeps the optimum that it meets, as `MendelianRandomization` does; if not,
    /// the best of all is found.
    pub fn from_zero(mut self, from_zero: bool) -> Self {
        self.from_zero = from_zero;
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
        if self.perturbations > 0 {
            draws::checked("perturbations", self.perturbations, 2)?;
        }
        let pairs = instruments.independent_pairs()?;
        pairs.at_least(3, "constrained maximum likelihood")?;
        let all: Vec<Pair> = pairs.iter().collect();
        let (plain, places) = self.models(&all);
        let models = match self.perturbations {
            0 => plain.clone(),
            _ => self.perturbed(&all)?,
        };
        let lowest = |models: &[Option<Model>]| {
            let known = models.iter().enumerate();
            let known = known.filter_map(|(invalid, model)| Some((invalid, (*model)?)));
            known.min_by(|a, b| a.1.criterion.total_cmp(&b.1.criterion))
        };
        let (Some((invalid, _)), Some((_, best))) = (lowest(&plain), lowest(&models)) else {
            let expected = "effects on the exposure that are larger than their errors";
            return Err(Error::value("instruments", expected, "only weaker ones"));
        };
        let (theta, error) = if self.average {
            averaged(&models, best.criterion)
        } else {
            (best.theta, best.error)
        };
        let mut valid = vec![false; pairs.len()];
        for at in &places[invalid] {
            valid[*at] = true;
        }
        Ok(
            Estimate::new("constrained maximum likelihood", pairs.len(), theta, error)
                .on(instruments.exposure_name(0))
                .with_valid(valid),
        )
    }

    /// For every number of invalid variants, the mean and the deviation of what perturbed effects give, and the mean criterion.
    fn perturbed(&self, all: &[Pair]) -> Result<Vec<Option<Model>>> {
        let seed = self.seed.named("perturbations");
        let drawn = |draw: usize| {
            if progress::is_interrupted() {
                return Vec::new();
            }
            let mut generator = seed.indexed(draw).generator();
            let mut perturbed = all.to_vec();
            for pair in &mut perturbed {
                pair.bx = draws::normal(&mut generator, pair.bx, pair.sx);
                pair.by = draws::normal(&mut generator, pair.by, pair.sy);
            }
            self.models(&perturbed).0
        };
        let found: Vec<_> = (0..self.perturbations).into_par_iter().map(drawn).collect();
        progress::check("perturbations", 0, self.perturbations)?;
        let summary = |invalid: usize| {
            let models = found.iter().filter_map(|models| models[invalid]);
            let (thetas, criteria): (Vec<f64>, Vec<f64>) =
                models.map(|model| (model.theta, model.criterion)).unzip();
            let count = thetas.len() as f64;
            (thetas.len() > 1).then(|| Model {
                theta: thetas.iter().sum::<f64>() / count,
                error: draws::deviation(&thetas),
                criterion: criteria.iter().sum::<f64>() / count,
            })
        };
        Ok((0..all.len() - 1).map(summary).collect())
    }

    /// The best fit for every number of invalid variants, as long as two are valid, where the likelihood has a top; and which are valid.
    fn models(&self, all: &[Pair]) -> (Vec<Option<Model>>, Vec<Vec<usize>>) {
        let starts = if self.from_zero {
            Vec::new()
        } else {
            valleys(all)
        };
        let one = |invalid: usize| {
            let kept = if self.from_zero {
                descend(all, invalid)
            } else {
                let fits = starts[invalid]
                    .iter()
                    .map(|start| settle(all, (*start, invalid)));
                let lowest = fits.min_by(|a, b| a.height().total_cmp(&b.height()));
                lowest.unwrap_or_else(|| settle(all, (0.0, invalid)))
            };
            let bend = profile(&kept.pairs, kept.theta, 0.0).2;
            let model = (bend > 0.0).then(|| Model {
                theta: kept.theta,
                error: (2.0 / bend).sqrt(),
                criterion: kept.height() + self.sample_size.ln() * invalid as f64,
            });
            (model, kept.pairs.iter().map(|pair| pair.at).collect())
        };
        (0..all.len() - 1).map(one).unzip()
    }
}

/// The average of models with weights by their criteria, of which this is the lowest, and its error.
fn averaged(models: &[Option<Model>], lowest: f64) -> (f64, f64) {
    let known = || models.iter().flatten();
    let weight = |model: &Model| ((lowest - model.criterion) / 2.0).exp();
    let total: f64 = known().map(weight).sum();
    let mean = known()
        .map(|model| weight(model) * model.theta)
        .sum::<f64>()
        / total;
    let wide = |model: &Model| weight(model) * model.error.hypot(model.theta - mean);
    (mean, known().map(wide).sum::<f64>() / total)
}

/// Valid variants and the effect that they agree on.
struct Kept {
    theta: f64,
    pairs: Vec<Pair>,
}

impl Kept {
    fn height(&self) -> f64 {
        profile(&self.pairs, self.theta, 0.0).0
    }
}

/// The squared distance of a variant from the line of an effect, over its variance.
fn far(pair: &Pair, theta: f64) -> f64 {
    (pair.by - theta * pair.bx).powi(2) / (pair.sy * pair.sy + (theta * pair.sx).powi(2))
}

/// Effects near the lowest valleys of the likelihood, for every number of invalid variants, which are those farthest away at any effect.
fn valleys(all: &[Pair]) -> Vec<Vec<f64>> {
    let thetas = slopes(all);
    // In each row the sum for one valid variant, the nearest, then for two and so on.
    let sums: Vec<Vec<f64>> = thetas
        .iter()
        .map(|theta| {
            let distances = order::rising(all.iter().map(|pair| far(pair, *theta)).collect());
            let add = |sum: &mut f64, distance: f64| {
                *sum += distance;
                Some(*sum)
            };
            distances.into_iter().scan(0.0, add).collect()
        })
        .collect();
    let lowest = |invalid: usize| {
        let height = |at: usize| {
            let sum = sums.get(at).map(|sums| sums[all.len() - 1 - invalid]);
            sum.unwrap_or(f64::INFINITY)
        };
        let low =
            |at: &usize| height(*at) <= height(at.wrapping_sub(1)) && height(*at) <= height(at + 1);
        let mut places: Vec<usize> = (0..thetas.len()).filter(low).collect();
        places.sort_by(|a, b| height(*a).total_cmp(&height(*b)));
        places.iter().take(VALLEYS).map(|at| thetas[*at]).collect()
    };
    (0..all.len() - 1).map(lowest).collect()
}

/// Takes the variants that are farthest from the line away and fits the line to the others, in turn, until nothing changes.
fn settle(all: &[Pair], (start, invalid): (f64, usize)) -> Kept {
    let mut theta = start;
    let mut last: Vec<usize> = Vec::new();
    let mut sorted = all.to_vec();
    for _ in 0..ROUNDS {
        let by = |pair: &Pair| far(pair, theta);
        sorted.sort_unstable_by(|a, b| by(a).total_cmp(&by(b)).then(a.at.cmp(&b.at)));
        let kept = &sorted[..all.len() - invalid];
        let mut places: Vec<usize> = kept.iter().map(|pair| pair.at).collect();
        places.sort_unstable();
        theta = polish(kept, theta, 0.0);
        if places == last {
            break;
        }
        last = places;
    }
    Kept {
        theta,
        pairs: last.iter().map(|at| all[*at]).collect(),
    }
}

/// Blockwise ascent from an effect of 0: which are invalid, then the true effects on the exposure, then the effect.
fn descend(all: &[Pair], invalid: usize) -> Kept {
    let mut theta = 0.0;
    let mut truths = vec![0.0; all.len()];
    let mut kept: Vec<usize> = Vec::new();
    for _ in 0..ROUNDS {
        let rest = |at: &usize| ((all[*at].by - theta * truths[*at]) / all[*at].sy).powi(2);
        let mut places: Vec<usize> = (0..all.len()).collect();
        places.sort_by(|a, b| rest(a).total_cmp(&rest(b)));
        places.truncate(all.len() - invalid);
        kept = places;
        let (mut top, mut bottom) = (0.0, 0.0);
        for (at, pair) in all.iter().enumerate() {
            let [x, y] = [pair.sx, pair.sy].map(|error| error.powi(-2));
            // An invalid variant acts on the outcome as it likes: all that is seen, at first.
            let direct = if kept.contains(&at) {
                0.0
            } else {
                pair.by - theta * truths[at]
            };
            truths[at] = (x * pair.bx + y * theta * (pair.by - direct)) / (x + y * theta * theta);
            top += y * truths[at] * (pair.by - direct);
            bottom += y * truths[at] * truths[at];
        }
        let last = theta;
        theta = top / bottom;
        if (theta - last).abs() < 1e-7 {
            break;
        }
    }
    kept.sort_unstable();
    Kept {
        theta,
        pairs: kept.iter().map(|at| all[*at]).collect(),
    }
}

impl Estimator for ConstrainedLikelihood {
    fn estimate(&self, instruments: &Instruments) -> Result<Estimate> {
        self.run(instruments)
    }
}
