//! How good scores are, as one number, for every task, and how sure that number is.
//!
//! ```text
//! scores + labels --auroc, auprc, auprg, pearson, spearman, brier, log_loss, accuracy--> one number
//! profiles + counts --jensen_shannon--> one number per profile
//! scores (n, tasks) + labels (n, tasks) --measure--> Measurement, one row per task
//! scores + labels --delong, Bootstrap--> Interval;  two models --compare_auroc--> Comparison
//! ```

mod accuracy;
mod auprc;
mod auprg;
mod auroc;
mod bootstrap;
mod brier;
mod comparison;
mod delong;
mod interval;
mod jensen_shannon;
mod log_loss;
mod measure;
mod measurement;
#[expect(
    clippy::module_inception,
    reason = "the type `Metric` lives in a file named after it"
)]
mod metric;
mod order;
mod paired;
mod pearson;
mod prepared;
mod ranked;
mod spearman;

pub use accuracy::accuracy;
pub use auprc::{Auprc, Interpolation, auprc};
pub use auprg::auprg;
pub use auroc::auroc;
pub use bootstrap::{Bootstrap, Ends};
pub use brier::brier;
pub use comparison::Comparison;
pub use delong::{DeLong, compare_auroc, delong};
pub use interval::Interval;
pub use jensen_shannon::{JensenShannon, jensen_shannon};
pub use log_loss::log_loss;
pub use measure::{Measure, measure};
pub use measurement::Measurement;
pub use metric::Metric;
pub use pearson::pearson;
pub use spearman::spearman;

pub(super) use auprg::gains;
pub(crate) use interval::check_level;
pub(super) use interval::percent;
pub(super) use paired::Paired;
pub(crate) use pearson::correlation;
pub(super) use ranked::Ranked;
