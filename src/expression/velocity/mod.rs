//! Where cells are going: RNA velocity from spliced and unspliced counts, and how far it can be trusted.
//!
//! ```text
//! spliced, unspliced counts -> SplicedCounts -> neighbours -> velocity -> Velocity: gamma, r2, graph
//! Velocity + Map -> Arrows -> Grid, Stream
//! ```

mod arrows;
mod estimate;
mod fit;
mod grid;
mod local_moments;
mod rna_velocity;
mod spliced_counts;
mod transitions;
mod velocity_graph;

pub use arrows::Arrows;
pub use estimate::Velocity;
pub use grid::{Grid, Stream, VelocityGrid};
pub use local_moments::{LocalMoments, moments};
pub use rna_velocity::{RnaVelocity, VelocityModel, velocity};
pub use spliced_counts::SplicedCounts;
pub use transitions::Transitions;
