//! Matrices that are mostly zero: counts of cells by genes, graphs of neighbours.
//!
//! ```text
//! rows, dense array, compressed parts  ->  Sparse  ->  rows, dense array, products
//! ```

mod build;
mod pieces;
mod products;
#[expect(
    clippy::module_inception,
    reason = "the room is named after its one type"
)]
mod sparse;

pub use sparse::Sparse;
