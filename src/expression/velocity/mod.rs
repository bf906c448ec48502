//! Where cells are going: RNA velocity from spliced and unspliced counts, and how far it can be trusted.
//!
//! ```text
//! spliced, unspliced counts -> SplicedCounts -> neighbours -> velocity -> Velocity: gamma, r2, graph
//! Velocity + Map -> Arrows -> Grid, Stream
//! Velocity -> VelocityTest -> VelocityEvidence: do genes agree, could it be the other way round
//! ```

mod arrows;
mod estimate;
mod evidence;
mod fit;
mod flows;
mod grid;
mod local_moments;
mod rest;
mod rna_velocity;
mod spliced_counts;
mod transitions;
mod velocity_graph;
mod velocity_test;

pub use arrows::Arrows;
pub use estimate::Velocity;
pub use evidence::VelocityEvidence;
pub use grid::{Grid, Stream, VelocityGrid};
pub use local_moments::{LocalMoments, moments};
pub use rna_velocity::{RnaVelocity, VelocityModel, velocity};
pub use spliced_counts::SplicedCounts;
pub use transitions::Transitions;
pub use velocity_test::VelocityTest;
