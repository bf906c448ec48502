//! What all explanations by masking are told.

use super::Masking;
use crate::random::Seed;

#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    pub(super) target: usize,
    pub(super) masking: Masking,
    pub(super) batch: usize,
    pub(super) seed: Seed,
}

impl Options {
    /// Takes the defaults: the first output, every column or position, batches of 64.
    pub(super) fn new() -> Self {
        Self {
            batch: 64,
            ..Self::default()
        }
    }
}

/// The options and doors that all methods of this folder have.
macro_rules! doors {
    ($method:ty) => {
        impl $method {
            /// Sets which output to explain, counted from 0.
            pub fn target(mut self, target: usize) -> Self {
                self.options.target = target;
                self
            }

            /// Sets what the features are, and what stands in for those that are absent; default: each column or position, zeros.
            pub fn masking(mut self, masking: $crate::attribution::Masking) -> Self {
                self.options.masking = masking;
                self
            }

            /// Sets the number of examples that are scored at once.
            pub fn batch(mut self, batch: usize) -> Self {
                self.options.batch = batch;
                self
            }

            /// Explains an output for sequences; the score of a position is put on the letter that is there.
            ///
            /// Positions of one group have equal scores, which add up to that of the group.
            ///
            /// # Errors
            ///
            /// Fails when `x` or what stands in has a shape that the model cannot read, there is no such output, the model is not
            /// deterministic or gives numbers that are not finite, an option makes no sense, or the user interrupts.
            pub fn run(
                &self,
                model: &dyn $crate::network::Model,
                x: &dyn $crate::sequence::Explainable,
            ) -> $crate::Result<$crate::attribution::Attribution> {
                super::explain::sequences(self, model, x)
            }

            /// Explains an output for sequences, feature by feature.
            ///
            /// # Errors
            ///
            /// As `run`.
            pub fn contributions(
                &self,
                model: &dyn $crate::network::Model,
                x: &dyn $crate::sequence::Explainable,
            ) -> $crate::Result<$crate::attribution::Contributions> {
                super::explain::features(self, model, x)
            }

            /// Explains what any function makes of rows, shape `(n, columns)`.
            ///
            /// What has more axes than two is masked at the places of the last one.
            ///
            /// # Errors
            ///
            /// As `run`.
            pub fn rows(
                &self,
                black_box: &dyn $crate::network::BlackBox,
                x: &dyn $crate::Input,
            ) -> $crate::Result<$crate::attribution::Contributions> {
                super::explain::rows(self, black_box, x)
            }
        }

        impl Default for $method {
            fn default() -> Self {
                Self::new()
            }
        }
    };
}

pub(super) use doors;
