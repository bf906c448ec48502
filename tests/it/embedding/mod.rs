//! Tests of the room `embedding`.

mod components;
mod faithfulness;
mod leiden;
mod map;
mod neighbors;
mod pca;
mod umap;
