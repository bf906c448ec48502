//! Scores of the decoder as parameters of distributions.

use super::plan::Plan;
use crate::training::Likelihood;
use ndarray::{Array2, ArrayView1};

/// Scores are kept within this bound before an exponential.
const BOUND: f32 = 80.0;

/// Returns the shares of genes, which sum to 1.
pub(super) fn shares(scores: &ArrayView1<'_, f32>) -> impl Iterator<Item = f32> {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = scores.iter().map(|&s| f64::from(s - largest).exp()).sum();
    let scores = scores.to_vec().into_iter();
    scores.map(move |score| (f64::from(score - largest).exp() / sum) as f32)
}

/// Returns the sum of what scores are the logarithms of.
fn sum_of_rates(scores: &ArrayView1<'_, f32>) -> f64 {
    scores
        .iter()
        .map(|&score| f64::from(score.min(BOUND)).exp())
        .sum()
}

/// The totals that cells are told to have.
#[derive(Clone, Copy)]
pub(super) enum Totals<'a> {
    /// Of each its own: what was counted, unless the model learned it.
    Own(&'a [f64]),
    /// The same for all.
    Same(f64),
}

impl Plan {
    /// Returns what is expected of every gene for cells of these totals, from the scores of the decoder, shape `(cells, genes)`.
    pub(super) fn means(&self, scores: &Array2<f32>, totals: Totals<'_>) -> Array2<f32> {
        let genes = self.genes.len();
        let mut means = Array2::zeros((scores.nrows(), genes));
        let rows = means.rows_mut().into_iter().zip(scores.rows());
        for (cell, (mut row, scores)) in rows.enumerate() {
            let scores = scores.slice_move(ndarray::s![..genes]);
            if self.likelihood.is_of_counts() {
                let total = match totals {
                    Totals::Same(total) => total,
                    Totals::Own(_) if self.library.is_some() => sum_of_rates(&scores),
                    Totals::Own(counted) => counted[cell],
                };
                for (mean, share) in row.iter_mut().zip(shares(&scores)) {
                    *mean = (f64::from(share) * total) as f32;
                }
            } else {
                row.assign(&scores);
            }
        }
        means
    }

    /// Returns the inverse dispersion of a gene (for Gaussian values the standard deviation) and the chance of a dropout.
    pub(super) fn shape(&self, scores: &ArrayView1<'_, f32>, gene: usize) -> (f64, f64) {
        let genes = self.genes.len();
        let block = |block: usize| f64::from(scores[block * genes + gene]);
        let bound = f64::from(BOUND);
        match self.likelihood {
            Likelihood::Gaussian | Likelihood::NegativeBinomial => {
                (block(1).clamp(-bound, bound).exp(), 0.0)
            }
            Likelihood::Zinb => (
                block(1).clamp(-bound, bound).exp(),
                1.0 / (1.0 + (-block(2)).exp()),
            ),
            _ => (f64::INFINITY, 0.0),
        }
    }
}
