//! From untrained to trained: the fit loop, losses, optimisers, metrics and history.
//!
//! ```text
//! Network + examples + labels (or a Source of them) --Fit--> Trained --> network(), history()
//! scores + labels --> auroc, auprc, roc, precision_recall
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
mod batch;
mod classes;
mod curve;
mod fit;
mod history;
mod labels;
mod loss;
mod measures;
mod metric;
mod optimizer;
mod rows;
mod scored;
mod session;
mod source;
mod trained;

pub use arrays::Arrays;
pub use batch::Batch;
pub use curve::{Curve, precision_recall, roc};
pub use fit::{Fit, fit};
pub use history::History;
pub use labels::Labels;
pub use loss::Loss;
pub use metric::{auprc, auroc};
pub use optimizer::Optimizer;
pub use source::Source;
pub use trained::Trained;
