//! Fewer dimensions: arrays in, arrays out.
//!
//! For scanpy users: [`pca`] is `sc.pp.pca` with `svd_solver="full"`, [`neighbors()`] is `sc.pp.neighbors`.

mod components;
mod eigen;
mod map;
mod metric;
mod neighbors;
mod pca;

pub use components::Components;
pub use map::Map;
pub use metric::Metric;
pub use neighbors::{NeighborSearch, Neighbors, neighbors};
pub use pca::{Pca, pca};
