//! Who runs the cells: the contract, and one file per kind of evaluator.
//!
//! The protocol side speaks only to [`Evaluator`]; what a cell means is nobody else's business.

mod bundle;
mod cell;
mod choice;
mod echo;
#[expect(clippy::module_inception, reason = "the trait gives the room its name")]
mod evaluator;
mod prospect;
pub(crate) mod rust;

pub(crate) use bundle::Bundle;
pub(crate) use cell::{Cell, Outcome};
pub(crate) use choice::Choice;
pub(crate) use echo::{Commands, Echo};
pub(crate) use evaluator::{
    Analysis, Bar, Completeness, Completion, Completions, Evaluator, Event, Handle, Progress, Sink,
    Timing,
};
pub(crate) use prospect::{Factory, Prospect};
