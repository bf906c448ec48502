//! Files of cells: h5ad of every generation, 10x Genomics, tables of text.
//!
//! ```text
//! file --Archive--> parts --h5ad, tenx--\
//! folder of three files --market---------> Cells
//! table of text --delimited-------------/
//! ```
//!
//! Every file is hostile until it is read: sizes are checked against what is there before memory is taken.

mod archive;
mod frames;
mod h5ad;
mod matrices;
mod open;
mod things;

pub use open::{Open, open};
