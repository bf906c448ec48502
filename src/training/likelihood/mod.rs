//! How likely values are as draws from distributions: exact in single precision, with gradients, as candle operations and as losses.

mod draws;
#[expect(
    clippy::module_inception,
    reason = "the type `Likelihood` lives in a file named after it"
)]
mod likelihood;
mod operation;
mod reconstruction;
mod row;

pub use likelihood::Likelihood;
pub use reconstruction::{Mean, Reconstruction};

pub(crate) use likelihood::misfit;
pub(crate) use row::{measure, measure_each};
