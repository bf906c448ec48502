//! Letters and where they come from.
//!
//! ```text
//! FASTA or peak table -> Sequences -> OneHot (n, letters, length)
//!                            |  slice, reverse_complement
//!                            v
//!                        Sequences
//! ```
//!
//! The readers are our own because an error must name the file and the line, which the readers of noodles and of lightmotif-io
//! do not.

mod alphabet;
mod fasta;
mod one_hot;
mod open;
mod peaks;
mod sequences;
pub(crate) mod text;

pub use alphabet::Alphabet;
pub use fasta::Fasta;
pub use one_hot::{OneHot, Unknown};
pub use open::{open, open_peaks};
pub use peaks::Peaks;
pub use sequences::Sequences;
