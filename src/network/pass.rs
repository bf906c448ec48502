//! The state of one pass through the layers.

use crate::random::Seed;
use candle_core::Tensor;

/// What layers need to know, and to tell, while examples pass through a network.
#[derive(Debug, Default)]
pub(crate) struct Pass {
    training: Option<Seed>,
    layer: usize,
    updates: Vec<(usize, &'static str, Tensor)>,
}

impl Pass {
    /// Examples are only looked at.
    pub(crate) fn evaluation() -> Self {
        Self::default()
    }

    /// Examples are learned from; the seed belongs to this one step.
    pub(crate) fn training(seed: Seed) -> Self {
        Self {
            training: Some(seed),
            ..Self::default()
        }
    }

    pub(crate) fn enter(&mut self, layer: usize) {
        self.layer = layer;
    }

    /// Returns the seed of the present layer when training.
    pub(crate) fn seed(&self) -> Option<Seed> {
        self.training.map(|seed| seed.indexed(self.layer))
    }

    /// Notes a new value for a parameter that is observed, not trained.
    pub(crate) fn update(&mut self, parameter: &'static str, value: Tensor) {
        self.updates.push((self.layer, parameter, value));
    }

    pub(crate) fn into_updates(self) -> Vec<(usize, &'static str, Tensor)> {
        self.updates
    }
}
