//! Maximum-entropy sampling: sequences that a model takes for the same as an input.
//!
//! ```text
//! MaxEntropy --Head, Evaluator--> Source: what the model says of a proposal --Measure--> energy
//!      \--Rules--> Chain, one after the other --letters, energies--> MaxEntropySamples --Mixing--> R-hat, effective samples
//! ```

mod chain;
mod energy;
#[expect(
    clippy::module_inception,
    reason = "the type `MaxEntropy` lives in a file named after it"
)]
mod max_entropy;
mod mixing;
mod samples;
mod source;

pub use energy::Energy;
pub use max_entropy::{MaxEntropy, max_entropy};
pub use samples::MaxEntropySamples;
