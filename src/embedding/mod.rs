//! Fewer dimensions: arrays in, arrays out.
//!
//! For scanpy users: [`pca`] is `sc.pp.pca` with `svd_solver="full"`.

mod components;
mod eigen;
mod pca;

pub use components::Components;
pub use pca::{Pca, pca};
