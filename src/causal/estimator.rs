//! What all estimators have in common.

use super::{Estimate, Instruments};
use crate::Result;

/// A method that estimates the effect of one exposure on an outcome.
pub trait Estimator: Sync {
    /// Estimates the effect.
    ///
    /// # Errors
    ///
    /// Fails when there are too few variants for the method, several exposures, or the user interrupts.
    fn estimate(&self, instruments: &Instruments) -> Result<Estimate>;
}
