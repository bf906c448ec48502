//! The curves by which scores become probabilities, and how they are fitted.

use super::isotonic::Isotonic;
use super::logistic::{log_sum, sigmoid, softplus};
use super::logistic_regression::logistic_regression;
use super::method::Method;
use crate::Result;
use crate::distribution::order::{rising, sorted_quantile};
use ndarray::{Array1, Array2};
use std::sync::Arc;

/// From a raw score to a probability.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Curve {
    /// `sigmoid(z / T)`.
    Temperature(f64),
    /// `sigmoid(slope z + shift)`.
    Line { slope: f64, shift: f64 },
    /// A curve over scores that never falls.
    Rising(Isotonic),
    /// One probability for each bin of scores.
    Steps {
        edges: Arc<[f64]>,
        heights: Arc<[f64]>,
    },
    /// `sigmoid(a ln p - b ln(1 - p) + c)`.
    Beta { a: f64, b: f64, c: f64 },
}

/// Temperatures are sought from here to its inverse.
const COLDEST: f64 = 0.01;

impl Curve {
    pub(super) fn fit(
        method: Method,
        (scores, labels): (&[f64], &[f64]),
        bins: usize,
    ) -> Result<Self> {
        match method {
            Method::Temperature => Ok(Self::Temperature(temperature(scores, labels))),
            Method::Platt => platt(scores, labels),
            Method::Isotonic => Ok(Self::Rising(
                Isotonic::fit(scores, labels)?.within(sure(labels)),
            )),
            Method::Histogram => Ok(histogram((scores, labels), bins)),
            Method::Beta => beta(scores, labels),
        }
    }

    pub(super) fn at(&self, score: f64) -> f64 {
        match self {
            Self::Temperature(temperature) => sigmoid(score / temperature),
            Self::Line { slope, shift } => sigmoid(slope * score + shift),
            Self::Rising(curve) => curve.at(score),
            Self::Steps { edges, heights } => heights[edges.partition_point(|&edge| edge < score)],
            Self::Beta { a, b, c } => sigmoid(c - a * softplus(-score) + b * softplus(score)),
        }
    }

    /// Names and values of what was fitted, for curves with few numbers.
    pub(super) fn parameters(&self) -> Vec<(&'static str, f64)> {
        match self {
            Self::Temperature(temperature) => vec![("temperature", *temperature)],
            Self::Line { slope, shift } => vec![("a", *slope), ("b", *shift)],
            Self::Beta { a, b, c } => vec![("a", *a), ("b", *b), ("c", *c)],
            Self::Rising(_) | Self::Steps { .. } => Vec::new(),
        }
    }

    /// What a reader should know of the fit.
    pub(super) fn warning(&self) -> Option<&'static str> {
        match self {
            Self::Temperature(temperature) => at_limit(*temperature),
            Self::Line { slope, .. } if *slope < 0.0 => {
                Some("falls: events had the lower scores among the examples it was fitted on")
            }
            _ => None,
        }
    }
}

/// Says what a temperature at its limit means.
pub(super) fn at_limit(temperature: f64) -> Option<&'static str> {
    if temperature <= COLDEST {
        Some("temperature is at its limit: scores tell the classes apart without an error")
    } else if temperature >= 1.0 / COLDEST {
        Some("temperature is at its limit: scores do not tell the classes apart")
    } else {
        None
    }
}

/// Frequencies of 0 and 1 among so many examples promise too much: half an example is kept back.
fn sure(labels: &[f64]) -> (f64, f64) {
    let half = 0.5 / labels.len() as f64;
    (half, 1.0 - half)
}

fn temperature(scores: &[f64], labels: &[f64]) -> f64 {
    let slope = |inverse: f64| {
        let each = scores.iter().zip(labels);
        each.map(|(z, y)| z * (sigmoid(inverse * z) - y))
            .sum::<f64>()
    };
    1.0 / rising_root(slope)
}

/// Finds the one temperature of classes that exclude each other, by the likelihood.
pub(super) fn class_temperature(scores: &Array2<f64>, classes: &[usize]) -> f64 {
    let slope = |inverse: f64| {
        let each = scores.rows().into_iter().zip(classes).map(|(row, &class)| {
            let total = log_sum(row.iter().map(|z| inverse * z));
            row.iter()
                .map(|z| z * (inverse * z - total).exp())
                .sum::<f64>()
                - row[class]
        });
        each.sum::<f64>()
    };
    1.0 / rising_root(slope)
}

/// Finds where a function that never falls is 0, on a logarithmic scale, or the limit that it does not reach.
fn rising_root(slope: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (COLDEST.ln(), -COLDEST.ln());
    if slope(low.exp()) >= 0.0 {
        return COLDEST;
    }
    if slope(high.exp()) <= 0.0 {
        return 1.0 / COLDEST;
    }
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if slope(middle.exp()) < 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high).exp()
}

fn platt(scores: &[f64], labels: &[f64]) -> Result<Curve> {
    let ones = labels.iter().sum::<f64>();
    let zeros = labels.len() as f64 - ones;
    let (high, low) = ((ones + 1.0) / (ones + 2.0), 1.0 / (zeros + 2.0));
    let targets: Array1<f64> = labels.iter().map(|y| low + y * (high - low)).collect();
    // Large scores would make Newton's first step tiny; the optimum is the same.
    let largest = scores.iter().fold(0.0_f64, |most, z| most.max(z.abs()));
    let scale = if largest >= 30.0 { largest } else { 1.0 };
    let x = Array2::from_shape_fn((scores.len(), 2), |(row, column)| {
        if column == 0 {
            scores[row] / scale
        } else {
            1.0
        }
    });
    let found = logistic_regression(&x.view(), &targets.view(), 0.0)?;
    Ok(Curve::Line {
        slope: found[0] / scale,
        shift: found[1],
    })
}

fn histogram((scores, labels): (&[f64], &[f64]), bins: usize) -> Curve {
    let sorted = rising(scores.to_vec());
    let part = |at: usize| at as f64 / bins as f64;
    let mut edges: Vec<f64> = (1..bins)
        .map(|at| sorted_quantile(&sorted, part(at)))
        .collect();
    edges.dedup();
    // A bin above the greatest score would stay empty.
    edges.pop_if(|edge| sorted.last().is_some_and(|last| *edge >= *last));
    let mut sums = vec![(0.0, 0.0); edges.len() + 1];
    for (score, label) in scores.iter().zip(labels) {
        let bin = &mut sums[edges.partition_point(|edge| edge < score)];
        *bin = (bin.0 + label, bin.1 + 1.0);
    }
    let (low, high) = sure(labels);
    let height = |(happened, count): &(f64, f64)| (happened / count).clamp(low, high);
    Curve::Steps {
        heights: sums.iter().map(height).collect(),
        edges: edges.into(),
    }
}

fn beta(scores: &[f64], labels: &[f64]) -> Result<Curve> {
    let targets: Array1<f64> = labels.iter().copied().collect();
    let fit = |with: (bool, bool)| -> Result<[f64; 3]> {
        let mut columns: Vec<Array1<f64>> = Vec::new();
        if with.0 {
            columns.push(scores.iter().map(|z| -softplus(-z)).collect());
        }
        if with.1 {
            columns.push(scores.iter().map(|z| softplus(*z)).collect());
        }
        columns.push(Array1::ones(scores.len()));
        let x = Array2::from_shape_fn((scores.len(), columns.len()), |(row, column)| {
            columns[column][row]
        });
        let mut found = logistic_regression(&x.view(), &targets.view(), 0.0)?.into_iter();
        let mut next = |given: bool| {
            if given {
                found.next().unwrap_or_default()
            } else {
                0.0
            }
        };
        Ok([next(with.0), next(with.1), next(true)])
    };
    // A side that falls is left out, as the authors do.
    let mut with = (true, true);
    loop {
        let [a, b, c] = fit(with)?;
        if a >= 0.0 && b >= 0.0 {
            return Ok(Curve::Beta { a, b, c });
        }
        with = (with.0 && a >= 0.0, with.1 && b >= 0.0);
    }
}
