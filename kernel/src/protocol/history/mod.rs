//! What was run, in this session and in earlier ones.
//!
//! The inputs and results of all sessions of a user are lines of one file, `history.jsonl` in the folder for state, which several
//! kernels extend at once. What cannot be written or read there is lost for later sessions and harms nothing.

mod entry;
#[expect(clippy::module_inception, reason = "the type gives the room its name")]
mod history;
mod pattern;
mod store;

pub(crate) use history::History;
