//! The process that loads cells and runs them.
//!
//! evcxr starts it, sends `LOAD_AND_RUN object function` on its standard input and waits for evcxr's own lines on what was its
//! standard output. What cells print goes elsewhere: standard output and standard error are named pipes that the kernel reads, raw
//! bytes, so that no text can be mistaken for a message.

mod library;
mod process;

pub(crate) use process::{PURPOSE, run};
