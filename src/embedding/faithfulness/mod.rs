//! How faithful a map is: neighbours, distances and their order before and after.

mod check;
mod distances;
#[expect(
    clippy::module_inception,
    reason = "the type has the name of its folder"
)]
mod faithfulness;
mod point;

pub use check::{FaithfulnessCheck, faithfulness};
pub use faithfulness::Faithfulness;

pub(super) use distances::Distances;
