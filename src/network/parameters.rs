//! What a layer asks to be given.

use super::initial::Initial;

/// A tensor that a layer needs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) shape: Vec<usize>,
    pub(crate) initial: Initial,
    /// Trained by gradients; otherwise observed, as the running mean of a batch norm is.
    pub(crate) trained: bool,
}

impl Parameter {
    pub(crate) fn trained(name: &'static str, shape: &[usize], initial: Initial) -> Self {
        Self {
            name,
            shape: shape.into(),
            initial,
            trained: true,
        }
    }

    pub(crate) fn observed(name: &'static str, shape: &[usize], value: f32) -> Self {
        Self {
            name,
            shape: shape.into(),
            initial: Initial::Constant(value),
            trained: false,
        }
    }

    pub(crate) fn count(&self) -> usize {
        self.shape.iter().product()
    }
}
