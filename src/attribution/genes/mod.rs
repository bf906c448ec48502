//! Which genes made a prediction, a cluster or a dimension of a code.

mod baseline;
mod engine;
mod explain_genes;
mod gene_scores;
mod loadings;
mod seeds;

pub use baseline::Baseline;
pub use explain_genes::{ExplainGenes, GeneMethod, explain_genes};
pub use gene_scores::GeneScores;
pub use loadings::loadings;
pub use seeds::{SeedScores, between_seeds};
