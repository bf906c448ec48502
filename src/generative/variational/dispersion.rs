//! Whose the inverse dispersion is.

use std::fmt;

/// What the inverse dispersion of a gene (for Gaussian values: its standard deviation) depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dispersion {
    /// On the gene only.
    #[default]
    Gene,
    /// On the gene and the batch.
    GeneBatch,
    /// On the gene and the cell.
    GeneCell,
}

impl fmt::Display for Dispersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gene => "one for each gene",
            Self::GeneBatch => "one for each gene and batch",
            Self::GeneCell => "one for each gene and cell",
        })
    }
}
