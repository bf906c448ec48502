//! Which part of the input made the output: one method per file, all of them give an [`Attribution`].
//!
//! ```text
//! Model + Sequences --saliency, gradient_x_input, smooth_grad, saturation_mutagenesis, occlusion--> Attribution (n, letters, length)
//! Network           --guided_backpropagation, grad_cam, class_activation, layerwise_relevance--> the same
//! and References    --deep_lift, integrated_gradients, expected_gradients--> the same, and what it leaves unexplained
//! and Masking       --kernel_shap, shapley_sampling, exact_shapley, lime--> the same, or Contributions (n, features)
//! and an Edit       --before_and_after, marginalisation, ablation--> Change: the outputs before and after
//! Model + Cells     --explain_genes, loadings, between_seeds--> GeneScores, SeedScores
//! codes of trainings --match_codes, codes_between_seeds--> CodeMatch: which dimension is which; CodeSeeds: SeedScores of each
//! BlackBox + rows   --their `rows`, permutation_importance--> Contributions, FeatureImportance
//! ```
//!
//! | here | elsewhere |
//! |---|---|
//! | [`saliency`] | captum `Saliency` |
//! | [`gradient_x_input`] | captum `InputXGradient` |
//! | [`smooth_grad`] | captum `NoiseTunnel(Saliency)` |
//! | [`integrated_gradients`] | captum `IntegratedGradients` |
//! | [`expected_gradients`] | captum `GradientShap` |
//! | [`kernel_shap`] | shap `KernelExplainer`, captum `KernelShap` |
//! | [`lime()`] | lime, captum `Lime` |
//! | [`shapley_sampling`] | captum `ShapleyValueSampling` |
//! | [`exact_shapley`] | captum `ShapleyValues`, shap `ExactExplainer` |
//! | [`permutation_importance`] | scikit-learn `permutation_importance` |
//! | [`saturation_mutagenesis`] | tangermeme `saturation_mutagenesis`, fastISM |
//! | [`pairwise_mutagenesis`], [`dependency_map`] | nothing: pairs of replacements, and which positions need each other |
//! | [`deep_lift`] | tangermeme `deep_lift_shap`, captum `DeepLiftShap`, deeplift |
//! | [`guided_backpropagation`], [`deconvolution`] | captum `GuidedBackprop`, `Deconvolution` |
//! | [`grad_cam`], [`guided_grad_cam`], [`class_activation`] | captum `LayerGradCam`, `GuidedGradCam` |
//! | [`layerwise_relevance`] | captum `LRP` |
//! | [`saturation_mutagenesis`] | tangermeme `saturation_mutagenesis` |
//! | [`infidelity`], [`sensitivity`] | captum `infidelity`, `sensitivity_max` |
//! | [`occlusion`] | captum `Occlusion` |
//! | [`marginalisation`], [`ablation`], [`spacing`] | tangermeme `marginalize`, `ablate`, `space` |
//! | [`Change::explain`] | their `func=` |
//! | [`insertion_effects`], [`deletion_effects`], [`variant_effects`] | tangermeme `insertion_effect`, `deletion_effect`, `substitution_effect` |
//! | [`global_importance`] | residualbind `GlobalImportance` |
//!
//! # Examples
//!
//! ```
//! use genolens::{attribution, network, sequence::Sequences};
//! # fn main() -> genolens::Result<()> {
//! let peaks = Sequences::dna(["ACGTACGTAC", "TTTTCCCCAA"])?;
//! let scores = attribution::saturation_mutagenesis(&network::deepbind(4), &peaks)?;
//! assert_eq!(scores.scores().dim(), (2, 4, 10));
//! # Ok(()) }
//! ```

#[expect(
    clippy::module_inception,
    reason = "the type `Attribution` lives in a file named after it"
)]
mod attribution;
mod benchmark;
mod black_box;
mod class_activation;
mod completeness;
mod deep_lift;
mod dependency_map;
mod edits;
mod expected_gradients;
mod filter_motifs;
mod genes;
mod grad_cam;
mod gradient;
mod gradient_x_input;
mod guided_backpropagation;
mod integrated_gradients;
mod layerwise_relevance;
mod mean_effect;
mod method;
mod multipliers;
mod mutagenesis;
mod occlusion;
mod pairs;
mod pairwise_mutagenesis;
mod path;
mod references;
mod saliency;
mod smooth_grad;

pub use attribution::Attribution;
pub use benchmark::{
    Benchmark, BenchmarkResult, Differences, Infidelity, Randomised, Sensitivity,
    WeightRandomisation, infidelity, sensitivity, weight_randomisation,
};
pub use black_box::{
    Contributions, Distance, Draw, ExactShapley, FeatureImportance, KernelShap, Lime, Masking,
    PermutationImportance, ShapleySampling, Surrogate, exact_shapley, kernel_shap, lime,
    permutation_importance, shapley_sampling,
};
pub use class_activation::{ClassActivation, class_activation};
pub use completeness::Completeness;
pub use deep_lift::{DeepLift, Rule, deep_lift};
pub use dependency_map::{Dependencies, DependencyMap, dependency_map};
pub use edits::{Ablation, ablation};
pub use edits::{Backgrounds, GlobalImportance, Importance, Importances, global_importance};
pub use edits::{BeforeAndAfter, before_and_after};
pub use edits::{Change, Edit, ExplainedChange};
pub use edits::{Deletions, Indel, IndelEffects, Insertions, deletion_effects, insertion_effects};
pub use edits::{Marginalisation, marginalisation};
pub use edits::{ScoredVariants, VariantEffects, variant_effects};
pub use edits::{Spacing, SpacingEffect, SpacingEffects, spacing};
pub use expected_gradients::{ExpectedGradients, expected_gradients};
pub use filter_motifs::{FilterMotifs, filter_motifs};
pub use genes::{
    Agreement, Baseline, CodeMatch, CodeScores, CodeSeeds, ExplainGenes, GeneMethod, GeneScores,
    MatchCodes, SeedScores, between_seeds, codes_between_seeds, explain_genes, loadings,
    match_codes,
};
pub use grad_cam::{ChannelWeights, GradCam, grad_cam, guided_grad_cam};
pub use gradient_x_input::{GradientXInput, gradient_x_input};
pub use guided_backpropagation::{GuidedBackpropagation, deconvolution, guided_backpropagation};
pub use integrated_gradients::{IntegratedGradients, Quadrature, integrated_gradients};
pub use layerwise_relevance::{LayerwiseRelevance, Sharing, layerwise_relevance};
pub use mean_effect::{MeanEffect, MeanEffects};
pub use method::Method;
pub use multipliers::Multipliers;
pub use mutagenesis::{Effect, SaturationMutagenesis, saturation_mutagenesis};
pub use occlusion::{Fill, Occlusion, occlusion};
pub use pairwise_mutagenesis::{Epistasis, PairwiseMutagenesis, pairwise_mutagenesis};
pub use references::References;
pub use saliency::{Saliency, saliency};
pub use smooth_grad::{SmoothGrad, Smoothing, smooth_grad};
