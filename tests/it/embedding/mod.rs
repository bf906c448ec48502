//! Tests of the room `embedding`.

mod components;
mod leiden;
mod map;
mod neighbors;
mod pca;
mod umap;
