//! Tests of the room `generative`.

mod autoencoder;
