//! The most variable genes over batches, by their ranks in each.

use crate::distribution::order::median;

/// Genes ranked in every batch.
pub(super) struct Ranks {
    /// The median rank, from 0, over the batches in which the gene is among the first; not a number where there is none.
    pub(super) median: Vec<f64>,
    /// In how many batches the gene is among the first.
    pub(super) batches: Vec<u32>,
}

impl Ranks {
    /// Ranks scores, one list for each batch, the highest first; equal scores in the order of the genes.
    pub(super) fn new(scores: &[Vec<f64>], top: usize) -> Self {
        let genes = scores.first().map_or(0, Vec::len);
        let mut first: Vec<Vec<f64>> = vec![Vec::new(); genes];
        for scores in scores {
            let mut order: Vec<usize> = (0..genes).collect();
            order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
            for (rank, gene) in order.into_iter().take(top).enumerate() {
                first[gene].push(rank as f64);
            }
        }
        Self {
            batches: first.iter().map(|ranks| ranks.len() as u32).collect(),
            median: first.into_iter().map(median).collect(),
        }
    }

    /// Chooses the first genes, by their median rank before or after the number of batches.
    pub(super) fn chosen(&self, top: usize, batches_first: bool) -> Vec<bool> {
        let mut order: Vec<usize> = (0..self.median.len()).collect();
        let rank = |gene: usize| {
            if self.median[gene].is_nan() {
                f64::INFINITY
            } else {
                self.median[gene]
            }
        };
        order.sort_by(|&a, &b| {
            let batches = self.batches[b].cmp(&self.batches[a]);
            let ranks = rank(a).total_cmp(&rank(b));
            if batches_first {
                batches.then(ranks)
            } else {
                ranks.then(batches)
            }
        });
        let mut chosen = vec![false; order.len()];
        for gene in order.into_iter().take(top) {
            chosen[gene] = true;
        }
        chosen
    }
}
