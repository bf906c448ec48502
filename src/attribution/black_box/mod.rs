//! Explanations of anything that scores a batch: what happens to the score when features are absent.
//!
//! ```text
//! Model + Sequences --.run--> Attribution;  --.contributions--> Contributions (n, features)
//! BlackBox + rows   --.rows--> Contributions, permutation_importance --> FeatureImportance
//! ```

mod coalitions;
mod contributions;
mod exact_shapley;
mod examples;
mod explain;
mod feature_importance;
mod kernel_coalitions;
mod kernel_shap;
mod lime;
mod lime_coalitions;
mod masking;
mod options;
mod permutation_importance;
mod shapley_sampling;
mod surrogate;

pub use contributions::Contributions;
pub use exact_shapley::{ExactShapley, exact_shapley};
pub use feature_importance::FeatureImportance;
pub use kernel_shap::{KernelShap, kernel_shap};
pub use lime::{Distance, Draw, Lime, lime};
pub use masking::Masking;
pub use permutation_importance::{PermutationImportance, permutation_importance};
pub use shapley_sampling::{ShapleySampling, shapley_sampling};
pub use surrogate::Surrogate;
