//! Notebooks without a front end: run from top to bottom, and keep what the cells say.
//!
//! One notebook runs in this process (`run`, `execution`); several get a process each (`crowd`). A notebook is written after
//! every cell, so that a stop loses nothing. It cannot go on in the middle later: what the cells have made lives in their
//! process. What is resumed is therefore a set of notebooks, of which those that are finished are skipped.

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
