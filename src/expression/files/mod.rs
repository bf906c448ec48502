//! Files of cells: h5ad of every generation, 10x Genomics, tables.
//!
//! ```text
//! file --Archive--> parts --h5ad, tenx--\
//! folder of three files --market---------> Cells
//! table --delimited, parquet------------/
//! h5ad, 10x --blocks--> CellBlocks --iter--> some Cells at a time
//! Cells --WriteH5ad--> h5ad
//! ```
//!
//! Every file is hostile until it is read: sizes are checked against what is there before memory is taken.

mod archive;
mod blocks;
mod columns;
mod delimited;
mod footer;
mod frames;
mod h5ad;
mod lines;
mod market;
mod matrices;
mod open;
mod parquet;
mod runs;
mod table;
mod tenx;
mod things;
mod write;
mod written;

pub use blocks::{BlockIter, CellBlocks, blocks};
pub use open::{Open, open};
pub use write::WriteH5ad;
