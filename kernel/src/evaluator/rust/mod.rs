//! Rust cells: evcxr, with a front end and a back end of our own around it.
//!
//! A cell goes `preparation` (what is displayed, which variables are kept) → evcxr → [`crate::shim`] (compilation) →
//! [`crate::runtime`] (execution), and what it says comes back through `ear`.

mod commands;
mod crash;
mod ear;
mod failure;
mod frame;
mod globs;
mod inside;
mod keeping;
mod keyboard;
mod memory;
mod preparation;
mod remote;
mod session;
mod spot;
mod tools;
mod trace;
mod words;

pub(crate) use inside::inside;
pub(crate) use session::{prepare, prospect};
