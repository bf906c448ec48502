//! Whether new data are like the old: tests of dataset shift and corrections.
//!
//! ```text
//! source + target --kolmogorov_smirnov, black_box_shift--> FeatureShift; --mmd, classifier_test--> ShiftTest
//! probabilities and labels of the source + probabilities of the target --estimate_priors--> Priors --correction--> PriorCorrection
//! source + target --importance_weights--> Weights of source examples
//! examples + labels + names of environments --FitEnvironments--> EnvironmentFit, LeftOut
//! ```
//!
//! Four things may change from the place where a model learned (source) to the one where it is used (target): which inputs come (covariate
//! shift), how common classes are (prior shift), which labels the same input has (concept shift), and which examples were selected.
//! Unlabelled target data show whether inputs changed. They never show whether the same input still has the same label: that takes labels,
//! and no p-value and no weight here says anything about it.
//!
//! # Examples
//!
//! ```
//! use genolens::{shift, simulate};
//! # fn main() -> genolens::Result<()> {
//! // Inputs stay, and labels of the same inputs change: no test of inputs can see it.
//! let data = simulate::concept_shift(4);
//! let test = shift::kolmogorov_smirnov(data.source(), data.target())?;
//! assert!(!test.is_shifted());
//! # Ok(()) }
//! ```

mod classifier_test;
mod environment_fit;
mod environment_learner;
mod environments;
mod kolmogorov_smirnov;
mod left_out;
mod mmd;
mod prior_shift;
mod priors;
mod samples;
mod verdict;
mod weighting;
mod weights;

pub use classifier_test::{ClassifierTest, classifier_test};
pub use environment_fit::EnvironmentFit;
pub use environments::{FitEnvironments, Objective};
pub use kolmogorov_smirnov::{
    FeatureShift, KolmogorovSmirnov, black_box_shift, kolmogorov_smirnov,
};
pub use left_out::LeftOut;
pub use mmd::{Mmd, mmd};
pub use prior_shift::{PriorMethod, PriorShift, estimate_priors};
pub use priors::Priors;
pub use verdict::ShiftTest;
pub use weighting::{WeightMethod, Weighting, importance_weights};
pub use weights::Weights;
