//! Intervals of any metric by drawing the examples again.

use super::super::Labels;
use super::delong::called;
use super::interval::{Interval, check_level};
use super::metric::Metric;
use super::paired::Paired;
use super::prepared::Prepared;
use crate::distribution::normal;
use crate::distribution::order::sorted_quantile;
use crate::random::Seed;
use crate::{Error, Input, Result, progress};
use ndarray::Array1;
use rand::RngExt;
use rayon::prelude::*;

/// How the ends of a bootstrap interval are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ends {
    /// The quantiles of the metric over all resamples.
    #[default]
    Percentile,
    /// Quantiles that are moved for bias and skewness (bias-corrected and accelerated, Efron 1987,
    /// doi:10.1080/01621459.1987.10478410), the acceleration by a jackknife over at most about 400 blocks of examples. Better
    /// where a metric is near its limit, such as an area near 1.
    Bca,
}

/// Intervals by the bootstrap: examples are drawn again with replacement, and the metric is computed anew each time.
///
/// With labels 0 and 1, positives and negatives are drawn apart, each as many as there are, so that no resample lacks a class.
/// Sorting is done once for all resamples. The same seed gives the same interval for any number of threads. The examples must stand
/// alone: of windows that overlap, or of both strands, the interval is too short. Checked against `scipy.stats.bootstrap` within the
/// error of drawing.
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::Array1, training::{Bootstrap, Metric}};
/// # fn main() -> genolens::Result<()> {
/// let labels = Array1::from_shape_fn(100, |i| (i % 2) as f32);
/// let scores = Array1::from_shape_fn(100, |i| (i % 2) as f32 + ((i * 37) % 100) as f32 / 30.0);
/// let bootstrap = Bootstrap::new().resamples(500);
/// let area = bootstrap.run(Metric::Auprg, &scores, &labels)?;
/// assert!(area.low() < area.estimate() && area.estimate() < area.high());
/// // A metric of your own.
/// let largest = |scores: &Array1<f32>, _: &Array1<f32>| Ok(f64::from(scores.iter().copied().fold(0.0, f32::max)));
/// println!("{}", bootstrap.run_with(&largest, &scores, &labels)?);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bootstrap {
    resamples: usize,
    level: f64,
    ends: Ends,
    stratified: bool,
    seed: Seed,
}

/// A metric of the user's own: scores and labels to a number.
type Own<'a> = dyn Fn(&Array1<f32>, &Array1<f32>) -> Result<f64> + Sync + 'a;

/// A number for examples that count so many times.
type Counted<'a> = dyn Fn(Option<&[u32]>) -> Result<f64> + Sync + 'a;

/// The most resamples, whose values are kept.
const MOST: usize = 10_000_000;

/// About so many blocks of examples are left out in turn for the acceleration.
const BLOCKS: usize = 400;

impl Bootstrap {
    /// Takes the defaults: 2000 resamples, 95 %, percentiles, classes apart.
    pub fn new() -> Self {
        Self {
            resamples: 2000,
            level: 0.95,
            ends: Ends::Percentile,
            stratified: true,
            seed: Seed::default(),
        }
    }

    /// Sets how often examples are drawn, 20 to 10 million times.
    pub fn resamples(mut self, resamples: usize) -> Self {
        self.resamples = resamples;
        self
    }

    /// Sets the confidence, above 0 to below 1.
    pub fn level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// Sets how the ends are found.
    pub fn ends(mut self, ends: Ends) -> Self {
        self.ends = ends;
        self
    }

    /// Tells whether to draw classes apart; labels other than 0 and 1 are always drawn together.
    pub fn stratified(mut self, stratified: bool) -> Self {
        self.stratified = stratified;
        self
    }

    /// Sets the seed.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Computes a metric of one task with its interval; scores and labels have shape `(n)` or `(n, 1)`.
    ///
    /// The ends are NaN where the metric is the same in every resample, as for scores without an error.
    ///
    /// # Errors
    ///
    /// Fails as the metric does, when an option makes no sense, when the metric is not defined for more than one in twenty resamples,
    /// or when the user interrupts.
    pub fn run(&self, metric: Metric, scores: &dyn Input, labels: &dyn Labels) -> Result<Interval> {
        let paired = Paired::new(scores, labels)?;
        let prepared = Prepared::new(metric, &paired)?;
        self.prepared(&prepared, &paired.labels)
    }

    /// Computes the difference of a metric between two models on the same examples, the first less the second, with its interval.
    ///
    /// Both are measured on the same resamples, so that what is hard for both does not count.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run).
    pub fn difference(
        &self,
        metric: Metric,
        (first, second): (&dyn Input, &dyn Input),
        labels: &dyn Labels,
    ) -> Result<Interval> {
        let prepared = |scores: &dyn Input| {
            let paired = Paired::new(scores, labels)?;
            Ok((Prepared::new(metric, &paired)?, paired.labels))
        };
        let (first, labels) = prepared(first).map_err(|error| called("first", error))?;
        let (second, _) = prepared(second).map_err(|error| called("second", error))?;
        let value = |counts: Option<&[u32]>| Ok(first.value(counts) - second.value(counts));
        self.interval(&self.strata(&labels), &value)
    }

    /// Computes a metric of the user's own with its interval; `metric` gets the scores and labels of every resample.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run); a resample for which `metric` fails counts as one for which it is not defined.
    pub fn run_with(
        &self,
        metric: &Own<'_>,
        scores: &dyn Input,
        labels: &dyn Labels,
    ) -> Result<Interval> {
        let Paired { scores, labels } = Paired::new(scores, labels)?;
        let value = |counts: Option<&[u32]>| {
            let Some(counts) = counts else {
                let (scores, labels) = (scores.clone(), labels.clone());
                return metric(&scores.into(), &labels.into());
            };
            let drawn = |of: &[f32]| -> Array1<f32> {
                let pairs = of.iter().zip(counts);
                let repeated = pairs.flat_map(|(&v, &count)| (0..count).map(move |_| v));
                repeated.collect()
            };
            match metric(&drawn(&scores), &drawn(&labels)) {
                Err(error) if !error.is_interrupted() => Ok(f64::NAN),
                other => other,
            }
        };
        self.interval(&self.strata(&labels), &value)
    }

    pub(crate) fn prepared(&self, prepared: &Prepared, labels: &[f32]) -> Result<Interval> {
        let value = |counts: Option<&[u32]>| Ok(prepared.value(counts));
        self.interval(&self.strata(labels), &value)
    }

    pub(crate) fn check(&self) -> Result<()> {
        check_level(self.level)?;
        if self.resamples < 20 {
            return Err(Error::value("resamples", "at least 20", self.resamples));
        }
        if self.resamples > MOST {
            let expected = format!("at most {MOST}");
            return Err(Error::value("resamples", expected, self.resamples));
        }
        Ok(())
    }

    /// Returns the examples that are drawn together.
    fn strata(&self, labels: &[f32]) -> Vec<Vec<u32>> {
        let all = 0..labels.len() as u32;
        let are_classes = labels.iter().all(|&label| label == 0.0 || label == 1.0);
        if !self.stratified || !are_classes {
            return vec![all.collect()];
        }
        let (ones, zeros) = all.partition(|&place| labels[place as usize] == 1.0);
        vec![ones, zeros]
    }

    fn interval(&self, strata: &[Vec<u32>], value: &Counted<'_>) -> Result<Interval> {
        self.check()?;
        let n: usize = strata.iter().map(Vec::len).sum();
        if n == 0 {
            return Err(Error::shape("labels", "(n), n at least 1", &[0]));
        }
        let estimate = value(None)?;
        let one = |counts: &mut Vec<u32>, resample: usize| {
            progress::check("bootstrap", resample, self.resamples)?;
            let mut generator = self.seed.named("bootstrap").indexed(resample).generator();
            counts.fill(0);
            for stratum in strata {
                for _ in 0..stratum.len() {
                    let drawn = generator.random_range(0..stratum.len() as u32);
                    counts[stratum[drawn as usize] as usize] += 1;
                }
            }
            value(Some(counts))
        };
        let values: Result<Vec<f64>> = (0..self.resamples)
            .into_par_iter()
            .map_init(|| vec![0; n], one)
            .collect();
        let mut values = values?;
        values.retain(|value| !value.is_nan());
        let lost = self.resamples - values.len();
        if lost * 20 > self.resamples || estimate.is_nan() {
            let got = format!("without a metric in {lost} of {}", self.resamples);
            let expected = "examples of which nearly all resamples have one; take more examples";
            return Err(Error::value("resamples", expected, got));
        }
        values.sort_unstable_by(f64::total_cmp);
        if values.first() == values.last() {
            return Ok(Interval::point(estimate, self.level));
        }
        let tail = (1.0 - self.level) / 2.0;
        let chances = match self.ends {
            Ends::Percentile => (tail, 1.0 - tail),
            Ends::Bca => {
                let skew = acceleration(strata, value)?;
                moved((&values, estimate), tail, skew)
            }
        };
        let ends = (
            sorted_quantile(&values, chances.0),
            sorted_quantile(&values, chances.1),
        );
        Ok(Interval::new(estimate, ends, self.level))
    }
}

impl Default for Bootstrap {
    fn default() -> Self {
        Self::new()
    }
}

/// Returns the chances at which to read the ends, for bias and skewness.
fn moved((values, estimate): (&[f64], f64), tail: f64, skew: f64) -> (f64, f64) {
    let below = values.partition_point(|&value| value < estimate);
    let up_to = values.partition_point(|&value| value <= estimate);
    let bias = normal::quantile((below + up_to) as f64 / 2.0 / values.len() as f64);
    let chance = |z: f64| {
        let moved = bias + z;
        normal::cdf(bias + moved / (1.0 - skew * moved))
    };
    let z = normal::quantile(tail);
    (chance(z), chance(-z))
}

/// The acceleration from what changes when blocks of examples are left out, stratum by stratum.
fn acceleration(strata: &[Vec<u32>], value: &Counted<'_>) -> Result<f64> {
    let n: usize = strata.iter().map(Vec::len).sum();
    let (mut cubes, mut squares) = (0.0, 0.0);
    for stratum in strata {
        let blocks = (BLOCKS * stratum.len())
            .div_ceil(n)
            .max(20)
            .min(stratum.len());
        if blocks < 2 {
            continue;
        }
        let without: Result<Vec<f64>> = (0..blocks)
            .into_par_iter()
            .map(|block| {
                progress::check("jackknife", block, blocks)?;
                let mut counts = vec![1; n];
                let out = stratum.iter().skip(block).step_by(blocks);
                out.for_each(|&place| counts[place as usize] = 0);
                value(Some(&counts))
            })
            .collect();
        let without = without?;
        let mean = without.iter().sum::<f64>() / blocks as f64;
        let share = (blocks as f64 - 1.0) / blocks as f64;
        for value in without {
            let pull = share * (mean - value);
            cubes += pull.powi(3);
            squares += pull.powi(2);
        }
    }
    if squares > 0.0 {
        Ok(cubes / (6.0 * squares.powf(1.5)))
    } else {
        Ok(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_bias_or_skewness_nothing_moves() {
        let values: Vec<f64> = (0..1001).map(f64::from).collect();
        let (low, high) = moved((&values, 500.0), 0.05, 0.0);
        assert!((low - 0.05).abs() < 1e-12 && (high - 0.95).abs() < 1e-12);
        // A skewness to the right moves both ends to the right.
        let (low, high) = moved((&values, 500.0), 0.05, 0.1);
        assert!(low > 0.06 && high > 0.96);
    }
}
