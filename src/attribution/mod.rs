//! Which part of the input made the output.
