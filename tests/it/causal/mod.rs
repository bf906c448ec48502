//! Mendelian randomisation and meta-analysis.

mod careless;
mod count_noise;
mod deep_iv;
mod deep_mr;
mod deep_mr_learned;
mod edges;
mod formulas;
mod harmonising;
mod meta;
mod mixture;
mod outliers;
mod partitions;
mod properties;
mod published;
mod radial;
mod raps;
mod real;
mod two_stage;
mod without_confounding;
