//! Groups of examples: labels, communities of a graph, and how well two groupings agree.
//!
//! ```text
//! graph of neighbours -> Leiden -> Clusters (labels, quality)
//! Labels, Labels      -> compare -> Agreement (ARI, NMI, AMI, table)
//! ```

mod agreement;
mod clusters;
mod graph;
mod labels;
mod leiden;
mod moving;
mod refining;

pub use agreement::{Agreement, compare};
pub use clusters::Clusters;
pub use labels::Labels;
pub use leiden::{Leiden, Quality, leiden};
