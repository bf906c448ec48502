//! How far predicted profiles are from counted ones.

use super::super::Labels;
use crate::{Error, Input, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Computes the Jensen-Shannon divergence of every predicted profile from its counts, in nats, with the defaults of [`JensenShannon`].
///
/// # Errors
///
/// As [`JensenShannon::run`].
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::array, training};
/// # fn main() -> genolens::Result<()> {
/// let predicted = array![[0.2_f32, 0.8, 0.0, 0.0], [0.5, 0.5, 0.0, 0.0]];
/// let counts = array![[1.0_f32, 4.0, 0.0, 0.0], [0.0, 0.0, 7.0, 2.0]];
/// let divergence = training::jensen_shannon(&predicted, &counts)?;
/// // The same shape, and no position in common.
/// assert!(divergence[[0, 0]] < 1e-9 && (divergence[[1, 0]] - 2_f64.ln()).abs() < 1e-9);
/// # Ok(()) }
/// ```
pub fn jensen_shannon(predicted: &dyn Input, counts: &dyn Labels) -> Result<Array2<f64>> {
    JensenShannon::new().run(predicted, counts)
}

/// Computes the Jensen-Shannon divergence of every predicted profile from its counts, with options.
///
/// Both profiles are divided by their sums, `p` and `q`, and compared with their mean `m`:
/// `(sum p ln(p / m) + sum q ln(q / m)) / 2` (Lin 1991, doi:10.1109/18.61115), from 0 for the same shape to ln 2 = 0.693 where no
/// position is in common. Checked against `scipy.spatial.distance.jensenshannon`.
///
/// Names are used loosely in the field: `scipy`, and with it the `bpnet` package of the Kundaje laboratory, give the square root of
/// the divergence in nats, the *distance*, which [`distance`](Self::distance) gives here; `bpnet-lite` calls the divergence without the
/// root `jensen_shannon_distance`. Both packages can smooth the counts first, which makes numbers smaller and is left to the user here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JensenShannon {
    scores: bool,
    distance: bool,
    base: f64,
    empty: bool,
}

impl JensenShannon {
    /// Takes the defaults: predictions are at least 0, the divergence itself, in nats, and no profile may be empty.
    pub fn new() -> Self {
        Self {
            scores: false,
            distance: false,
            base: std::f64::consts::E,
            empty: false,
        }
    }

    /// Tells whether predictions are raw scores, such as those of the profile head of `BPNet`, which a softmax makes probabilities.
    pub fn scores(mut self, scores: bool) -> Self {
        self.scores = scores;
        self
    }

    /// Tells whether to take the square root, which is a metric, as `scipy`.
    pub fn distance(mut self, distance: bool) -> Self {
        self.distance = distance;
        self
    }

    /// Sets the base of the logarithm, above 1; with 2 the divergence goes from 0 to 1.
    pub fn base(mut self, base: f64) -> Self {
        self.base = base;
        self
    }

    /// Allows profiles without a count, or without anything predicted, which have no shape: their divergence is NaN.
    pub fn allow_empty(mut self, allow: bool) -> Self {
        self.empty = allow;
        self
    }

    /// Compares profiles `(n, positions)` or `(n, strands, positions)` with counts of the same shape; the result has shape
    /// `(n, 1)` or `(n, strands)`.
    ///
    /// # Errors
    ///
    /// Fails when the shapes differ, a number is negative or not finite, the base is not above 1, or a profile is empty and that is
    /// not allowed.
    pub fn run(&self, predicted: &dyn Input, counts: &dyn Labels) -> Result<Array2<f64>> {
        if !self.base.is_finite() || self.base <= 1.0 {
            return Err(Error::value("base", "above 1, such as 2", self.base));
        }
        let (predicted, counts) = (predicted.array()?, counts.labels()?);
        let shape = counts.shape();
        let expected = "(n, positions) or (n, strands, positions)";
        let (n, positions) = match shape {
            [n, positions] | [n, _, positions] if *positions > 0 => (*n, *positions),
            _ => return Err(Error::shape("counts", expected, shape)),
        };
        if predicted.shape() != shape {
            let expected = format!("{shape:?} as the counts")
                .replace('[', "(")
                .replace(']', ")");
            return Err(Error::shape("predicted", expected, predicted.shape()));
        }
        let strands = if shape.len() == 3 { shape[1] } else { 1 };
        // Copied only where they do not lie in a row.
        let (predicted, counts) = (predicted.as_standard_layout(), counts.as_standard_layout());
        let predicted = predicted.as_slice().unwrap_or_default();
        let counts = counts.as_slice().unwrap_or_default();
        let pairs = predicted
            .par_chunks(positions)
            .zip(counts.par_chunks(positions));
        let values: Vec<Result<f64>> = pairs
            .enumerate()
            .map(|(profile, (predicted, counts))| {
                let place = || match strands {
                    1 => format!("in row {profile}"),
                    _ => format!("in row {}, strand {}", profile / strands, profile % strands),
                };
                let predicted = if self.scores {
                    softmax(predicted, &place)?
                } else {
                    self.shares(predicted, ("predicted", &place))?
                };
                let counts = self.shares(counts, ("counts", &place))?;
                Ok(match (predicted, counts) {
                    (Some(p), Some(q)) => self.value(&p, &q),
                    _ => f64::NAN,
                })
            })
            .collect();
        // Of several profiles that are wrong the first is named, for any number of threads.
        let values = values.into_iter().collect::<Result<_>>()?;
        Array2::from_shape_vec((n, strands), values)
            .map_err(|_| Error::shape("counts", expected, shape))
    }

    /// Divides a profile by its sum; nothing where it is empty.
    fn shares(
        &self,
        profile: &[f32],
        (name, place): (&str, &dyn Fn() -> String),
    ) -> Result<Option<Vec<f64>>> {
        let wrong = |value: &&f32| !value.is_finite() || **value < 0.0;
        if let Some(value) = profile.iter().find(wrong) {
            let got = format!("{value} {}", place());
            let way = if name == "predicted" {
                "finite and at least 0, or raw scores with `scores(true)`"
            } else {
                "finite and at least 0"
            };
            return Err(Error::value(name, way, got));
        }
        let sum: f64 = profile.iter().map(|&value| f64::from(value)).sum();
        if sum > 0.0 {
            let shares = profile.iter().map(|&value| f64::from(value) / sum);
            return Ok(Some(shares.collect()));
        }
        if self.empty {
            return Ok(None);
        }
        let expected = "above 0 somewhere in every profile, or `allow_empty(true)` for NaN there";
        Err(Error::value(
            name,
            expected,
            format!("0 everywhere {}", place()),
        ))
    }

    fn value(&self, p: &[f64], q: &[f64]) -> f64 {
        let part = |share: f64, mean: f64| {
            if share > 0.0 {
                share * (share / mean).ln()
            } else {
                0.0
            }
        };
        let sum: f64 = p
            .iter()
            .zip(q)
            .map(|(&p, &q)| {
                let mean = f64::midpoint(p, q);
                part(p, mean) + part(q, mean)
            })
            .sum();
        // Rounding can leave a little less than nothing.
        let divergence = sum.max(0.0) / 2.0 / self.base.ln();
        if self.distance {
            divergence.sqrt()
        } else {
            divergence
        }
    }
}

impl Default for JensenShannon {
    fn default() -> Self {
        Self::new()
    }
}

fn softmax(scores: &[f32], place: &dyn Fn() -> String) -> Result<Option<Vec<f64>>> {
    if let Some(score) = scores.iter().find(|score| !score.is_finite()) {
        let got = format!("{score} {}", place());
        return Err(Error::value("predicted", "finite", got));
    }
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers = scores
        .iter()
        .map(|&s| (f64::from(s) - f64::from(largest)).exp());
    let sum: f64 = powers.clone().sum();
    Ok(Some(powers.map(|power| power / sum).collect()))
}
