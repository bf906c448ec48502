//! Genes that tell groups of cells apart.
//!
//! ```text
//! Cells, labels  ->  test of every gene, group against rest  ->  Markers
//! Cells, labels  ->  pseudobulk  ->  samples that can be tested
//! ```

mod false_discovery;
mod logistic;
mod marker_test;
#[expect(
    clippy::module_inception,
    reason = "the file is named after what a test gives"
)]
mod markers;
mod pseudobulk;
mod rank_genes;
mod summary;
mod welch;
mod wilcoxon;

pub use marker_test::MarkerTest;
pub use markers::Markers;
pub use pseudobulk::pseudobulk;
pub use rank_genes::{RankGenes, rank_genes};
