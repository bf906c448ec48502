//! Groups of examples: labels, communities of a graph, and how well two groupings agree.
//!
//! ```text
//! graph of neighbours -> Leiden -> Clusters (labels, quality)
//! numbers             -> KMeans -> KMeansClusters (labels, centres, inertia)
//! Labels, Labels      -> compare -> Agreement (ARI, NMI, AMI, table)
//! ```

mod agreement;
mod clusters;
mod graph;
mod kmeans;
mod kmeans_clusters;
mod kmeans_table;
mod labels;
mod leiden;
mod moving;
mod refining;

pub use agreement::{Agreement, compare};
pub use clusters::Clusters;
pub use kmeans::{KMeans, kmeans};
pub use kmeans_clusters::KMeansClusters;
pub use labels::Labels;
pub use leiden::{Leiden, Quality, leiden};
