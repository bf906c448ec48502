//! t-SNE (van der Maaten and Hinton 2008, JMLR 9:2579; trees: van der Maaten 2014, JMLR 15:3221).
//!
//! ```text
//! Neighbors -> joint probabilities -> start -> descent (pull along edges, push through a tree) -> Map
//! ```

mod descent;
mod probabilities;
mod tree;
#[expect(
    clippy::module_inception,
    reason = "the type `Tsne` lives in a file named after it"
)]
mod tsne;

pub use tsne::{Tsne, tsne};

pub(crate) use probabilities::neighbour_probabilities;
