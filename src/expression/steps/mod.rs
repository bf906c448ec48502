//! Steps from the counts of cells to values that can be compared.
//!
//! ```text
//! Cells  ->  quality  ->  filter  ->  normalize_total  ->  log1p  ->  scale
//! ```

mod check;
mod entries;
mod filter;
mod log1p;
mod normalize_total;
mod quality;
mod regress_out;
mod scale;

pub(super) use check::{counts, looks_like_counts, not_negative};
pub(super) use entries::{Genes, cell, mapped, moments, sums, undone};
pub use filter::{FilterCells, FilterGenes, filter_cells, filter_genes};
pub use log1p::{Log1p, log1p};
pub use normalize_total::{NormalizeTotal, normalize_total};
pub use quality::{Quality, quality};
pub use regress_out::regress_out;
pub use scale::{Scale, scale};
