//! How much counts vary around what a model says of them, and what that adds to their mean.

use crate::calibration::Forecast;
use crate::linear::Cholesky;
use crate::{Error, Input, Result};
use ndarray::{Array1, Array2};
use std::fmt;
use std::sync::Arc;

/// How much counts vary around the predictions of a model on Anscombe's scale, `2 √(count + 3/8)`; cheap to clone.
///
/// A model that is fitted to roots predicts the mean of roots, and the square of a mean is less than the mean of squares, by the variance.
/// Where that is the same everywhere, as that of Poisson counts, it falls out of differences; but what adds to some counts and not to
/// others, and is not in the sequence, spreads the roots of low counts most. Differences of counts are then overstated, those of the smaller
/// assay most of all, and an effect of one on the other is too low (by some 3 % where 100 counts rest on 25 that half of the regions have).
///
/// So the variance `v` around a prediction `m` is learned from examples which the model has not seen, as `v = a + b / m² + c m²` with no part
/// below 0: `a` is about 1 for Poisson counts, `b / 4` the variance in counts of what is added, and `4 c` the square of a
/// coefficient of variation. Mean counts are `(m² + v) / 4 - 3/8`, a retransformation as by Duan's smearing estimate with a variance
/// that is not the same everywhere. Every output has its own parts.
///
/// # Examples
///
/// ```
/// use genolens::{calibration::Forecast, causal::CountNoise, ndarray::Array2};
/// # fn main() -> genolens::Result<()> {
/// // Regions of 0 to 100 counts; half of them have 25 more for a reason that no model sees.
/// let root = |count: f32| 2.0 * (count + 0.375).sqrt();
/// let counts = |row: usize| (row / 2 % 101) as f32;
/// let mean = Array2::from_shape_fn((404, 1), |(row, _)| 0.5 * (root(counts(row)) + root(counts(row) + 25.0)));
/// let measured = Array2::from_shape_fn((404, 1), |(row, _)| root(counts(row) + 25.0 * (row % 2) as f32));
/// let forecast = Forecast::new(&mean, &Array2::<f32>::ones((404, 1)))?;
/// let noise = CountNoise::fit(&forecast, &measured)?;
/// assert!((noise.added()[0] - 12.5).abs() < 0.01, "{noise:?}");
/// // A region of 10 counts has 22.5 on average.
/// assert!((noise.mean_count(0, 0.5 * f64::from(root(10.0) + root(35.0)))? - 22.5).abs() < 0.01);
/// # Ok(()) }
/// ```
///
/// # References
///
/// Duan 1983, <https://doi.org/10.1080/01621459.1983.10478017>; Anscombe 1948, <https://doi.org/10.1093/biomet/35.3-4.246>.
#[derive(Clone, PartialEq)]
pub struct CountNoise {
    outputs: Arc<[Parts]>,
}

/// The fewest examples that the parts are learned from.
const FEWEST: usize = 30;
/// Rounds in which examples are weighed by the variance around them, more than it takes for the last digits that matter.
const ROUNDS: usize = 20;
/// The root of no count at all: nothing is predicted below.
const LEAST: f64 = 1.224_744_871_391_589;

impl CountNoise {
    /// Learns from what is predicted of examples that the model was not fitted to and what was measured there, both on Anscombe's scale,
    /// shape `(n, outputs)`, or `(n)` for one output. What goes along with the variance of the forecast, such as that among the members of an
    /// ensemble, is an error of the model and no noise of counts: it is a fourth part of squared errors, and left out.
    ///
    /// # Errors
    ///
    /// Fails when shapes differ, a true number is not finite or below the root of no count, or for fewer than 30 examples.
    pub fn fit(forecast: &Forecast, truth: &dyn Input) -> Result<Self> {
        let means = forecast.mean();
        let off = forecast.errors(truth)?;
        if means.nrows() < FEWEST {
            let expected = format!("(n, outputs), n at least {FEWEST}");
            return Err(Error::shape("truth", expected, means.shape()));
        }
        let least = (means + &off).into_iter().fold(f64::INFINITY, f64::min);
        // Single precision on the way.
        if least < LEAST - 1e-5 {
            let expected = "on Anscombe's scale, at least 1.2247 as of no count";
            return Err(Error::value("truth", expected, least));
        }
        let outputs = (0..means.ncols()).map(|output| {
            let examples = means.column(output).into_iter();
            let examples = examples.zip(forecast.spread().column(output));
            let examples = examples.zip(off.column(output));
            let examples: Vec<Example> = examples
                .map(|((mean, spread), off)| {
                    let mean = mean.max(LEAST);
                    let columns = [1.0, mean.powi(-2), mean.powi(2), spread.powi(2)];
                    (columns, off.powi(2))
                })
                .collect();
            Parts::fit(&examples)
        });
        Ok(Self {
            outputs: outputs.collect(),
        })
    }

    /// Returns the number of outputs.
    pub fn outputs(&self) -> usize {
        self.outputs.len()
    }

    /// Returns the standard deviation, in counts, of what is added to every output beside what the model predicts, shape `(outputs)`: 12.5
    /// where half of the regions have 25 counts more. About 0 without anything hidden.
    pub fn added(&self) -> Array1<f64> {
        self.outputs
            .iter()
            .map(|parts| parts.added.sqrt() / 2.0)
            .collect()
    }

    /// Returns the variance on Anscombe's scale around a prediction of an output, counted from 0.
    ///
    /// # Errors
    ///
    /// Fails when there is no such output, or the prediction is not finite.
    pub fn variance(&self, output: usize, prediction: f64) -> Result<f64> {
        let parts = self.get(output, prediction)?;
        Ok(parts.variance(parts.bounded(prediction)))
    }

    /// Returns the mean count where this is predicted of an output, counted from 0.
    ///
    /// # Errors
    ///
    /// As [`variance`](Self::variance).
    pub fn mean_count(&self, output: usize, prediction: f64) -> Result<f64> {
        Ok(self.get(output, prediction)?.mean_count(prediction))
    }

    pub(super) fn parts(&self, output: usize) -> Parts {
        self.outputs[output]
    }

    fn get(&self, output: usize, prediction: f64) -> Result<Parts> {
        if !prediction.is_finite() {
            return Err(Error::value("prediction", "finite", prediction));
        }
        let expected = || format!("below {}", self.outputs());
        let parts = self.outputs.get(output).copied();
        parts.ok_or_else(|| Error::value("output", expected(), output))
    }
}

/// The variance of one output, `poisson + added / m² + relative m²`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Parts {
    poisson: f64,
    added: f64,
    relative: f64,
}

/// What each part of a squared error is in proportion to, and the squared error.
type Example = ([f64; PARTS], f64);

/// The three of noise, and that of the model.
const PARTS: usize = 4;

impl Parts {
    /// Least squares of squared errors, no part below 0, weighed by the square of the variance around each, as the variance of a square is.
    fn fit(examples: &[Example]) -> Self {
        let mean_square =
            examples.iter().map(|(_, square)| square).sum::<f64>() / examples.len() as f64;
        let mut parts = [0.0; PARTS];
        parts[0] = mean_square;
        for _ in 0..ROUNDS {
            // The variance cannot be so small that a single example decides.
            let floor = 1e-3 * mean_square;
            let weight = |(columns, _): &Example| {
                let variance: f64 = columns
                    .iter()
                    .zip(&parts)
                    .map(|(column, part)| column * part)
                    .sum();
                variance.max(floor).powi(-2)
            };
            let weights: Vec<f64> = examples.iter().map(weight).collect();
            parts = weighted(examples, &weights);
        }
        let [poisson, added, relative, _] = parts;
        Self {
            poisson,
            added,
            relative,
        }
    }

    fn variance(self, mean: f64) -> f64 {
        self.poisson + self.added / (mean * mean) + self.relative * mean * mean
    }

    /// Mean roots below this are of no counts: what is added would have to be negative.
    fn bounded(self, prediction: f64) -> f64 {
        prediction.max(self.added.powf(0.25)).max(LEAST)
    }

    pub(super) fn mean_count(self, prediction: f64) -> f64 {
        let mean = self.bounded(prediction);
        (0.25 * (mean * mean + self.variance(mean)) - 0.375).max(0.0)
    }
}

/// The best of all fits with some of the parts, none of which is below 0: with four parts there are fifteen.
fn weighted(examples: &[Example], weights: &[f64]) -> [f64; PARTS] {
    let mut products = Array2::<f64>::zeros((PARTS, PARTS));
    let mut right = Array1::<f64>::zeros(PARTS);
    for ((columns, square), weight) in examples.iter().zip(weights) {
        for (i, column) in columns.iter().enumerate() {
            right[i] += weight * column * square;
            for (j, other) in columns.iter().enumerate() {
                products[[i, j]] += weight * column * other;
            }
        }
    }
    let mut best = ([0.0; PARTS], 0.0);
    for chosen in 1..1_usize << PARTS {
        let own: Vec<usize> = (0..PARTS).filter(|part| chosen >> part & 1 == 1).collect();
        // Columns of very different sizes, each made as long as any other.
        let size = |i: usize| products[[own[i], own[i]]].sqrt();
        let matrix = Array2::from_shape_fn((own.len(), own.len()), |(i, j)| {
            products[[own[i], own[j]]] / (size(i) * size(j))
        });
        let goal = Array1::from_shape_fn(own.len(), |i| right[own[i]] / size(i));
        let Some(root) = Cholesky::new(matrix) else {
            continue;
        };
        let found = root.solve(&goal);
        // What a fit explains.
        let gain = found.dot(&goal);
        if found.iter().all(|part| *part >= 0.0) && gain > best.1 {
            let mut parts = [0.0; PARTS];
            for (i, part) in own.iter().enumerate() {
                parts[*part] = found[i] / size(i);
            }
            best = (parts, gain);
        }
    }
    best.0
}

impl fmt::Debug for CountNoise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = self.outputs.iter().map(|parts| {
            let Parts {
                poisson,
                added,
                relative,
            } = parts;
            format!("{poisson:.3} + {added:.3} / m² + {relative:.5} m²")
        });
        write!(f, "CountNoise({})", parts.collect::<Vec<_>>().join("; "))
    }
}
