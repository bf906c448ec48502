//! Meta-analysis: one effect from many studies, or from many sequences.

mod meta_analysis;
mod pooled;
mod studies;
mod tau_squared;

pub use meta_analysis::{KnappHartung, MetaAnalysis, meta_analysis};
pub use pooled::Pooled;
pub use tau_squared::TauSquared;
