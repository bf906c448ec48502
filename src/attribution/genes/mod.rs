//! Which genes made a prediction, a cluster or a dimension of a code.

mod assignment;
mod baseline;
mod code_match;
mod code_seeds;
mod engine;
mod explain_genes;
mod gene_scores;
mod loadings;
mod match_codes;
mod seeds;

pub use baseline::Baseline;
pub use code_match::{Agreement, CodeMatch};
pub use code_seeds::{CodeScores, CodeSeeds, codes_between_seeds};
pub use explain_genes::{ExplainGenes, GeneMethod, explain_genes};
pub use gene_scores::GeneScores;
pub use loadings::loadings;
pub use match_codes::{MatchCodes, match_codes};
pub use seeds::{SeedScores, between_seeds};
