//! The state of one pass through the layers.

use super::Rules;
use super::operation::Returned;
use super::survey::Part;
use crate::random::Seed;
use candle_core::Tensor;
use std::sync::Arc;

/// What layers need to know, and to tell, while examples pass through a network.
///
/// Examples meet the layers in the order of the [`Survey`](super::survey::Survey), so that the next layer is the next part.
#[derive(Debug, Default)]
pub(crate) struct Pass {
    training: Option<Seed>,
    /// Only dropout is switched on: the seed of a sample, and the place of the first example among all.
    sampling: Option<(Seed, usize)>,
    /// Only layers that draw numbers do so: the seed, and the place of the first example among all.
    drawing: Option<(Seed, usize)>,
    parts: Arc<Vec<Part>>,
    weights: Arc<Vec<Tensor>>,
    /// Layers that were entered.
    entered: usize,
    updates: Vec<(usize, Tensor)>,
    watched: Option<Watch>,
    /// How layers are computed, if not as always.
    rules: Option<Arc<dyn Rules>>,
    seen: Option<Tensor>,
    /// Where gradients of weights go, if not to candle.
    returned: Option<Returned>,
}

/// Which numbers inside a network are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watch {
    /// What the layer at this place of the survey reads.
    Input(usize),
    /// What it gives.
    Output(usize),
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

    /// Gradients of weights go here as far as layers know how.
    pub(crate) fn returning(mut self, returned: &Returned) -> Self {
        self.returned = Some(returned.clone());
        self
    }

    /// Returns where gradients of weights go, if not to candle.
    pub(crate) fn returned(&self) -> Option<Returned> {
        self.returned.clone()
    }

    pub(crate) fn watching(mut self, watched: Watch) -> Self {
        self.watched = Some(watched);
        self
    }

    /// Examples are looked at, and what comes back through the layers follows these rules.
    pub(crate) fn ruled(rules: Arc<dyn Rules>) -> Self {
        Self {
            rules: Some(rules),
            ..Self::default()
        }
    }

    /// Returns how layers are computed, if not as always.
    pub(crate) fn rules(&self) -> Option<Arc<dyn Rules>> {
        self.rules.clone()
    }

    /// Begins at the first layer.
    pub(crate) fn begin(&mut self, parts: &Arc<Vec<Part>>, weights: &Arc<Vec<Tensor>>) {
        self.parts = Arc::clone(parts);
        self.weights = Arc::clone(weights);
        self.entered = 0;
    }

    /// Goes on to the next layer, which reads `x`, and returns its place.
    pub(crate) fn enter(&mut self, x: &Tensor) -> usize {
        let at = self.entered;
        self.entered += 1;
        if self.watched == Some(Watch::Input(at)) {
            self.seen = Some(x.clone());
        }
        at
    }

    /// Notes what the layer that was entered at this place gives.
    pub(crate) fn leave(&mut self, at: usize, out: &Tensor) {
        if self.watched == Some(Watch::Output(at)) {
            self.seen = Some(out.clone());
        }
    }

    /// Tells whether numbers inside the network are asked for, so that no layers may be computed at once.
    pub(crate) fn is_watching(&self) -> bool {
        self.watched.is_some()
    }

    /// Passes over layers that were computed together with the present one.
    pub(crate) fn skip(&mut self, layers: usize) {
        self.entered += layers;
    }

    /// Returns the present layer.
    pub(crate) fn part(&self) -> Option<&Part> {
        self.parts.get(self.entered.checked_sub(1)?)
    }

    /// Returns the weights of the present layer.
    pub(crate) fn weights(&self) -> Vec<Tensor> {
        self.weights_of(self.part())
    }

    /// Returns the weights of the first layer inside the present one, or of the next.
    pub(crate) fn weights_inside(&self) -> Vec<Tensor> {
        self.weights_after(1)
    }

    /// Returns the weights of the layer so many places behind the present one.
    pub(crate) fn weights_after(&self, places: usize) -> Vec<Tensor> {
        let at = (self.entered + places).checked_sub(1);
        self.weights_of(at.and_then(|at| self.parts.get(at)))
    }

    fn weights_of(&self, part: Option<&Part>) -> Vec<Tensor> {
        let Some(part) = part else {
            return Vec::new();
        };
        let own = part.first..part.first + part.parameters.len();
        self.weights.get(own).map(<[_]>::to_vec).unwrap_or_default()
    }

    /// Examples are looked at with dropout switched on; the first of them has this place among all.
    pub(crate) fn sampling(seed: Seed, first: usize) -> Self {
        Self {
            sampling: Some((seed, first)),
            ..Self::default()
        }
    }

    /// Examples are looked at without dropout, while layers that draw do so; the first of the examples has this place among all.
    pub(crate) fn drawing(seed: Seed, first: usize) -> Self {
        Self {
            drawing: Some((seed, first)),
            ..Self::default()
        }
    }

    /// Returns the seed of the present layer's draws when it makes some outside of training, and the place of the first example.
    pub(crate) fn draws(&self) -> Option<(Seed, usize)> {
        let (seed, first) = self.drawing?;
        Some((self.part()?.seed(seed), first))
    }

    /// Returns the seed of the present layer's noise when there is any, and the place of the first example.
    pub(crate) fn noise(&self) -> Option<(Seed, usize)> {
        let (seed, first) = match self.training {
            Some(seed) => (seed, 0),
            None => self.sampling?,
        };
        Some((self.part()?.seed(seed), first))
    }

    /// Returns the seed of the present layer when training.
    pub(crate) fn seed(&self) -> Option<Seed> {
        Some(self.part()?.seed(self.training?))
    }

    /// Notes a new value for a parameter of the present layer that is observed, not trained.
    pub(crate) fn update(&mut self, parameter: &str, value: Tensor) {
        let place = self.part().and_then(|part| {
            let mut names = part.parameters.iter();
            let own = names.position(|known| known.name == parameter)?;
            Some(part.first + own)
        });
        if let Some(place) = place {
            self.updates.push((place, value));
        }
    }

    /// Returns the new values of weights, by their places among all weights.
    pub(crate) fn into_updates(self) -> Vec<(usize, Tensor)> {
        self.updates
    }

    /// Changes what was seen, if it was seen just now: since so many layers were entered.
    pub(crate) fn reread(
        &mut self,
        since: usize,
        change: impl FnOnce(&Tensor) -> candle_core::Result<Tensor>,
    ) -> candle_core::Result<()> {
        let (Some(Watch::Input(at) | Watch::Output(at)), Some(seen)) = (self.watched, &self.seen)
        else {
            return Ok(());
        };
        if at >= since && at < self.entered {
            self.seen = Some(change(seen)?);
        }
        Ok(())
    }

    pub(crate) fn entered(&self) -> usize {
        self.entered
    }

    pub(crate) fn into_seen(self) -> Option<Tensor> {
        self.seen
    }
}
