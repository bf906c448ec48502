//! Inputs that differ little and are called otherwise.

#[expect(
    clippy::module_inception,
    reason = "the type `Adversarial` lives in a file named after it"
)]
mod adversarial;
mod adversarial_examples;

pub use adversarial::{Adversarial, adversarial};
pub use adversarial_examples::AdversarialExamples;
