//! How many groups there are near each example.

use crate::Result;
use crate::distribution::order::median;
use crate::embedding::{Labels, Neighbors};
use ndarray::Array1;
use rayon::prelude::*;
use std::fmt;
use std::sync::Arc;

/// Steps in search of a width, and how near to the wanted one is near enough.
const STEPS: usize = 50;
const ENOUGH: f64 = 1e-5;

/// Counts the groups near each example, near ones counting more (the inverse Simpson index of LISI).
///
/// With batches as labels [`Lisi::mixing`] is iLISI, with cell types [`Lisi::separation`] is cLISI. Neighbours count by a Gaussian whose
/// perplexity is a third of their number; use 91 neighbours (90 others) for numbers like those of scib-metrics. Source: Korsunsky 2019,
/// doi:10.1038/s41592-019-0619-0.
///
/// # Errors
///
/// Fails when there is not one label for each example.
///
/// # Examples
///
/// ```
/// use genolens::{embedding::{self, Labels, NeighborSearch}, ndarray::Array2};
/// # fn main() -> genolens::Result<()> {
/// let line = Array2::from_shape_fn((60, 1), |(row, _)| row as f32);
/// let neighbors = NeighborSearch::new().k(16).run(&line)?;
/// let mixed = embedding::lisi(&neighbors, &Labels::new((0..60).map(|row| ["a", "b"][row % 2]))?)?;
/// assert!(mixed.mixing() > 0.5);
/// let apart = embedding::lisi(&neighbors, &Labels::new((0..60).map(|row| ["a", "b"][row / 30]))?)?;
/// assert!(apart.separation() > 0.9);
/// # Ok(()) }
/// ```
pub fn lisi(neighbors: &Neighbors, labels: &Labels) -> Result<Lisi> {
    labels.check(neighbors.len())?;
    let others = neighbors.k() - 1;
    let perplexity = (others / 3).max(1) as f64;
    let (indices, distances) = (neighbors.indices(), neighbors.nearest());
    let codes = labels.codes();
    let groups = labels.groups().len();
    let values: Vec<f64> = (0..neighbors.len())
        .into_par_iter()
        .map(|row| {
            let distances: Vec<f64> = distances.row(row).iter().map(|d| f64::from(*d)).collect();
            let shares = shares(&distances, perplexity);
            let mut sums = vec![0.0; groups];
            for (other, share) in indices.row(row).iter().zip(&shares) {
                sums[codes[*other as usize] as usize] += share;
            }
            1.0 / sums.iter().map(|sum| sum * sum).sum::<f64>()
        })
        .collect();
    Ok(Lisi {
        groups,
        values: Arc::new(values.into()),
    })
}

/// Finds weights that fall with the distance and have this perplexity; they sum up to 1.
fn shares(distances: &[f64], perplexity: f64) -> Vec<f64> {
    // Weights do not change when the same is taken off all distances, and cannot all vanish then.
    let nearest = distances.iter().copied().fold(f64::INFINITY, f64::min);
    let goal = perplexity.ln();
    let (mut low, mut high) = (0.0, f64::INFINITY);
    let mut rate = 1.0;
    let mut weights = Vec::new();
    for _ in 0..=STEPS {
        weights = distances
            .iter()
            .map(|distance| (-(distance - nearest) * rate).exp())
            .collect();
        let sum: f64 = weights.iter().sum();
        let pairs = weights.iter().zip(distances);
        let mean = pairs.map(|(w, d)| w * (d - nearest)).sum::<f64>() / sum;
        let above = sum.ln() + rate * mean - goal;
        for weight in &mut weights {
            *weight /= sum;
        }
        if above.abs() <= ENOUGH {
            break;
        }
        if above > 0.0 {
            low = rate;
            rate = if high.is_finite() {
                f64::midpoint(rate, high)
            } else {
                rate * 2.0
            };
        } else {
            high = rate;
            rate = f64::midpoint(rate, low);
        }
    }
    weights
}

/// How many groups there are near each example; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct Lisi {
    groups: usize,
    values: Arc<Array1<f64>>,
}

impl Lisi {
    /// Returns the effective number of groups near each example, from 1 to the number of groups.
    pub fn values(&self) -> &Array1<f64> {
        &self.values
    }

    /// Returns the median over the examples.
    pub fn median(&self) -> f64 {
        median(self.values.to_vec())
    }

    /// Returns how well the groups are mixed, 0 to 1: iLISI where they are batches; 0 for one group.
    pub fn mixing(&self) -> f64 {
        (self.median() - 1.0) / (self.groups as f64 - 1.0).max(1.0)
    }

    /// Returns how well the groups are kept apart, 0 to 1: cLISI where they are cell types; 1 for one group.
    pub fn separation(&self) -> f64 {
        1.0 - self.mixing()
    }
}

impl fmt::Debug for Lisi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Lisi(n = {}, groups = {}, median = {:.4})",
            self.values.len(),
            self.groups,
            self.median()
        )
    }
}
