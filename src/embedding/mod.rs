//! Fewer dimensions: arrays in, arrays out.
//!
//! For scanpy users: [`pca`] is `sc.pp.pca`, [`neighbors()`] is `sc.pp.neighbors`, [`leiden`] is `sc.tl.leiden`, [`Umap::scanpy`] is
//! `sc.tl.umap`, [`tsne()`] is `sc.tl.tsne`.

mod diffusion;
mod eigen;
mod faithfulness;
mod grouping;
mod integration;
mod map;
mod metric;
mod neighbors;
mod paga;
mod pca;
mod tsne;
mod umap;

pub use diffusion::{Diffusion, DiffusionMap, diffusion_map};
pub use faithfulness::{Faithfulness, FaithfulnessCheck, faithfulness};
pub use grouping::{
    Agreement, Clusters, KMeans, KMeansClusters, Labels, Leiden, Quality, compare, kmeans, leiden,
};
pub use integration::{
    Lisi, Silhouette, bras, graph_connectivity, kbet, lisi, silhouette, silhouette_batch,
};
pub use map::Map;
pub use metric::Metric;
pub use neighbors::{NeighborSearch, Neighbors, neighbors};
pub use paga::{Paga, paga};
pub use pca::{Components, Pca, pca};
pub use tsne::{Tsne, tsne};
pub use umap::{FittedUmap, Start, Umap, umap};

pub(crate) use tsne::neighbour_probabilities;
