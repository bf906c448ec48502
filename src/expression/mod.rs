//! Expression of genes in cells or samples: counts with what is known of every cell and gene.
//!
//! ```text
//! file  ->  Cells  ->  normalised Cells  ->  embedding (PCA, neighbours, maps)
//! ```

mod bulk;
mod cells;
mod choice;
mod files;
mod frame;
mod groups;
mod knowledge;
mod markers;
mod part;
mod preset;
mod scores;
mod steps;
mod uns;
mod values;
mod variable;
mod velocity;

pub use bulk::{
    GeneLengths, MedianOfRatios, Tmm, UpperQuartile, cpm, ctf, cuf, fpkm, gene_lengths, rpkm,
    size_factors, tmm, tpm, upper_quartile,
};
pub use cells::Cells;
pub use files::{BlockIter, CellBlocks, Open, WriteH5ad, blocks, open};
pub use frame::Frame;
pub use knowledge::{GeneGraph, GeneSets, LeftOut};
pub use markers::{MarkerTest, Markers, RankGenes, pseudobulk, rank_genes};
pub use preset::Preset;
pub use scores::{Doublets, ScoreGenes, Scrublet, cell_cycle, doublets, score_genes};
pub use steps::{
    FilterCells, FilterGenes, Log1p, NormalizeTotal, Quality, Scale, filter_cells, filter_genes,
    log1p, normalize_total, quality, regress_out, scale,
};
pub use uns::Uns;
pub use values::Values;
pub use variable::{
    Flavor, HighlyVariableGenes, PearsonResiduals, highly_variable_genes, pearson_residuals,
};
pub use velocity::{
    Arrows, Grid, LocalMoments, RnaVelocity, SplicedCounts, Stream, Transitions, Velocity,
    VelocityEvidence, VelocityGrid, VelocityModel, VelocityTest, moments, velocity,
};

pub(crate) use groups::{Groups, names as group_names};
