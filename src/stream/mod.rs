//! Examples that stay in their files: FASTA, BED with a genome, HDF5, frames, and mixtures of them.
//!
//! ```text
//! FASTA records --fasta, FastaFile--------------\
//! BED or narrowPeak + Genome --windows, Windows--\
//! HDF5 (DeepSEA, Basset) --hdf5, Hdf5-------------> Stream --Joined, Shuffled--> a training::Source
//! a polars frame --frame, FrameColumns-----------/
//! Source --Fit::run_from, CrossValidation::run_from, predict--> Trained, Validated, scores
//! ```
//!
//! A [`Stream`] is cheap to clone and reads any batch of rows in any order, always to the same bytes, from any number of threads. What
//! is in memory is an index, a few bytes for each example, and the batch.
//!
//! For users of Selene: [`Windows::tasks`] is its `IntervalsSampler` with a `GenomicFeatures` target; of Basset: [`Hdf5`] reads what
//! `seq_hdf5.py` writes.
//!
//! # Examples
//!
//! Peaks of a genome against fresh shuffles of them, tested on a chromosome of its own:
//!
//! ```
//! use genolens::stream::{self, Genome, Joined, Shuffled, Windows};
//! use genolens::training::{Fit, Source, hold_out_groups};
//! use genolens::network;
//! # fn main() -> genolens::Result<()> {
//! # let folder = std::env::temp_dir().join("genolens_doc_stream");
//! # std::fs::create_dir_all(&folder).unwrap();
//! # let (fasta, bed) = (folder.join("hg38.fa"), folder.join("peaks.bed"));
//! # let letters: String = (0..4000_usize).map(|i| char::from(b"ACGT"[(i * i / 7 + i / 3) % 4])).collect();
//! # std::fs::write(&fasta, format!(">chr1\n{letters}\n>chr8\n{letters}\n")).unwrap();
//! # let lines: String = (1..35).map(|i| format!("chr{}\t{}\t{}\n", if i % 3 == 0 { 8 } else { 1 }, i * 100, i * 100 + 60)).collect();
//! # std::fs::write(&bed, lines).unwrap();
//! let genome = Genome::open(fasta)?;
//! let peaks = Windows::new().width(101).open(bed, &genome)?;
//! let data = Joined::new(peaks.clone())?.and(Shuffled::new(peaks)?)?;
//! let split = hold_out_groups(&data.groups().unwrap_or_default(), &["chr8"])?;
//! let trained = Fit::new().epochs(2).split(&split).run_from(&network::deepbind(4), &data)?;
//! let scores = stream::Predict::new().run_rows(&trained, &data, split.test())?;
//! assert_eq!(scores.nrows(), split.test().len());
//! # std::fs::remove_dir_all(folder).ok();
//! # Ok(()) }
//! ```

mod bed;
mod code;
mod fai;
mod fasta_file;
mod frame;
mod genome;
mod groups;
mod hdf5;
mod header_labels;
mod index;
mod joined;
mod lines;
mod merge;
mod number;
mod overlap;
mod predict;
mod records;
mod rows;
mod shuffled;
mod slab;
#[expect(
    clippy::module_inception,
    reason = "the type `Stream` lives in a file named after it"
)]
mod stream;
mod window;
mod windows;

pub use fasta_file::{FastaFile, fasta};
pub use frame::{FrameColumns, frame};
pub use genome::Genome;
pub use hdf5::{Hdf5, hdf5};
pub use header_labels::HeaderLabels;
pub use joined::Joined;
pub use predict::{Predict, predict};
pub use shuffled::Shuffled;
pub use stream::Stream;
pub use windows::{Edge, Windows, windows};
