//! The executed notebook as one page that needs nothing else: no network, no scripts.
//!
//! ```text
//! notebook -> page -> markdown, highlighted code, outputs -> file
//! ```

mod ansi;
mod escape;
#[cfg(test)]
mod harmless;
mod highlight;
mod markdown;
mod output;
mod page;
mod sanitize;

pub(crate) use ansi::{settled, stripped};
pub(crate) use escape::escape;
pub(crate) use markdown::markdown;
pub(crate) use page::save;
