//! Tests of the room `generative`.

mod adage;
mod autoencoder;
mod collapse;
mod counts;
mod gan;
mod graph_layers;
mod knowledge;
mod path;
mod perturbation;
pub(crate) mod plain;
mod vae;
mod vae_questions;
mod vae_scvi;
