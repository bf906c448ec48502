//! How well batches are mixed and cell types kept apart after integration.
//!
//! For users of scib-metrics: the formulas are its own, from exact neighbours; scores of its approximate ones differ a little.

mod graph_connectivity;
mod kbet;
mod lisi;
mod silhouette;

pub use graph_connectivity::graph_connectivity;
pub use kbet::kbet;
pub use lisi::{Lisi, lisi};
pub use silhouette::{Silhouette, bras, silhouette, silhouette_batch};
