//! What evcxr meets when it calls `cargo`, `rustc` or `rustup`: this binary, under their names.
//!
//! evcxr compiles a cell by `cargo build` on a crate whose only source is the cell and what the session has kept. Nothing in that
//! crate but the cell ever changes, so here one `rustc` call does it, against the image. Five changes are made to the source on
//! its way, none of which moves a line that the user wrote:
//!
//! * the type of a new variable is left to the compiler (`types`), so that evcxr's embedded rust-analyzer never has to read the
//!   sources of three hundred crates to name it;
//! * evcxr's own messages leave standard output to the user, and what keeps its variables, which would be compiled again with every
//!   cell, comes from the image (`source`);
//! * variables that the cell does not mention stay in the store (`variables`);
//! * later cells find the types of kept variables as aliases at the end of the file.
//!
//! A cell that comes again with the same types is not compiled again (`recognition`, `cells`).
//!
//! In a session that adds crates of its own, the real cargo builds them first (`dependency`).

mod cells;
mod clock;
mod compile;
mod definitions;
mod dependency;
mod effort;
mod face;
mod hidden;
mod leash;
mod lines;
mod names;
mod recognition;
mod reply;
mod source;
mod types;
mod variables;

pub(crate) use clock::{Worked, worked};
pub(crate) use compile::{SOURCE_PREFIX, compile_failure, type_checker};
pub(crate) use dependency::{
    added_crates, addition_failure, describe, describe_beside, descriptions,
};
pub(crate) use face::{FACES, wear};
pub(crate) use leash::{let_tools_work, stop_tools};
pub(crate) use lines::Lines;
pub(crate) use names::{Names, PLACEHOLDER};
pub(crate) use source::FUNCTION;
