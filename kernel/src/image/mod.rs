//! The prebuilt image: the library and its dependencies, compiled once, that every session reads and none writes.
//!
//! An image is a folder `images/KEY` in the cache. `KEY` hashes the toolchain, the lock file and every source file that goes in,
//! so that a changed library never meets an old image:
//!
//! ```text
//! libgenolens.so        the library with candle, polars, plotters and ndarray inside, one dylib
//! libgenolens_cell.so   what a cell itself needs: messages to the kernel and the display of its last expression
//! deps/                 metadata of the dependencies, which the compiler reads when it meets their types
//! crates/               the compiled dependencies and how they were built, for sessions that add crates of their own
//! replies/              recorded answers of cargo and rustc to the questions that evcxr asks at every start
//! cells/                compiled start-up cells
//! artifacts             what cargo said about the compiled crates
//! generated/            what their build scripts wrote, as far as rustdoc asks for it
//! index/                what the library and its dependencies offer, for completion; made when the image is in use already
//! ```

mod as_dylib;
mod build;
mod crates;
mod folders;
mod generated;
mod index;
mod inventory;
mod layout;
mod published;
mod recipe;
mod rustdoc;
mod source;
mod stopping;
mod toolchain;
mod unit;

pub(crate) use as_dylib::around_rustc;
pub(crate) use build::{build, is_ready};
pub(crate) use crates::Crates;
pub(crate) use index::{index, index_beside};
pub(crate) use layout::Image;
pub(crate) use recipe::Recipe;
pub(crate) use rustdoc::Rustdoc;
pub(crate) use stopping::stop;
pub(crate) use toolchain::Toolchain;
pub(crate) use unit::{Kind, Unit};
