//! Counts of samples made comparable: within a sample by depth and gene length, between samples by factors.

mod counted;
mod gene_lengths;
mod gtf;
mod median_of_ratios;
mod tmm;
mod upper_quartile;
mod within_sample;

pub use gene_lengths::{GeneLengths, gene_lengths};
pub use median_of_ratios::{MedianOfRatios, size_factors};
pub use tmm::{Tmm, ctf, tmm};
pub use upper_quartile::{UpperQuartile, cuf, upper_quartile};
pub use within_sample::{cpm, fpkm, rpkm, tpm};
