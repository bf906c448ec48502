//! From untrained to trained: the fit loop, losses, optimisers, metrics and history.
//!
//! ```text
//! Network + examples + labels (or a Source of them) --Fit--> Trained --> network(), history()
//! Fit: Optimizer (Adam, AdamW, Sgd, RmsProp, Adadelta), Schedule, Loss, Augment, Split, checkpoint
//! Network + examples + labels --cross_validate, learning_curve, search--> Validated, Learned, Found
//! sequences + labels --gapped_kmer_svm, FitSvm (GappedKmers, KmerFilter)--> GappedKmerSvm
//! labels --hold_out, hold_out_groups, k_fold--> Split, Folds
//! scores + labels --roc, precision_recall, precision_recall_gain--> Curve
//! scores + labels --auroc, auprc, pearson and others--> a number; --delong, Bootstrap--> Interval
//! scores (n, tasks) + labels (n, tasks) --measure--> Measurement
//! ```
//!
//! # Examples
//!
//! ```
//! use genolens::ndarray::{Array1, Array3};
//! use genolens::{network, training};
//! # fn main() -> genolens::Result<()> {
//! // Half of the sequences are all A, the others all C.
//! let x = Array3::from_shape_fn((40, 4, 30), |(i, letter, _)| if letter == i % 2 { 1.0 } else { 0.0 });
//! let labels = Array1::from_shape_fn(40, |i| (i % 2) as f32);
//! let trained = training::Fit::new().epochs(5).learning_rate(0.01).run(&network::deepbind(4), &x, &labels)?;
//! assert_eq!(network::predict(&trained, &x)?.dim(), (40, 1));
//! println!("{}", trained.history());
//! # Ok(()) }
//! ```

mod arrays;
mod augment;
mod batch;
mod binary;
mod checkpoint;
mod classes;
mod columns;
mod cross_validation;
mod curve;
mod drawn;
mod fit;
mod folds;
mod found;
mod history;
mod hold_out;
mod labels;
mod learned;
mod learner;
mod learning_curve;
mod likelihood;
mod loss;
mod measures;
mod metric;
mod mixture;
mod optimizer;
mod ranges;
mod rows;
mod schedule;
mod scored;
mod search;
mod session;
mod source;
mod split;
mod strata;
mod svm;
mod trained;
mod validated;

pub use arrays::Arrays;
pub use augment::Augment;
pub use batch::Batch;
pub use cross_validation::{CrossValidation, cross_validate};
pub use curve::{Curve, precision_recall, precision_recall_gain, roc};
pub use fit::{Fit, fit};
pub use folds::{Folds, KFold, k_fold};
pub use found::Found;
pub use history::History;
pub use hold_out::{HoldOut, hold_out, hold_out_groups};
pub use labels::Labels;
pub use learned::Learned;
pub use learning_curve::{LearningCurve, learning_curve};
pub use likelihood::{Likelihood, Mean, Reconstruction};
pub use loss::Loss;
pub use metric::{
    Auprc, Bootstrap, Comparison, DeLong, Ends, Interpolation, Interval, JensenShannon, Measure,
    Measurement, Metric, accuracy, auprc, auprg, auroc, brier, compare_auroc, delong,
    jensen_shannon, log_loss, measure, pearson, spearman,
};
pub use optimizer::{Adadelta, Adam, AdamW, Optimizer, RmsProp, Sgd};
pub use ranges::Trial;
pub use schedule::Schedule;
pub use search::{Search, deepbind_trial, search};
pub use source::Source;
pub use split::Split;
pub use svm::{FitSvm, GappedKmerSvm, GappedKmers, KmerFilter, gapped_kmer_svm};
pub use trained::Trained;
pub use validated::Validated;

pub(crate) use likelihood::measure_each;
pub(crate) use metric::{check_level, correlation};
pub(crate) use optimizer::{Descent, Limits};
