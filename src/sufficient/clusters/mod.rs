//! Subsets that are alike: distances, clusters, and how they fit known motifs.
//!
//! ```text
//! Subsets --clusters--> Clusters: table, mode, motif --align--> AlignedSubsets
//! (name, Subsets) ...   --ClusterSubsets::groups--> Clusters: counts in each group
//! ```

mod align;
mod aligned_subsets;
mod alignment;
mod cluster_subsets;
#[expect(
    clippy::module_inception,
    reason = "the type `Clusters` lives in a file named after it"
)]
mod clusters;
mod consensus_motif;
mod dbscan;
mod edit_distance;
mod energy;
mod given;
mod jaccard;
mod members;
mod space;
mod strands;
mod subset_distance;

pub use align::align;
pub use aligned_subsets::AlignedSubsets;
pub use cluster_subsets::{ClusterSubsets, clusters};
pub use clusters::Clusters;
pub use dbscan::Dbscan;
pub use edit_distance::edit_distance;
pub use subset_distance::SubsetDistance;
