//! MR-PRESSO: a test of pleiotropy by simulated residuals, with the outliers and the estimate without them.

use super::super::draws;
use super::super::estimate::Inference;
use super::super::pairs::Pairs;
use super::super::{Dispersion, Estimate, Estimates, Instruments, Ivw};
use crate::random::Seed;
use crate::{Error, Result, progress};
use polars::prelude::{Column, DataFrame};
use rand::seq::index;
use rayon::prelude::*;
use std::fmt;
use std::sync::Arc;

/// Tests whether variants act on the outcome by other ways (MR-PRESSO): are the residuals, each around the estimate without its variant,
/// larger than simulated ones? If so, finds the outliers, and estimates the effect without them.
///
/// P-values are `(1 + larger simulations) / (1 + simulations)`, never 0; those of single variants are multiplied by their number. There are
/// 1,000 simulations, or 40 for each variant where these are more, so that an outlier can be found at 5 %.
///
/// # Errors
///
/// Fails when there are fewer than four variants, all effects on the exposure are 0, there are several exposures, and when the user
/// interrupts.
///
/// # Examples
///
/// ```
/// use genolens::causal::{self, Instruments};
/// # fn main() -> genolens::Result<()> {
/// let bx = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
/// let mut by = bx.map(|bx| 2.0 * bx);
/// by[2] += 0.4;
/// let instruments = Instruments::new((&bx, &[0.01; 10]), (&by, &[0.05; 10]))?;
/// let found = causal::presso(&instruments)?;
/// assert_eq!(found.outliers(), ["3"]);
/// assert!(found.corrected().is_some_and(|estimate| (estimate.value() - 2.0).abs() < 1e-9));
/// # Ok(()) }
/// ```
///
/// # References
///
/// Verbanck, Chen, Neale and Do 2018, doi:10.1038/s41588-018-0099-7. The distortion test follows the paper: random variants that are no
/// outliers are taken out, as many as there are outliers.
pub fn presso(instruments: &Instruments) -> Result<Presso> {
    MrPresso::new().run(instruments)
}

/// MR-PRESSO, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct MrPresso {
    simulations: Option<usize>,
    level: f64,
    seed: Seed,
}

impl Default for MrPresso {
    fn default() -> Self {
        Self {
            simulations: None,
            level: 0.05,
            seed: Seed::default(),
        }
    }
}

/// What MR-PRESSO finds; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Presso {
    ids: Arc<[String]>,
    raw: Estimate,
    corrected: Option<Estimate>,
    residuals: f64,
    p_value: f64,
    each: Arc<[(f64, f64)]>,
    outliers: Arc<[usize]>,
    distortion: Option<(f64, f64)>,
}

/// The estimates without each variant, by inverse-variance weights.
fn without_each(x: &[f64], y: &[f64], w: &[f64]) -> Vec<f64> {
    let (mut xx, mut xy) = (0.0, 0.0);
    for ((x, y), w) in x.iter().zip(y).zip(w) {
        xx += w * x * x;
        xy += w * x * y;
    }
    let rows = x.iter().zip(y).zip(w);
    rows.map(|((x, y), w)| (xy - w * x * y) / (xx - w * x * x))
        .collect()
}

impl MrPresso {
    /// Asks for what [`presso`] does.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many times residuals are simulated.
    pub fn simulations(mut self, count: usize) -> Self {
        self.simulations = Some(count);
        self
    }

    /// Sets the level below which a p-value finds pleiotropy, or an outlier (0.05 if it is not set).
    pub fn level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// Sets the seed of the simulations.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Tests the variants.
    ///
    /// # Errors
    ///
    /// As [`presso`], when the level is not between 0 and 1, and when there are too few simulations to find an outlier at that level.
    pub fn run(&self, instruments: &Instruments) -> Result<Presso> {
        let pairs = instruments.independent_pairs()?;
        let k = pairs.len();
        pairs.at_least(4, "MR-PRESSO")?;
        if !(self.level > 0.0 && self.level < 1.0) {
            return Err(Error::value("level", "between 0 and 1", self.level));
        }
        let least = (k as f64 / self.level).ceil() as usize;
        if least > draws::MOST {
            let expected = format!("one that at most {} simulations can tell", draws::MOST);
            return Err(Error::value("level", expected, format!("{:e}", self.level)));
        }
        let simulations = self
            .simulations
            .unwrap_or(1000.max(least.saturating_mul(2)));
        if simulations < least {
            let expected = format!("{least} or more, to find one outlier among {k}");
            return Err(Error::value("simulations", expected, simulations));
        }
        draws::checked("simulations", simulations, 1)?;
        let raw = without_floor(instruments, "MR-PRESSO, all variants")?;
        let w: Vec<f64> = pairs.sy.iter().map(|sy| 1.0 / (sy * sy)).collect();
        let others = without_each(pairs.bx, pairs.by, &w);
        if others.iter().any(|slope| !slope.is_finite()) {
            let expected = "two variants or more with an effect on the exposure";
            return Err(Error::value("instruments", expected, "one"));
        }
        let residuals: Vec<f64> = pairs
            .iter()
            .map(|pair| (pair.by - others[pair.at] * pair.bx).powi(2))
            .collect();
        let total = weighted(&residuals, &w);
        let (larger, larger_each) =
            self.simulate((&pairs, &w), (&others, &residuals), simulations)?;
        let chance = |larger: usize| (1 + larger) as f64 / (1 + simulations) as f64;
        let p_value = chance(larger);
        let each: Vec<(f64, f64)> = residuals
            .iter()
            .zip(larger_each)
            .map(|(residual, larger)| (*residual, (chance(larger) * k as f64).min(1.0)))
            .collect();
        let outliers: Vec<usize> = if p_value < self.level {
            (0..k).filter(|at| each[*at].1 < self.level).collect()
        } else {
            Vec::new()
        };
        let kept: Vec<usize> = (0..k).filter(|at| !outliers.contains(at)).collect();
        let corrected = if outliers.is_empty() || kept.len() < 2 {
            None
        } else {
            let rest = instruments.chosen(&kept);
            let estimate = without_floor(&rest, "MR-PRESSO, without outliers")?;
            let valid = (0..k).map(|at| !outliers.contains(&at)).collect();
            Some(estimate.with_valid(valid))
        };
        let distortion = corrected
            .as_ref()
            .and_then(|corrected| self.distortion(&pairs, &kept, (raw.value(), corrected.value())));
        Ok(Presso {
            ids: instruments.ids().into(),
            raw,
            corrected,
            residuals: total,
            p_value,
            each: each.into(),
            outliers: outliers.into(),
            distortion,
        })
    }

    /// Counts simulations whose residuals are larger in all, and each.
    fn simulate(
        &self,
        (pairs, w): (&Pairs<'_>, &[f64]),
        (others, residuals): (&[f64], &[f64]),
        simulations: usize,
    ) -> Result<(usize, Vec<usize>)> {
        const CHUNK: usize = 100;
        let total = weighted(residuals, w);
        let chunks = simulations.div_ceil(CHUNK);
        let one = |chunk: usize| {
            let mut larger = 0;
            let mut larger_each = vec![0; pairs.len()];
            let (mut x, mut y) = (pairs.bx.to_vec(), pairs.by.to_vec());
            if progress::is_interrupted() {
                return (larger, larger_each);
            }
            let mut generator = self.seed.named("simulations").indexed(chunk).generator();
            for _ in 0..CHUNK.min(simulations - chunk * CHUNK) {
                for pair in pairs.iter() {
                    let at = pair.at;
                    x[at] = draws::normal(&mut generator, pair.bx, pair.sx);
                    let mean = others[at] * pair.bx;
                    y[at] = draws::normal(&mut generator, mean, pair.sy);
                }
                let drawn = without_each(&x, &y, w);
                let mut sum = 0.0;
                for (at, w) in w.iter().enumerate() {
                    sum += w * (y[at] - drawn[at] * x[at]).powi(2);
                    // Single residuals are taken around the estimates from the data, as in the paper.
                    let own = (y[at] - others[at] * x[at]).powi(2);
                    larger_each[at] += usize::from(own >= residuals[at]);
                }
                larger += usize::from(sum >= total);
            }
            (larger, larger_each)
        };
        let found: Vec<(usize, Vec<usize>)> = (0..chunks).into_par_iter().map(one).collect();
        progress::check("MR-PRESSO", 0, simulations)?;
        let mut all = (0, vec![0; pairs.len()]);
        for (larger, each) in found {
            all.0 += larger;
            all.1
                .iter_mut()
                .zip(each)
                .for_each(|(sum, one)| *sum += one);
        }
        Ok(all)
    }

    /// How far the outliers move the estimate, as a share of the corrected one, and the chance that as many other variants do as much.
    fn distortion(
        &self,
        pairs: &Pairs<'_>,
        kept: &[usize],
        (raw, corrected): (f64, f64),
    ) -> Option<(f64, f64)> {
        const DRAWS: usize = 1000;
        let taken = pairs.len() - kept.len();
        if kept.len() <= taken + 1 {
            return None;
        }
        let share = |estimate: f64| (raw - estimate) / estimate.abs();
        let found = share(corrected);
        let sums = |at: usize| {
            let w = 1.0 / (pairs.sy[at] * pairs.sy[at]);
            (
                w * pairs.bx[at] * pairs.bx[at],
                w * pairs.bx[at] * pairs.by[at],
            )
        };
        let whole = (0..pairs.len())
            .map(sums)
            .fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
        let larger = |draw: &usize| {
            let mut generator = self.seed.named("distortion").indexed(*draw).generator();
            let mut left = whole;
            for place in index::sample(&mut generator, kept.len(), taken) {
                let (xx, xy) = sums(kept[place]);
                left = (left.0 - xx, left.1 - xy);
            }
            share(left.1 / left.0).abs() >= found.abs()
        };
        let larger = (0..DRAWS).filter(larger).count();
        let p = (1 + larger) as f64 / (1 + DRAWS) as f64;
        found.is_finite().then_some((found, p))
    }
}

fn weighted(residuals: &[f64], w: &[f64]) -> f64 {
    residuals
        .iter()
        .zip(w)
        .map(|(residual, w)| residual * w)
        .sum()
}

/// Inverse-variance weighting as ordinary regression has it: the residual standard error as it is, Student's distribution.
fn without_floor(instruments: &Instruments, method: &'static str) -> Result<Estimate> {
    let found = Ivw::new().dispersion(Dispersion::Free).run(instruments)?;
    let freedom = found.variants() as f64 - 1.0;
    let error = found.standard_error();
    Ok(found
        .with_error(method, error)
        .inferred(Inference::Student(freedom)))
}

impl Presso {
    /// Returns the estimate from all variants, with Student's distribution and the residual standard error as it is.
    pub fn raw(&self) -> Estimate {
        self.raw.clone()
    }

    /// Returns the estimate without outliers; nothing if there are none, or fewer than two variants are left.
    pub fn corrected(&self) -> Option<Estimate> {
        self.corrected.clone()
    }

    /// Returns the sum of squared residuals, each around the estimate without its variant.
    pub fn residuals(&self) -> f64 {
        self.residuals
    }

    /// Returns the chance of residuals as large in all when no variant acts otherwise.
    pub fn p_value(&self) -> f64 {
        self.p_value
    }

    /// Returns the names of the outliers.
    pub fn outliers(&self) -> Vec<String> {
        self.outliers
            .iter()
            .map(|at| self.ids[*at].clone())
            .collect()
    }

    /// Returns by which share of the corrected estimate the outliers move it, and the chance that as many other variants would do as much;
    /// nothing without outliers, or where too few variants are left.
    pub fn distortion(&self) -> Option<(f64, f64)> {
        self.distortion
    }

    /// Returns the estimates, with outliers and without.
    pub fn estimates(&self) -> Estimates {
        let both = [Some(self.raw()), self.corrected()].into_iter().flatten();
        Estimates::new(both.map(|estimate| (None, estimate)).collect())
    }

    /// Returns a table with one row for each variant: `id`, `squared_residual`, `p_value` (multiplied by the number of variants) and
    /// `outlier`.
    ///
    /// # Errors
    ///
    /// Fails when the table cannot be made.
    pub fn table(&self) -> Result<DataFrame> {
        let ids: Vec<&str> = self.ids.iter().map(String::as_str).collect();
        let (residuals, chances): (Vec<f64>, Vec<f64>) = self.each.iter().copied().unzip();
        let outliers: Vec<bool> = (0..ids.len())
            .map(|at| self.outliers.contains(&at))
            .collect();
        Ok(DataFrame::new_infer_height(vec![
            Column::new("id".into(), ids),
            Column::new("squared_residual".into(), residuals),
            Column::new("p_value".into(), chances),
            Column::new("outlier".into(), outliers),
        ])?)
    }
}

impl fmt::Debug for Presso {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Presso(p {:.4}, {} outliers)",
            self.p_value,
            self.outliers.len()
        )
    }
}
