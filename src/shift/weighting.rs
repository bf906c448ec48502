//! Weights that make old examples look like new ones.

use super::classifier_test::with_ones;
use super::samples::{Samples, median_distance, squares};
use super::weights::Weights;
use crate::calibration::logistic_regression;
use crate::linear::solve;
use crate::random::Seed;
use crate::{Error, Input, Result, progress};
use ndarray::{Array1, Array2, Axis};
use rand::seq::SliceRandom;

/// Weighs examples of the source by how much more common they are in the target, with the defaults of [`Weighting`]: uLSIF.
///
/// # Errors
///
/// As [`Weighting::run`].
///
/// # Examples
///
/// ```
/// use genolens::{shift, simulate};
/// # fn main() -> genolens::Result<()> {
/// let data = simulate::covariate_shift(7);
/// let weights = shift::importance_weights(data.source(), data.target())?;
/// let mean = data.target().column(0).mean().unwrap();
/// let weighed = (&data.source().column(0).mapv(f64::from) * &weights.values()).mean().unwrap();
/// assert!((weighed - f64::from(mean)).abs() < 0.3);
/// println!("{weights}");
/// # Ok(()) }
/// ```
pub fn importance_weights(source: &dyn Input, target: &dyn Input) -> Result<Weights> {
    Weighting::new().run(source, target)
}

/// How the ratio of densities is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WeightMethod {
    /// Unconstrained least squares on bells around target examples (Kanamori, Hido and Sugiyama 2009,
    /// <https://www.jmlr.org/papers/v10/kanamori09a.html>); width and ridge by cross-validation.
    #[default]
    Ulsif,
    /// The likelihood of target examples under a mixture of bells (KLIEP; Sugiyama et al. 2008,
    /// <https://doi.org/10.1007/s10463-008-0197-x>); width by cross-validation.
    Kliep,
    /// Means of a kernel matched, every example with a weight of its own up to 1000 (kernel mean matching; Huang et al. 2007).
    Kmm,
    /// The odds of a logistic regression that tells target from source: right where log-densities differ by a straight line.
    Classifier,
}

/// Weighs examples of the source by how much more common they are in the target, with options.
///
/// With these weights a loss over the source is one over the target, as long as the same input still has the same labels (covariate
/// shift), which nothing here can see, and as long as the source has examples wherever the target has: see
/// [`Weights::effective_size`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weighting {
    method: WeightMethod,
    bells: usize,
    seed: Seed,
}

/// Widths of bells that are tried, in median distances, and ridges.
const WIDTHS: [f64; 6] = [0.3, 0.5, 0.7, 1.0, 1.5, 2.5];
const RIDGES: [f64; 5] = [1e-4, 1e-3, 1e-2, 1e-1, 1.0];
const FOLDS: usize = 5;

/// Rounds in which a mixture is sought at most.
const MIXTURE_ROUNDS: usize = 500;

/// The most source examples of kernel mean matching, whose distances are kept.
const MOST: usize = 10_000;

impl Weighting {
    /// Takes the defaults: uLSIF with 100 bells.
    pub fn new() -> Self {
        Self {
            method: WeightMethod::Ulsif,
            bells: 100,
            seed: Seed::default(),
        }
    }

    /// Sets how the ratio is found.
    pub fn method(mut self, method: WeightMethod) -> Self {
        self.method = method;
        self
    }

    /// Sets the number of bells, around target examples drawn at random.
    pub fn bells(mut self, bells: usize) -> Self {
        self.bells = bells;
        self
    }

    /// Sets the seed of bells and folds.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Weighs the examples of `source`, shape `(n, ...)`, to look like those of `target`, shape `(m, ...)`; the mean weight is 1.
    ///
    /// # Errors
    ///
    /// Fails for fewer than ten examples of a sample, more than 10,000 of the source with kernel mean matching, other features, a number
    /// that is not finite, no bell, or when the user interrupts.
    pub fn run(&self, source: &dyn Input, target: &dyn Input) -> Result<Weights> {
        if self.bells == 0 {
            return Err(Error::value("bells", "at least 1", 0));
        }
        let samples = Samples::new(source, target)?.standardised()?;
        let (n, m) = samples.sizes();
        if n.min(m) < 10 {
            return Err(Error::value(
                "source and target",
                "at least 10 examples each",
                n.min(m),
            ));
        }
        let raw = match self.method {
            WeightMethod::Ulsif | WeightMethod::Kliep => self.by_bells(&samples)?,
            WeightMethod::Kmm => matched(&samples)?,
            WeightMethod::Classifier => odds(&samples)?,
        };
        let sum = raw.sum();
        if !(sum.is_finite() && sum > 0.0) {
            return Err(Error::Diverged {
                what: "importance weights".into(),
                detail: "no source example looks like a target example".into(),
            });
        }
        Ok(Weights::new(&(raw * (n as f64 / sum)), m))
    }

    fn by_bells(&self, samples: &Samples) -> Result<Array1<f64>> {
        let m = samples.target.nrows();
        let shuffled = |name: &str, count: usize| {
            let mut rows: Vec<usize> = (0..count).collect();
            rows.shuffle(&mut self.seed.named(name).generator());
            rows
        };
        let mut centres = shuffled("bells", m);
        centres.truncate(self.bells);
        let centres = samples.target.select(Axis(0), &centres);
        let distances = (
            squares(&samples.source, &centres),
            squares(&samples.target, &centres),
        );
        let median = median_distance(&samples.together()?);
        let folds = |name: &str, count: usize| {
            let mut folds = vec![0; count];
            for (place, row) in shuffled(name, count).into_iter().enumerate() {
                folds[row] = place % FOLDS;
            }
            folds
        };
        let folds = (
            folds("source folds", samples.source.nrows()),
            folds("target folds", m),
        );
        let mut best = (f64::INFINITY, Array1::zeros(0));
        for (at, width) in WIDTHS.into_iter().enumerate() {
            progress::check("widths", at, WIDTHS.len())?;
            let width = width * median;
            let bell = |squares: &Array2<f64>| {
                squares.mapv(|square| (-square / (2.0 * width * width)).exp())
            };
            let bells = Bells {
                source: bell(&distances.0),
                target: bell(&distances.1),
                folds: &folds,
            };
            let found = match self.method {
                WeightMethod::Kliep => bells.kliep()?,
                _ => bells.ulsif(),
            };
            if let Some((loss, weights)) = found.filter(|found| found.0 < best.0) {
                best = (loss, weights);
            }
        }
        Ok(best.1)
    }
}

impl Default for Weighting {
    fn default() -> Self {
        Self::new()
    }
}

/// Heights of bells at the examples of both samples, and the folds of these.
struct Bells<'a> {
    source: Array2<f64>,
    target: Array2<f64>,
    folds: &'a (Vec<usize>, Vec<usize>),
}

impl Bells<'_> {
    /// Returns the rows of one fold, or of all others.
    fn rows(folds: &[usize], fold: usize, held_out: bool) -> Vec<usize> {
        (0..folds.len())
            .filter(|&row| (folds[row] == fold) == held_out)
            .collect()
    }

    /// Least squares: half the mean square of the ratio over the source, less its mean over the target. A negative ratio is 0; to make
    /// every negative coefficient 0, as the authors do, would leave little of the fit.
    fn ulsif(&self) -> Option<(f64, Array1<f64>)> {
        let some = |source: &[usize], target: &[usize]| {
            (
                self.source.select(Axis(0), source),
                self.target.select(Axis(0), target),
            )
        };
        let moments = |(source, target): &(Array2<f64>, Array2<f64>)| {
            let square = source.t().dot(source) / source.nrows() as f64;
            (square, target.sum_axis(Axis(0)) / target.nrows() as f64)
        };
        let fit = |(square, mean): &(Array2<f64>, Array1<f64>), ridge: f64| {
            solve(
                square + &(Array2::<f64>::eye(mean.len()) * ridge),
                mean.clone(),
            )
        };
        let ratio = |bells: &Array2<f64>, weights: &Array1<f64>| {
            bells.dot(weights).mapv_into(|ratio| ratio.max(0.0))
        };
        let parts: Vec<_> = (0..FOLDS)
            .map(|fold| {
                let of = |held_out| {
                    some(
                        &Self::rows(&self.folds.0, fold, held_out),
                        &Self::rows(&self.folds.1, fold, held_out),
                    )
                };
                (moments(&of(false)), of(true))
            })
            .collect();
        let mut best: Option<(f64, f64)> = None;
        for ridge in RIDGES {
            let mut loss = 0.0;
            for (known, (source, target)) in &parts {
                let weights = fit(known, ridge)?;
                let (own, other) = (ratio(source, &weights), ratio(target, &weights));
                loss += own.dot(&own) / (2.0 * own.len() as f64) - other.sum() / other.len() as f64;
            }
            if best.is_none_or(|best| loss < best.0) {
                best = Some((loss, ridge));
            }
        }
        let (loss, ridge) = best?;
        let all = moments(&(self.source.clone(), self.target.clone()));
        Some((loss, ratio(&self.source, &fit(&all, ridge)?)))
    }

    /// The likelihood of target examples: bells over their means in the source are densities, of which a mixture is sought.
    fn kliep(&self) -> Result<Option<(f64, Array1<f64>)>> {
        let means = self.source.sum_axis(Axis(0)) / self.source.nrows() as f64;
        if means.iter().any(|mean| *mean < 1e-12) {
            return Ok(None);
        }
        let ratios = &self.target / &means;
        let fit = |rows: &[usize], enough: f64| mixture(&ratios.select(Axis(0), rows), enough);
        let mut loss = 0.0;
        for fold in 0..FOLDS {
            let parts = fit(&Self::rows(&self.folds.1, fold, false), 1e-5)?;
            let held = ratios.select(Axis(0), &Self::rows(&self.folds.1, fold, true));
            loss -= held
                .dot(&parts)
                .iter()
                .map(|height| height.max(1e-300).ln())
                .sum::<f64>();
        }
        let all: Vec<usize> = (0..ratios.nrows()).collect();
        Ok(Some((loss, self.source.dot(&(fit(&all, 1e-9)? / &means)))))
    }
}

/// Finds the shares of densities, one column each, under which rows are most likely: expectation and maximisation, quickened by steps as
/// long as two of its own tell (Varadhan and Roland 2008, <https://doi.org/10.1111/j.1467-9469.2007.00585.x>).
fn mixture(heights: &Array2<f64>, enough: f64) -> Result<Array1<f64>> {
    let (n, count) = heights.dim();
    let likelihood = |parts: &Array1<f64>| -> f64 {
        let heights = heights.dot(parts);
        heights.iter().map(|height| height.max(1e-300).ln()).sum()
    };
    let slopes = |parts: &Array1<f64>| {
        let shares = heights.dot(parts).mapv(|height| 1.0 / height.max(1e-300));
        heights.t().dot(&shares) / n as f64
    };
    let mut parts = Array1::from_elem(count, 1.0 / count as f64);
    for round in 0..MIXTURE_ROUNDS {
        progress::check("likelihood", round, MIXTURE_ROUNDS)?;
        let rise = slopes(&parts);
        // No mixture has a mean log-likelihood that is larger by more than this.
        if rise.iter().copied().fold(0.0, f64::max) - 1.0 < enough {
            break;
        }
        let first = &parts * &rise;
        let second = &first * &slopes(&first);
        let step = &first - &parts;
        let bend = &second - &first - &step;
        let length = (step.dot(&step) / bend.dot(&bend).max(f64::MIN_POSITIVE)).sqrt();
        let length = length.clamp(1.0, 1e6);
        let mut far = &parts + &(&step * (2.0 * length)) + &(&bend * (length * length));
        // A share that is 0 would stay so.
        far.zip_mut_with(&second, |far, near| *far = far.max(1e-6 * near));
        far /= far.sum();
        parts = if likelihood(&far) >= likelihood(&second) {
            far
        } else {
            second
        };
    }
    Ok(parts)
}

/// Kernel mean matching: weights between 0 and 1000 of mean 1 that bring the means of the kernel together, by projected gradients with
/// momentum (Beck and Teboulle 2009).
fn matched(samples: &Samples) -> Result<Array1<f64>> {
    let (n, m) = samples.sizes();
    if n > MOST {
        return Err(Error::value(
            "source",
            format!("at most {MOST} examples for kernel mean matching"),
            n,
        ));
    }
    let width = median_distance(&samples.together()?);
    let bell =
        |squares: Array2<f64>| squares.mapv_into(|square| (-square / (2.0 * width * width)).exp());
    let own = bell(squares(&samples.source, &samples.source));
    let other =
        bell(squares(&samples.source, &samples.target)).sum_axis(Axis(1)) * (n as f64 / m as f64);
    // The largest sum of a row is at least the largest eigenvalue.
    let steep = own
        .rows()
        .into_iter()
        .map(|row| row.sum())
        .fold(0.0_f64, f64::max);
    let mut weights = Array1::<f64>::ones(n);
    let (mut ahead, mut pace) = (weights.clone(), 1.0_f64);
    for round in 0..1000 {
        progress::check("kernel mean matching", round, 1000)?;
        let slope = own.dot(&ahead) - &other;
        let next = projected(&(&ahead - &(slope / steep)));
        let quicker = f64::midpoint(1.0, (1.0 + 4.0 * pace * pace).sqrt());
        let step = &next - &weights;
        ahead = &next + &(&step * ((pace - 1.0) / quicker));
        pace = quicker;
        weights = next;
        if step.mapv(f64::abs).sum() < 1e-6 * n as f64 {
            break;
        }
    }
    Ok(weights)
}

/// Finds the nearest weights between 0 and 1000 whose mean is 1.
fn projected(weights: &Array1<f64>) -> Array1<f64> {
    let moved = |by: f64| weights.mapv(|weight| (weight - by).clamp(0.0, 1000.0));
    let most = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let least = weights.iter().copied().fold(f64::INFINITY, f64::min);
    let (mut low, mut high) = (least - 1.0, most);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if moved(middle).sum() > weights.len() as f64 {
            low = middle;
        } else {
            high = middle;
        }
    }
    moved(f64::midpoint(low, high))
}

fn odds(samples: &Samples) -> Result<Array1<f64>> {
    let (n, m) = samples.sizes();
    let all = with_ones(&samples.together()?)?;
    let labels: Array1<f64> = (0..n + m)
        .map(|row| f64::from(u8::from(row >= n)))
        .collect();
    let weights = logistic_regression(&all.view(), &labels.view(), 1e-3)?;
    let rows: Vec<usize> = (0..n).collect();
    let scores = all.select(Axis(0), &rows).dot(&weights);
    Ok(scores.mapv(|score| (score.min(500.0)).exp() * n as f64 / m as f64))
}
