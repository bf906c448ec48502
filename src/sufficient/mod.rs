//! Which part of the input is enough for the output: sufficient input subsets, their clusters, and how they compare with attributions.
//!
//! ```text
//! model or black box, examples, threshold --SufficientSubsets--> Subsets
//! Subsets --clusters--> Clusters: strings, motifs;  several groups or models together --ClusterSubsets::groups--> what they share
//! Subsets + another model --cross_sufficiency, perturbation--> CrossScores, InsideOutside
//! Subsets + scores of an attribution --ranked_subsets, insertion_deletion--> Subsets, InsertionDeletionCurves
//!
//!     Subset: features, score alone     Selection: the order in which features were given up, and the scores on the way
//! ```
//!
//! A sufficient input subset is a small set of features whose values alone keep the score at a threshold, all others being masked: see
//! [`SufficientSubsets`].

mod asked;
mod back_select;
mod clusters;
mod collection;
mod comparison;
mod descent;
mod examples;
mod incremental;
mod layout;
mod mask;
mod score;
mod selection;
mod subset;
mod subsets;
mod sufficient_subsets;
mod threshold;

pub use clusters::{
    AlignedSubsets, ClusterSubsets, Clusters, Dbscan, SubsetDistance, align, clusters,
    edit_distance,
};
pub use comparison::{
    CrossScores, CrossSufficiency, InsertionDeletion, InsertionDeletionCurves, InsideOutside,
    Perturbation, RankedSubsets, Until, cross_sufficiency, insertion_deletion, perturbation,
    ranked_subsets,
};
pub use layout::Layout;
pub use mask::Mask;
pub use score::Score;
pub use selection::Selection;
pub use subset::Subset;
pub use subsets::Subsets;
pub use sufficient_subsets::{SufficientSubsets, subsets};
pub use threshold::Threshold;
