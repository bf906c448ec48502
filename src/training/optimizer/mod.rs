//! From gradients to better weights: the optimisers with the options, defaults and arithmetic of `PyTorch`.
//!
//! ```text
//! gradients --clip--> Adam, AdamW, Sgd, RmsProp, Adadelta --cap--> weights
//! ```

mod adadelta;
mod adam;
mod descent;
#[expect(
    clippy::module_inception,
    reason = "the type `Optimizer` lives in a file named after it"
)]
mod optimizer;
mod rms_prop;
mod sgd;
mod tensor_step;
mod update;

pub use adadelta::Adadelta;
pub use adam::{Adam, AdamW};
pub use optimizer::Optimizer;
pub use rms_prop::RmsProp;
pub use sgd::Sgd;

pub(crate) use descent::{Descent, Limits};
