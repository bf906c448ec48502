//! Other ways than the usual one to compute layers, such that what comes back through them is not the gradient.

mod captured;
mod gated;
mod relevance;
mod ruled;
#[expect(
    clippy::module_inception,
    reason = "the trait `Rules` lives in a file named after it"
)]
mod rules;

pub(crate) use captured::Captured;
pub(crate) use gated::Gated;
pub(crate) use relevance::{Relevance, RelevanceRule};
pub(crate) use ruled::{ruled, ruled_pair};
pub(crate) use rules::{Rules, Usual};
