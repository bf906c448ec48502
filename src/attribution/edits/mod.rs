//! What edits of a sequence do to the output, and to any explanation of it.
//!
//! ```text
//! Sequences --Edit--> edited Sequences
//! Model on both --before_and_after--> Change: before, after, difference; explain(any Method): both attributions
//! Sequences --Insertions, Deletions--> IndelEffects (n, edits, length)
//! Alleles --VariantEffects--> ScoredVariants: the Change of every variant of a genome
//! null sequences + motifs --GlobalImportance, Spacing--> Importances, SpacingEffects: means with intervals
//! ```

mod ablation;
mod backgrounds;
mod before_and_after;
mod change;
mod deletions;
mod edit;
mod explained_change;
mod global_importance;
mod importances;
mod indel;
mod indel_effects;
mod indels;
mod insertions;
mod marginalisation;
mod rows;
mod scored_variants;
mod spacing;
mod spacing_effects;
mod stretch;
mod variant_effects;
mod written;

pub use ablation::{Ablation, ablation};
pub use backgrounds::Backgrounds;
pub use before_and_after::{BeforeAndAfter, before_and_after};
pub use change::Change;
pub use deletions::{Deletions, deletion_effects};
pub use edit::Edit;
pub use explained_change::ExplainedChange;
pub use global_importance::{GlobalImportance, global_importance};
pub use importances::{Importance, Importances};
pub use indel::Indel;
pub use indel_effects::IndelEffects;
pub use insertions::{Insertions, insertion_effects};
pub use marginalisation::{Marginalisation, marginalisation};
pub use scored_variants::ScoredVariants;
pub use spacing::{Spacing, spacing};
pub use spacing_effects::{SpacingEffect, SpacingEffects};
pub use variant_effects::{VariantEffects, variant_effects};
