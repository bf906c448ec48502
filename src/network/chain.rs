//! Layers one after the other.

use super::builders::builders;
use super::normalised::normalised;
use super::strongest::strongest;
use super::survey::Survey;
use super::together::{Found, Tape};
use super::{Activation, Layer, Misfit, Pass, Shape, is_ours};
use crate::Result;
use candle_core::Tensor;
use std::fmt;

/// Layers one after the other: the inside of a layer that holds others.
///
/// Built with the same methods as an [`Architecture`](super::Architecture). A chain without layers hands its input on.
///
/// # Examples
///
/// ```
/// use genolens::network::{Architecture, Chain, Residual};
/// # fn main() -> genolens::Result<()> {
/// let body = Chain::new().dense(8).relu();
/// let network = Architecture::features(8).then(Residual::new(body)).dense(1).build()?;
/// assert_eq!(network.weight_names()[0], "0.residual.0.dense.weight");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chain {
    layers: Vec<Layer>,
}

impl Chain {
    /// Begins a chain, without any layer yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a layer with all its options.
    pub fn then(mut self, layer: impl Into<Layer>) -> Self {
        self.layers.push(layer.into());
        self
    }

    /// Returns the layers in order.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// Checks the options of every layer.
    pub(crate) fn check(&self) -> Result<()> {
        self.layers
            .iter()
            .try_for_each(|layer| layer.step().check())
    }

    /// Returns the shape of the output.
    pub(crate) fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        let mut shape = input;
        for (index, layer) in self.layers.iter().enumerate() {
            let output = layer.step().output(shape).and_then(Shape::bounded);
            shape = output.map_err(|misfit| misfit.at(index, layer, shape))?;
        }
        Ok(shape)
    }

    /// Notes every layer; `rectified` tells whether a rectifier follows the chain.
    pub(crate) fn survey(
        &self,
        (input, rectified): (Shape, bool),
        survey: &mut Survey,
    ) -> Result<(), Misfit> {
        let mut shape = input;
        for (index, layer) in self.layers.iter().enumerate() {
            let step = layer.step();
            let output = step.output(shape).and_then(Shape::bounded);
            let output = output.map_err(|misfit| misfit.at(index, layer, shape))?;
            let rectified = self.is_rectified(index, rectified);
            survey.enter(index, step.name());
            survey.note(layer, output, step.parameters(shape, rectified));
            step.survey((shape, rectified), survey)?;
            survey.leave();
            shape = output;
        }
        Ok(())
    }

    /// Passes examples through the first layers.
    pub(crate) fn forward(&self, layers: usize, x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let mut x = x.clone();
        let mut rest = &self.layers[..layers];
        let mut tape = Tape::default();
        while let [layer, ..] = rest {
            let at = pass.enter(&x);
            let rules = pass.rules();
            let found = match &rules {
                Some(rules) => rules.at_once(rest, &x, pass)?,
                None => at_once(rest, &x, pass)?,
            };
            if let Some(found) = found {
                pass.skip(found.parts - 1);
                rest = &rest[found.layers..];
                x = tape.run(found, &x, is_operation(rest))?;
                continue;
            }
            x = tape.end(&x)?;
            if let Some(rules) = rules {
                let layers;
                (x, layers) = rules.through(rest, &x, pass)?;
                rest = &rest[layers..];
                continue;
            }
            x = layer.step().forward(&pass.weights(), &x, pass)?;
            pass.leave(at, &x);
            rest = &rest[1..];
        }
        Ok(tape.end(&x)?)
    }

    pub(crate) fn run(&self, x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        self.forward(self.layers.len(), x, pass)
    }

    /// Tells whether a rectifier follows a layer, perhaps after layers that keep the shape of a distribution.
    fn is_rectified(&self, index: usize, after: bool) -> bool {
        let mut following = self.layers[index + 1..].iter();
        match following.find(|layer| !layer.keeps_distribution()) {
            Some(layer) => layer.is_rectifier(),
            None => after,
        }
    }
}

builders!(Chain);

/// Returns the one operation of the first layers where there is one, unless somebody looks between them.
fn at_once(layers: &[Layer], x: &Tensor, pass: &mut Pass) -> Result<Option<Found>> {
    if pass.is_watching() || !is_ours(x.device()) {
        return Ok(None);
    }
    let weights = pass.weights();
    if let Some(found) = strongest(layers, &weights, x)? {
        return Ok(Some(found));
    }
    match layers {
        [Layer::Convolution(layer), rest @ ..] if layer.is_one_operation() => {
            let rectified = matches!(rest, [Layer::Activation(Activation::Relu), ..]);
            Ok(Some(layer.found(&weights, (x, rectified))?))
        }
        [Layer::LayerNorm(norm), ..] => Ok(Some(norm.found(&weights)?)),
        [Layer::Residual(residual), ..] => match residual.convolution() {
            Some(layer) => Ok(layer.residual(&pass.weights_inside(), x)?),
            None => Ok(None),
        },
        _ => normalised(layers, &weights, (x, pass)),
    }
}

/// Tells whether the first layers are likely one operation.
fn is_operation(layers: &[Layer]) -> bool {
    match layers {
        [Layer::Convolution(layer), ..] => layer.is_one_operation(),
        [Layer::LayerNorm(_), ..] => true,
        [Layer::Residual(residual), ..] => residual.convolution().is_some(),
        [
            Layer::BatchNorm(_),
            Layer::Activation(Activation::Relu),
            Layer::Pool(pool),
            ..,
        ]
        | [Layer::Activation(Activation::Relu), Layer::Pool(pool), ..] => pool.is_local_maximum(),
        _ => false,
    }
}

impl<L: Into<Layer>> From<L> for Chain {
    fn from(layer: L) -> Self {
        Self::new().then(layer)
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let layers: Vec<String> = self.layers.iter().map(ToString::to_string).collect();
        f.write_str(&layers.join(", "))
    }
}
