//! The crates that a session adds with `:dep`, on top of the image.
//!
//! The real cargo resolves and builds them in the session's folder, beginning with the versions that the library was built with.
//! Wherever its plan asks for a crate as the image has it, the compiler's place is taken by the image's file (`sharing` decides,
//! `stand_in` does it), so that only new crates are compiled and an array of theirs is an array of the library's. What they are
//! linked into is one shared object (`bundle`): like the library's, their statics exist once, not once a cell.
//!
//! ```text
//! dependencies/Cargo.toml   what the session asks for
//! dependencies/target       what cargo compiles
//! dependencies/1            what the first addition gives to the compiler of a cell, and so on
//! ```
//!
//! A finished addition is kept (`store`) for the next session that asks for the same.

mod addition;
mod answer;
mod bundle;
mod cargo;
mod copies;
mod description;
mod features;
mod joining;
mod making;
mod manifest;
mod sharing;
mod stand_in;
mod store;
mod summary;
mod voice;

pub(super) use addition::{anchors, are_missing, libraries};
pub(super) use answer::answer;
pub(super) use bundle::link_arguments;
pub(crate) use description::{describe, describe_beside, descriptions};
pub(super) use making::add;
pub(crate) use making::addition_failure;
pub(crate) use manifest::added_crates;
pub(super) use stand_in::around_rustc;
