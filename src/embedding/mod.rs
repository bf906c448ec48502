//! Fewer dimensions: arrays in, arrays out.
//!
//! For scanpy users: [`pca`] is `sc.pp.pca`, [`neighbors()`] is `sc.pp.neighbors`, [`leiden`] is `sc.tl.leiden`, [`Umap::scanpy`] is
//! `sc.tl.umap`.

mod eigen;
mod faithfulness;
mod grouping;
mod map;
mod metric;
mod neighbors;
mod pca;
mod umap;

pub use faithfulness::{Faithfulness, FaithfulnessCheck, faithfulness};
pub use grouping::{Agreement, Clusters, Labels, Leiden, Quality, compare, leiden};
pub use map::Map;
pub use metric::Metric;
pub use neighbors::{NeighborSearch, Neighbors, neighbors};
pub use pca::{Components, Pca, pca};
pub use umap::{Start, Umap, umap};
