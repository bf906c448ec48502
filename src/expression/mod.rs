//! Expression of genes in cells or samples: counts with what is known of every cell and gene.
//!
//! ```text
//! file  ->  Cells  ->  normalised Cells  ->  embedding (PCA, neighbours, maps)
//! ```

mod bulk;
mod cells;
mod frame;
mod values;

pub use bulk::{
    GeneLengths, MedianOfRatios, Tmm, UpperQuartile, cpm, ctf, cuf, fpkm, gene_lengths, rpkm,
    size_factors, tmm, tpm, upper_quartile,
};
pub use cells::Cells;
pub use frame::Frame;
pub use values::Values;
