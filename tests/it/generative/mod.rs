//! Tests of the room `generative`.

mod adage;
mod autoencoder;
mod graph_layers;
mod knowledge;
mod plain;
