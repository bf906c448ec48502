//! Expression of genes in cells or samples: counts with what is known of every cell and gene.
//!
//! ```text
//! file  ->  Cells  ->  normalised Cells  ->  embedding (PCA, neighbours, maps)
//! ```

mod cells;
mod frame;
mod values;

pub use cells::Cells;
pub use frame::Frame;
pub use values::Values;
