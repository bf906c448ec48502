//! Tests of the room `embedding`.

mod components;
mod diffusion;
mod faithfulness;
mod integration;
mod kmeans;
mod leiden;
mod map;
mod neighbors;
mod pca;
mod tsne;
mod umap;
