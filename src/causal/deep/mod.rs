//! Deep Mendelian randomisation: the variants are mutations of a sequence, their effects what an ensemble of models says of them.

mod count_noise;
mod deep_mr;
mod deep_mr_result;
mod ensemble_mutagenesis;
mod mutation_effects;
mod sequence_estimator;
mod sequence_fit;

pub use count_noise::CountNoise;
pub use deep_mr::{DeepMr, Selection, deep_mr};
pub use deep_mr_result::DeepMrResult;
pub use ensemble_mutagenesis::{EnsembleMutagenesis, ensemble_mutagenesis};
pub use mutation_effects::MutationEffects;
pub use sequence_estimator::SequenceEstimator;
