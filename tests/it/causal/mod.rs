//! Mendelian randomisation and meta-analysis.

mod deep_iv;
mod deep_mr;
mod deep_mr_learned;
mod edges;
mod harmonising;
mod meta;
mod mixture;
mod outliers;
mod own_counts;
mod partitions;
mod properties;
mod published;
mod raps;
mod real;
mod two_stage;
