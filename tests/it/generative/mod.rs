//! Tests of the room `generative`.

mod adage;
mod autoencoder;
mod collapse;
mod gan;
mod graph_layers;
mod knowledge;
mod path;
mod perturbation;
mod plain;
