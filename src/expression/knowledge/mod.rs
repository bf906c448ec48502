//! What is known of genes before any cell was looked at: sets of genes, and graphs of them.

mod edges;
mod gene_graph;
mod gene_sets;
mod rewiring;

pub use gene_graph::{GeneGraph, LeftOut};
pub use gene_sets::GeneSets;
