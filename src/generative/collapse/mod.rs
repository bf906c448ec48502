//! Whether generated cells are like real ones, kind by kind.

mod check;
#[expect(
    clippy::module_inception,
    reason = "the type `Collapse` lives in a file named after it"
)]
mod collapse;
mod manifold;

pub use check::{CollapseCheck, collapse};
pub use collapse::Collapse;
