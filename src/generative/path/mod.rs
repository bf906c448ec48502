//! Ways through the space of a model.

mod latent_path;
mod shortest;
mod trajectory;

pub use latent_path::LatentPath;
pub use trajectory::Trajectory;
