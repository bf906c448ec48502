//! UMAP (`McInnes`, Healy and Melville 2018, doi:10.48550/arXiv.1802.03426), as umap-learn defines it.
//!
//! ```text
//! Neighbors -> fuzzy graph (-> Labels) -> start -> layout -> Map, FittedUmap
//! ```

mod curve;
mod density;
mod fitted;
mod labels;
mod layout;
mod power;
mod spectral;
mod start;
#[expect(
    clippy::module_inception,
    reason = "the type `Umap` lives in a file named after it"
)]
mod umap;

pub use fitted::FittedUmap;
pub use start::Start;
pub use umap::{Umap, umap};
