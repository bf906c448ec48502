//! Gradients of weights beside candle's own, which adds every one to zeros first.

use candle_core::backprop::GradStore;
use candle_core::{Result, Tensor};
use std::sync::{Arc, Mutex, PoisonError};

/// What has come back to weights in one backward pass.
#[derive(Clone, Debug, Default)]
pub(crate) struct Returned(Arc<Mutex<Vec<(Tensor, Tensor)>>>);

impl Returned {
    pub(super) fn add(&self, weight: &Tensor, gradient: Tensor) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push((weight.clone(), gradient));
    }

    /// Adds all to what candle has found.
    pub(crate) fn hand_over(&self, gradients: &mut GradStore) -> Result<()> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (weight, gradient) in all.drain(..) {
            let sum = match gradients.get(&weight) {
                Some(known) => (known + gradient)?,
                None => gradient,
            };
            gradients.insert(&weight, sum);
        }
        Ok(())
    }
}
