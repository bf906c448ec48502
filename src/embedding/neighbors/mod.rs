//! Nearest neighbours and the graph they make.
//!
//! ```text
//! Input -> Points -> exact blocks, or a forest and its descent -> Neighbors -> fuzzy graph
//! ```

mod descent;
mod exact;
mod forest;
mod fuzzy;
mod nearest;
mod neighbors_of;
mod points;
mod radii;
mod search;

pub(super) use fuzzy::{Fuzzy, attached, combined, fuzzy_union, joined};
pub use neighbors_of::Neighbors;
pub(super) use points::{Points, multiply};
pub(super) use radii::log_radii;
pub use search::{NeighborSearch, neighbors};
