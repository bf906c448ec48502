//! Mendelian randomisation and meta-analysis.

mod edges;
mod meta;
mod properties;
mod published;
mod real;
