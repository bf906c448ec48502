//! The process that loads cells and runs them.
//!
//! evcxr starts it, sends `LOAD_AND_RUN object function` on its standard input and waits for evcxr's own lines on what was its
//! standard output. What cells print goes elsewhere: standard output and standard error are named pipes that the kernel reads, raw
//! bytes, so that no text can be mistaken for a message. When it dies, it leaves a `trail`, from which the kernel learns where it was.

mod ignored;
mod library;
mod memory;
mod process;
mod sighting;
mod signal_stack;
mod surroundings;
mod threads;
mod trail;
mod witness;

pub(crate) use process::{PURPOSE, run};
pub(crate) use sighting::Sighting;
pub(crate) use surroundings::Surroundings;
pub(crate) use trail::Remains;
pub(crate) use witness::GLANCE;
