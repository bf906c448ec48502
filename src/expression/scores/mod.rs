//! Scores of cells: of sets of genes, of the cell cycle, and of being two cells.

mod cell_cycle;
mod doublets;
mod score_genes;
mod scrublet;
mod two_modes;

pub use cell_cycle::cell_cycle;
pub use doublets::Doublets;
pub use score_genes::{ScoreGenes, score_genes};
pub use scrublet::{Scrublet, doublets};
