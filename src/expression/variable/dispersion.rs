//! Flavors that compare the dispersion of a gene, variance over mean, with those of genes of like mean.

use super::super::Cells;
use super::super::part::part;
use super::super::steps::sums;
use super::super::steps::{moments, undone};
use super::Flavor;
use super::bins::{equal_width, mean_and_deviation, median_and_deviation, normalised, percentiles};
use super::cutoffs::{Cutoffs, strongest};
use crate::Result;

/// How variable genes are in one batch, or over all.
pub(super) struct Dispersions {
    pub(super) means: Vec<f64>,
    pub(super) measured: Vec<f64>,
    pub(super) normalised: Vec<f64>,
    /// In how many batches the gene was chosen.
    pub(super) batches: Vec<u32>,
    pub(super) chosen: Vec<bool>,
}

/// What is asked for.
pub(super) struct Asked<'a> {
    pub(super) flavor: Flavor,
    pub(super) bins: usize,
    pub(super) cutoffs: &'a Cutoffs,
    pub(super) top: Option<usize>,
}

/// Measures the genes of all cells together.
pub(super) fn of_all(cells: &Cells, asked: &Asked<'_>) -> Dispersions {
    let scale = cells.log_base().map_or(1.0, f64::ln);
    let (mut means, mut dispersions) = if asked.flavor == Flavor::Seurat {
        moments(cells.values(), |value| undone(f64::from(value) * scale))
    } else {
        moments(cells.values(), f64::from)
    };
    for (mean, dispersion) in means.iter_mut().zip(&mut dispersions) {
        if *mean == 0.0 {
            *mean = 1e-12;
        }
        *dispersion /= *mean;
    }
    let normalised = if asked.flavor == Flavor::Seurat {
        for (mean, dispersion) in means.iter_mut().zip(&mut dispersions) {
            // A gene that does not vary has no logarithm of its dispersion.
            *dispersion = if *dispersion == 0.0 {
                f64::NAN
            } else {
                dispersion.ln()
            };
            *mean = mean.ln_1p();
        }
        let bins = equal_width(&means, asked.bins);
        normalised(&dispersions, &bins, mean_and_deviation)
    } else {
        normalised(&dispersions, &percentiles(&means), median_and_deviation)
    };
    let chosen = match asked.top {
        Some(top) => strongest(&normalised, top),
        // A spread of 0 makes an infinite dispersion, which alone lies within no bound: as in scanpy, of one batch it counts as large.
        None => means
            .iter()
            .zip(&normalised)
            .map(|(mean, norm)| asked.cutoffs.hold(*mean, norm.clamp(-f64::MAX, f64::MAX)))
            .collect(),
    };
    Dispersions {
        batches: chosen.iter().map(|chosen| u32::from(*chosen)).collect(),
        means,
        measured: dispersions,
        normalised,
        chosen,
    }
}

/// Measures the genes in every batch and joins: means of what was found, and of how often a gene was chosen.
///
/// In a batch only the genes count that are expressed there; the others have zeros.
pub(super) fn of_batches(
    cells: &Cells,
    batches: &[Vec<usize>],
    asked: &Asked<'_>,
) -> Result<Dispersions> {
    let (_, genes) = cells.shape();
    let mut columns = vec![[Mean::default(); 3]; genes];
    let mut counts = vec![0; genes];
    for batch in batches {
        let batch = part(cells, batch)?;
        let (sums, _) = sums(batch.values(), |_, value| [f64::from(value), 0.0]);
        let expressed = |gene: &usize| sums[*gene] > 0.0;
        let expressed: Vec<usize> = (0..genes).filter(expressed).collect();
        let found = of_all(&batch.select_genes(&expressed)?, asked);
        let mut places = vec![None; genes];
        for (place, gene) in expressed.iter().enumerate() {
            places[*gene] = Some(place);
        }
        for (gene, place) in places.into_iter().enumerate() {
            let values = place.map_or([0.0; 3], |place| {
                [
                    found.means[place],
                    found.measured[place],
                    found.normalised[place],
                ]
            });
            for (mean, value) in columns[gene].iter_mut().zip(values) {
                mean.add(value);
            }
            counts[gene] += place.map_or(0, |place| found.batches[place]);
        }
    }
    let column = |which: usize| {
        columns
            .iter()
            .map(|means| means[which].get())
            .collect::<Vec<f64>>()
    };
    let (means, dispersions, mut normalised) = (column(0), column(1), column(2));
    let chosen = if let Some(top) = asked.top {
        let mut order: Vec<usize> = (0..genes).collect();
        let known = |gene: usize| {
            if normalised[gene].is_nan() {
                f64::NEG_INFINITY
            } else {
                normalised[gene]
            }
        };
        order.sort_by(|&a, &b| {
            counts[b]
                .cmp(&counts[a])
                .then(known(b).total_cmp(&known(a)))
        });
        let mut chosen = vec![false; genes];
        for gene in order.into_iter().take(top) {
            chosen[gene] = true;
        }
        chosen
    } else {
        for norm in &mut normalised {
            *norm = if norm.is_nan() { 0.0 } else { *norm };
        }
        means
            .iter()
            .zip(&normalised)
            .map(|(mean, norm)| asked.cutoffs.hold(*mean, *norm))
            .collect()
    };
    Ok(Dispersions {
        means,
        measured: dispersions,
        normalised,
        batches: counts,
        chosen,
    })
}

/// The mean of numbers, those that are none left out.
#[derive(Clone, Copy, Default)]
struct Mean {
    sum: f64,
    count: u32,
}

impl Mean {
    fn add(&mut self, value: f64) {
        if !value.is_nan() {
            self.sum += value;
            self.count += 1;
        }
    }

    fn get(self) -> f64 {
        self.sum / f64::from(self.count)
    }
}
