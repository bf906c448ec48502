//! Notebooks without a front end: run from top to bottom, and keep what the cells say.

mod clock;
mod crowd;
mod deadline;
mod execution;
mod job;
mod notebook;
mod recorder;
mod report;
mod run;
mod signals;
mod timing;
mod trouble;

pub(crate) use notebook::{Notebook, lines, source};
pub(crate) use run::run;
