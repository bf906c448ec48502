//! All layers of a network at their places, those inside others too.

use super::sizes::MOST;
use super::{Layer, Parameter, Shape};
use crate::random::Seed;
use crate::{Error, Result};
use std::collections::BTreeSet;

/// A layer at its place.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// As in the layer table: `3` or, inside another layer, `3.0`.
    pub(crate) number: String,
    /// Number and kinds, which the names of weights begin with: `3.residual.0.convolution`.
    pub(crate) name: String,
    /// Index of the layer of the network that it is, or in which it stands.
    pub(crate) index: usize,
    /// How many layers it stands in.
    pub(crate) depth: usize,
    pub(crate) layer: Layer,
    pub(crate) output: Shape,
    pub(crate) parameters: Vec<Parameter>,
    /// Place of its first weight among all weights.
    pub(crate) first: usize,
}

impl Part {
    /// Checks that no two weights have one name, which a user's layer may get wrong, and that they have room in memory.
    pub(crate) fn check(&self) -> Result<()> {
        let names: Vec<&str> = self.parameters.iter().map(Parameter::name).collect();
        let different: BTreeSet<&str> = names.iter().copied().collect();
        let layer = format!("layer {} ({})", self.number, self.layer);
        if different.len() != names.len() || different.contains("") {
            let argument = format!("parameters of {layer}");
            let got = format!("`{}`", names.join("`, `"));
            return Err(Error::value(&argument, "names that differ", got));
        }
        for Parameter { name, shape, .. } in &self.parameters {
            let numbers = shape.iter().try_fold(1_usize, |all, &n| all.checked_mul(n));
            if numbers.is_none_or(|numbers| numbers > MOST) {
                let argument = format!("{name} of {layer}");
                let expected = format!("at most {MOST} numbers");
                return Err(Error::shape(&argument, expected, shape));
            }
        }
        Ok(())
    }

    /// Derives what is random in this layer from the seed of a step.
    pub(crate) fn seed(&self, seed: Seed) -> Seed {
        let seed = seed.indexed(self.index);
        match self.depth {
            0 => seed,
            _ => seed.named(&self.name),
        }
    }
}

/// Collects layers in the order in which examples pass through them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Survey {
    parts: Vec<Part>,
    /// Index, or name of a part, and kind of every layer that is being looked at, from the outside in.
    path: Vec<(String, Option<&'static str>)>,
    weights: usize,
}

impl Survey {
    pub(crate) fn enter(&mut self, index: usize, kind: &'static str) {
        self.path.push((index.to_string(), Some(kind)));
    }

    pub(crate) fn leave(&mut self) {
        self.path.pop();
    }

    /// Looks at one of several chains in a layer.
    pub(crate) fn within<T>(&mut self, part: &str, look: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push((part.to_string(), None));
        let result = look(self);
        self.path.pop();
        result
    }

    pub(crate) fn note(&mut self, layer: &Layer, output: Shape, parameters: Vec<Parameter>) {
        let numbers: Vec<&str> = self.path.iter().map(|(place, _)| place.as_str()).collect();
        let names: Vec<&str> = (self.path.iter())
            .flat_map(|(place, kind)| [Some(place.as_str()), *kind])
            .flatten()
            .collect();
        let layers = self.path.iter().filter(|(_, kind)| kind.is_some());
        let first = self.weights;
        self.weights += parameters.len();
        self.parts.push(Part {
            number: numbers.join("."),
            name: names.join("."),
            index: numbers
                .first()
                .map_or(0, |place| place.parse().unwrap_or(0)),
            depth: layers.count().saturating_sub(1),
            layer: layer.clone(),
            output,
            parameters,
            first,
        });
    }

    pub(crate) fn into_parts(self) -> Vec<Part> {
        self.parts
    }
}
