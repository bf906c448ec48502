//! Mendelian randomisation and meta-analysis.

mod edges;
mod harmonising;
mod meta;
mod mixture;
mod outliers;
mod partitions;
mod properties;
mod published;
mod raps;
mod real;
