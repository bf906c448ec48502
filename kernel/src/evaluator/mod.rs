//! Who runs the cells: the contract, and one file per kind of evaluator.
//!
//! The protocol side speaks only to [`Evaluator`]; what a cell means is nobody else's business.

mod bundle;
mod cell;
mod echo;
#[expect(clippy::module_inception, reason = "the trait gives the room its name")]
mod evaluator;

pub use bundle::Bundle;
pub use cell::{Cell, Outcome};
pub use echo::Echo;
pub use evaluator::{Completeness, Completions, Evaluator, Event, Handle, Progress, Sink};
