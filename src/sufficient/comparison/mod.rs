//! Sufficient subsets beside attributions and beside other models.
//!
//! ```text
//! another Model + Subsets   --cross_sufficiency--> CrossScores: does what is enough for the one convince the other?
//! Model + Subsets           --perturbation--> InsideOutside: what a feature is worth inside and outside
//! Model + Subsets + scores  --ranked_subsets--> Subsets: as many of the highest scores as are enough
//!                           --insertion_deletion--> InsertionDeletionCurves
//! ```

mod cross_scores;
mod cross_sufficiency;
mod curves;
mod importances;
mod insertion_deletion;
mod inside_outside;
mod perturbation;
mod probe;
mod ranked_subsets;

pub use cross_scores::CrossScores;
pub use cross_sufficiency::{CrossSufficiency, cross_sufficiency};
pub use curves::InsertionDeletionCurves;
pub use insertion_deletion::{InsertionDeletion, insertion_deletion};
pub use inside_outside::InsideOutside;
pub use perturbation::{Perturbation, perturbation};
pub use ranked_subsets::{RankedSubsets, Until, ranked_subsets};
