//! Estimators of the effect of one exposure or several, one in each file.

mod constrained;
mod contamination;
mod debiased;
mod density;
mod egger;
mod grip;
mod ivw;
mod lasso;
mod max_likelihood;
mod median;
mod mixture;
mod mode;
mod multivariable;
mod penalty;
mod presso;
mod raps;
mod wald;
mod whiten;

pub use constrained::{ConstrainedLikelihood, constrained_likelihood};
pub use contamination::{ContaminationMixture, contamination_mixture};
pub use debiased::{DebiasedIvw, debiased_ivw};
pub use egger::{Egger, egger};
pub use grip::{Grip, grip};
pub use ivw::{Ivw, Weights, ivw};
pub use lasso::{MrLasso, mr_lasso};
pub use max_likelihood::{MaxLikelihood, max_likelihood};
pub use median::{Median, MedianKind, weighted_median};
pub use mixture::{MrMix, mr_mix};
pub use mode::{Mode, mode_based};
pub use multivariable::{Multivariable, conditional_f, multivariable_egger, multivariable_ivw};
pub use presso::{MrPresso, Presso, presso};
pub use raps::{Loss, Raps, raps};
pub use wald::{wald_ratio, wald_ratios};
