//! Inputs that a model makes up.
