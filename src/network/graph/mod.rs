//! Layers that only join what is known to belong together: genes of a set, neighbours in a graph.

mod graph_convolution;
mod graph_pool;
mod masked_dense;
mod wired;
mod wiring;

pub use graph_convolution::GraphConvolution;
pub use graph_pool::GraphPool;
pub use masked_dense::MaskedDense;

pub(crate) use wired::wired;
pub(crate) use wiring::Wiring;
