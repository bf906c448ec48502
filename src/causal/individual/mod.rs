//! Causes from one row per individual: two-stage least squares, and its learned alternative Deep IV.

mod deep_iv;
mod deep_iv_result;
mod first_stage;
mod individuals;
mod mutants;
mod response_curve;
mod stages;
mod standard;
mod two_stage;

pub use deep_iv::{DeepIv, deep_iv};
pub use deep_iv_result::DeepIvResult;
pub use first_stage::FirstStage;
pub use individuals::Individuals;
pub use response_curve::ResponseCurve;
pub use two_stage::{TwoStage, two_stage_least_squares};
