//! How bytes lie in files: read from any place, plain or packed, and the datasets of HDF5 files.
//!
//! ```text
//! path --Seekable--> bytes --open--> HDF5 file --Store--> rows of a dataset as bytes --Element, Heap--> Numbers, texts
//! ```
//!
//! Every file is hostile until it is read: what is read takes at most so much memory as its size allows.

mod element;
mod fault;
mod heap;
mod lzf;
mod metered;
mod number;
mod numbers;
mod pieces;
mod seekable;
mod store;
mod texts;

pub(crate) use element::Element;
pub(crate) use fault::{fault, unsupported};
pub(crate) use metered::Metered;
pub(crate) use number::Number;
pub(crate) use numbers::Numbers;
pub(crate) use seekable::{Seekable, fill, temporary};
pub(crate) use store::{Store, open};
pub(crate) use texts::{is_text, records, texts, texts_of};
