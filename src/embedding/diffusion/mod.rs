//! Diffusion maps of a graph of neighbours, and pseudotime along them.

mod diffusion_map;
mod search;

pub use diffusion_map::DiffusionMap;
pub use search::{Diffusion, diffusion_map};
