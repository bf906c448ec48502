//! Whether explanations are right, where the truth is known, and sane, where it is not.

#[expect(
    clippy::module_inception,
    reason = "the type `Benchmark` lives in a file named after it"
)]
mod benchmark;
mod benchmark_result;
mod differences;
mod infidelity;
mod near;
mod sensitivity;
mod spread;
mod weight_randomisation;

pub use benchmark::Benchmark;
pub use benchmark_result::BenchmarkResult;
pub use differences::Differences;
pub use infidelity::{Infidelity, infidelity};
pub use sensitivity::{Sensitivity, sensitivity};
pub use weight_randomisation::{Randomised, WeightRandomisation, weight_randomisation};
