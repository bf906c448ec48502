//! Letters and where they come from.
//!
//! ```text
//! FASTA or peak table -> Sequences -> OneHot (n, letters, length)
//!                            |  shuffle, dinucleotide_shuffle, slice, reverse_complement, replace, insert, delete
//!                            v
//!                        Sequences
//! VCF -> Variants --windows(genome, length)--> Alleles: the genome with and without each variant
//! ```
//!
//! The readers are our own because an error must name the file and the line, which the readers of noodles and of lightmotif-io
//! do not.
//!
//! ```
//! use genolens::random::Seed;
//! use genolens::sequence::{self, Sequences};
//! # fn main() -> genolens::Result<()> {
//! let peaks = Sequences::dna(["ACCGGAAGTG", "TTACCGGAAG"])?;
//! let negatives = sequence::dinucleotide_shuffle(&peaks, Seed::new(0));
//! let x = peaks.concat(&negatives)?.one_hot()?;
//! assert_eq!(x.shape(), [4, 4, 10]);
//! # Ok(()) }
//! ```
//!
//! For users of tangermeme: `one_hot_encode` is [`Sequences::one_hot`], `characters` is [`OneHot::decode`],
//! `ersatz.shuffle` is [`shuffle`], `ersatz.dinucleotide_shuffle` is [`Shuffle::legacy_dinucleotide`], `ersatz.substitute` is
//! [`Sequences::replace`], and `insert` and `delete` are called so here, too.

mod allele_windows;
mod alleles;
mod alphabet;
mod chromosomes;
mod edit;
mod eulerian;
mod explainable;
mod fasta;
mod one_hot;
mod open;
mod peaks;
mod sequences;
mod shuffle;
mod side;
mod variant;
mod variants;

pub use allele_windows::AlleleWindows;
pub use alleles::Alleles;
pub use alphabet::Alphabet;
pub use chromosomes::Chromosomes;
pub use explainable::Explainable;
pub use fasta::Fasta;
pub use one_hot::{OneHot, Unknown};
pub use open::{open, open_peaks};
pub use peaks::Peaks;
pub use sequences::Sequences;
pub use shuffle::{Shuffle, dinucleotide_shuffle, shuffle};
pub use side::Side;
pub use variant::Variant;
pub use variants::Variants;

pub(crate) use edit::{legal, written};
pub(crate) use explainable::code;
pub(crate) use fasta::is_ambiguous;
