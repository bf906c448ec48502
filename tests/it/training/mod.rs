//! Tests of the room `training`.

mod augmenting;
mod checkpoints;
mod comparing;
mod fitting;
mod gapped_kmer_svm;
mod gapped_kmers;
mod golden;
mod gradients;
mod interruption;
mod intervals;
mod likelihood;
mod measuring;
mod metrics;
mod splitting;
mod steps;
mod tasks;
