//! Whether one process causes another: Mendelian randomisation and meta-analysis.
//!
//! Genetic variants that change an exposure are an experiment of nature: when exposure causes outcome, they change the outcome in
//! proportion. [`Instruments`] hold the effects of variants on both; an estimator turns them into an [`Estimate`]. Every estimator is a
//! function with good defaults and a type with options, and errs in its own way when variants act on the outcome by other ways, so ask
//! several.
//!
//! ```text
//! tables -> Instruments -> ivw, egger, weighted_median, mode_based ... -> Estimate, Estimates -> table()
//! Ensemble + Sequences -> ensemble_mutagenesis -> MutationEffects -> deep_mr -> DeepMrResult -> table()
//! effects of many studies -> meta_analysis -> Pooled -> table()
//! exposure, outcome, instruments of individuals -> Individuals -> two_stage_least_squares, deep_iv -> DeepIvResult -> effect(&x)
//! examples in groups -> partition -> Stories -> reversals()       does the whole tell another story than its parts?
//! ```
//!
//! # Examples
//!
//! ```
//! use genolens::causal::{self, Ivw, Instruments};
//! # fn main() -> genolens::Result<()> {
//! let (bx, by) = ([0.10, -0.20, 0.15, 0.12], [0.21, -0.39, 0.31, 0.22]);
//! let instruments = Instruments::new((&bx, &[0.01; 4]), (&by, &[0.02; 4]))?;
//! let all = causal::mendelian_randomization(&instruments)?;
//! assert_eq!(all.table()?.height(), 4);
//! let effect = causal::ivw(&instruments)?;
//! assert!(effect.p_value() < 1e-9 && (effect.value() - 2.0).abs() < 0.1);
//! let without = causal::leave_one_out(&instruments, &Ivw::new())?;
//! assert_eq!(without.table()?.height(), 4);
//! # Ok(()) }
//! ```

mod deep;
mod dispersion;
mod draws;
mod estimate;
mod estimates;
mod estimator;
mod estimators;
mod heterogeneity;
mod heterogeneity_parts;
mod individual;
mod instruments;
mod leave_one_out;
mod line;
mod meta;
mod observations;
mod overview;
mod pairs;
mod partition;
mod preset;
mod robust;
mod rucker;
mod stories;

pub use deep::{
    CountNoise, DeepMr, DeepMrResult, EnsembleMutagenesis, MutationEffects, Selection,
    SequenceEstimator, deep_mr, ensemble_mutagenesis,
};
pub use dispersion::Dispersion;
pub use estimate::{Estimate, Intercept};
pub use estimates::Estimates;
pub use estimator::Estimator;
pub use estimators::{
    ConditionalF, ConstrainedLikelihood, ContaminationMixture, DebiasedIvw, Egger, Grip, Ivw, Loss,
    MaxLikelihood, Median, MedianKind, Mode, MrLasso, MrMix, MrPresso, Multivariable, PenalizedIvw,
    Presso, Raps, Weights, conditional_f, constrained_likelihood, contamination_mixture,
    debiased_ivw, egger, grip, ivw, max_likelihood, mode_based, mr_lasso, mr_mix,
    multivariable_egger, multivariable_ivw, penalized_ivw, presso, raps, wald_ratio, wald_ratios,
    weighted_median,
};
pub use heterogeneity::{Heterogeneity, heterogeneity};
pub use heterogeneity_parts::{HeterogeneityParts, heterogeneity_parts};
pub use individual::{
    DeepIv, DeepIvResult, FirstStage, Individuals, ResponseCurve, TwoStage, deep_iv,
    two_stage_least_squares,
};
pub use instruments::{
    AssociationColumns, Associations, Columns, Harmonise, Harmonised, Instruments, Palindromes,
    Steiger, f_statistics, harmonise, i_squared_gx, read_table, steiger, steiger_filter,
};
pub use leave_one_out::leave_one_out;
pub use meta::{KnappHartung, MetaAnalysis, Pooled, TauSquared, meta_analysis};
pub use observations::{Observations, kidney_stones, opposed_lines};
pub use overview::{MendelianRandomization, mendelian_randomization};
pub use partition::{Partition, partition};
pub use preset::Preset;
pub use rucker::{Rucker, RuckerModel, rucker};
pub use stories::{Reversal, Stories, Story};
