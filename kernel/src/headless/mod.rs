//! Notebooks without a front end: run from top to bottom, and keep what the cells say.

mod notebook;
mod recorder;
mod run;
mod signals;

pub(crate) use notebook::{Notebook, lines, source};
pub(crate) use run::run;
