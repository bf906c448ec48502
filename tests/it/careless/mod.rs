//! What a careless call gets to hear: one line that names the argument, never a wrong number or the end of the process.

mod files;
mod numbers;
mod options;
mod pictures;
