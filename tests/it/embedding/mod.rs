//! Tests of the room `embedding`.

mod components;
mod map;
mod neighbors;
mod pca;
mod umap;
