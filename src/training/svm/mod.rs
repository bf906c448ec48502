//! Support vector machines over gapped k-mers: the strongest classifier of sequences without a network.
//!
//! ```text
//! examples --GappedKmers--> similarities
//! examples + labels --FitSvm--> GappedKmerSvm --> scores, words()
//! ```

mod distances;
mod filter;
mod fit_svm;
mod gapped_kmer_svm;
mod gapped_kmers;
mod hinge;
mod kernel_product;
mod letters;
mod quadratic;
mod svm_file;
mod word_transform;

pub use filter::KmerFilter;
pub use fit_svm::{FitSvm, gapped_kmer_svm};
pub use gapped_kmer_svm::GappedKmerSvm;
pub use gapped_kmers::GappedKmers;
