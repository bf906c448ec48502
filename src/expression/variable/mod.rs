//! Genes that differ between cells by more than their mean explains.
//!
//! ```text
//! Cells  ->  dispersion or variance per gene  ->  beside genes of like mean  ->  rank over batches  ->  highly_variable in var
//! ```

mod bins;
mod cutoffs;
mod dispersion;
mod flavor;
mod highly_variable;
mod loess;
mod pearson_residuals;
mod ranks;
mod residual_variance;
mod standardised;

pub use flavor::Flavor;
pub use highly_variable::{HighlyVariableGenes, highly_variable_genes};
pub use pearson_residuals::{PearsonResiduals, pearson_residuals};
