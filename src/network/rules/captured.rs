//! What one layer gives, and the gradient of the output there.

use super::{Rules, ruled};
use crate::Result;
use crate::network::{Layer, Pass};
use candle_core::Tensor;
use std::sync::{Arc, Mutex, PoisonError};

/// Keeps what passes the end of one layer, forward and back.
#[derive(Clone, Debug)]
pub(crate) struct Captured {
    /// The layer's place in the survey.
    layer: usize,
    seen: Arc<Mutex<(Option<Tensor>, Option<Tensor>)>>,
}

impl Captured {
    pub(crate) fn new(layer: usize) -> Self {
        Self {
            layer,
            seen: Arc::default(),
        }
    }

    /// Returns what the layer gave and the gradient there, if a pass went forward and back.
    pub(crate) fn into_seen(self) -> Option<(Tensor, Tensor)> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        Some((seen.0.clone()?, seen.1.clone()?))
    }
}

impl Rules for Captured {
    fn through(&self, layers: &[Layer], x: &Tensor, pass: &mut Pass) -> Result<(Tensor, usize)> {
        let at = pass.entered() - 1;
        let out = layers[0].step().forward(&pass.weights(), x, pass)?;
        if at != self.layer {
            return Ok((out, 1));
        }
        let seen = Arc::clone(&self.seen);
        seen.lock().unwrap_or_else(PoisonError::into_inner).0 = Some(out.detach());
        let out = ruled(&out, &out, move |_, _, gradient| {
            seen.lock().unwrap_or_else(PoisonError::into_inner).1 = Some(gradient.clone());
            Ok(gradient.clone())
        })?;
        Ok((out, 1))
    }
}
