//! Principal component analysis of dense and sparse tables.

mod components;
#[expect(
    clippy::module_inception,
    reason = "the method has the name of its folder"
)]
mod pca;
mod products;
mod table;

pub use components::Components;
pub use pca::{Pca, pca};
