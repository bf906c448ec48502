//! A network, ready for edits of sequences of one length.

use super::dense::{Mixed, Positions};
use super::filters::Filters;
use super::level::Level;
use super::origin::Origin;
use super::pools::Pools;
use super::stage::{Kind, Stage, copied};
use crate::network::operation::{Standard, with_numbers};
use crate::network::survey::Part;
use crate::network::{Chain, Layer, Model, Network, Pass, Shape, is_ours};
use crate::{Error, Result};
use candle_core::{DType, Device, Tensor};
use std::sync::Arc;

/// Numbers that the stretches of all edits of a batch hold at most, so that they stay near the processor.
const ROOM: usize = 1 << 18;

/// Edits that are computed at once, at least and at most.
const EDITS: (usize, usize) = (16, 128);

/// A network whose layers are laid out for edits; cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Evaluator {
    network: Network,
    stages: Arc<Vec<Stage>>,
    shape: (usize, usize),
    batch: usize,
}

impl Evaluator {
    /// Prepares a network for examples of this shape, `(n, channels, length)`; nothing where other ways are better: on a GPU, or in double
    /// precision.
    ///
    /// # Errors
    ///
    /// Fails when the network cannot read such examples.
    pub(crate) fn new(network: &Network, dims: (usize, usize, usize)) -> Result<Option<Self>> {
        let (n, channels, length) = dims;
        let (expected, shape) = (
            network.architecture().input(),
            Shape::Sequence {
                channels,
                length: Some(length),
            },
        );
        if !expected.accepts(shape) {
            let dims = [n, channels, length];
            return Err(Error::shape("x", expected.to_string(), &dims));
        }
        network.architecture().accept(shape)?;
        let is_single = |weight: &Tensor| weight.dtype() == DType::F32;
        if !is_ours(network.device()) || !network.tensors().iter().all(is_single) {
            return Ok(None);
        }
        let mut layout = Layout {
            parts: network.parts(),
            weights: network.tensors(),
            at: 0,
            peak: channels,
        };
        let (stages, _, _) = layout.chain(network.architecture().chain(), (shape, 1))?;
        let (least, most) = EDITS;
        Ok(Some(Self {
            network: network.clone(),
            stages: Arc::new(stages),
            shape: (channels, length),
            batch: (ROOM / layout.peak.max(1)).clamp(least, most),
        }))
    }

    /// Returns how many edits of one position are best computed at once.
    pub(super) fn batch(&self) -> usize {
        self.batch
    }

    /// Passes an example through the network, `(channels, length)`.
    ///
    /// # Errors
    ///
    /// Fails when a tensor operation does.
    pub(crate) fn origin(&self, x: Vec<f32>) -> Result<Origin> {
        Origin::new(self, x)
    }

    pub(super) fn network(&self) -> &Network {
        &self.network
    }

    pub(super) fn stages(&self) -> &[Stage] {
        &self.stages
    }

    /// Returns the channels and the length of an example.
    pub(super) fn shape(&self) -> (usize, usize) {
        self.shape
    }
}

/// Lays layers out in the order in which examples pass through them.
struct Layout<'a> {
    parts: &'a [Part],
    weights: &'a [Tensor],
    /// The layer that comes next.
    at: usize,
    /// The most numbers that the stretch of one edit of one position holds.
    peak: usize,
}

impl Layout<'_> {
    /// Lays a chain out and returns the shape of its output, and how wide an edit is there.
    fn chain(
        &mut self,
        chain: &Chain,
        (mut shape, mut width): (Shape, usize),
    ) -> Result<(Vec<Stage>, Shape, usize)> {
        let mut stages = Vec::new();
        // The sequence that was flattened just before.
        let mut flat = None;
        for layer in chain.layers() {
            let weights = self.next_weights();
            let output = layer.step().output(shape).map_err(Error::from)?;
            let mut inner = Vec::new();
            let mut widest = width;
            for chain in inside(layer) {
                let (stages, _, width) = self.chain(chain, (shape, width))?;
                inner.push(stages);
                widest = widest.max(width);
            }
            let kind = kind(layer, (&weights, flat), (shape, output))?;
            width = match (&kind, output) {
                (Kind::Filters(filters), _) => filters.reach(width),
                (Kind::Pools(pools), _) => pools.reach(width),
                (Kind::BothStrands(_) | Kind::Branches(_) | Kind::Residual(_), _) => widest,
                (Kind::Everything, Shape::Sequence { length, .. }) => length.unwrap_or(width),
                (_, Shape::Features(_) | Shape::Image { .. }) => 1,
                _ => width,
            };
            self.peak = self.peak.max(width * output.channels());
            flat = match (layer, shape) {
                (Layer::Flatten(_), Shape::Sequence { channels, length }) => {
                    length.map(|length| (channels, length))
                }
                (Layer::Dropout(_), _) => flat,
                _ => None,
            };
            stages.push(Stage {
                layer: layer.clone(),
                weights,
                kind,
                inner,
                room: width * output.channels(),
            });
            shape = output;
        }
        Ok((stages, shape, width))
    }

    fn next_weights(&mut self) -> Vec<Tensor> {
        let Some(part) = self.parts.get(self.at) else {
            return Vec::new();
        };
        self.at += 1;
        let own = self
            .weights
            .get(part.first..part.first + part.parameters.len());
        own.unwrap_or_default().iter().map(Tensor::detach).collect()
    }
}

/// Returns the chains inside a layer, in the order in which examples pass through them.
fn inside(layer: &Layer) -> Vec<&Chain> {
    match layer {
        Layer::Residual(layer) => vec![layer.body(), layer.through()],
        Layer::Branches(layer) => layer.chains().iter().collect(),
        Layer::BothStrands(layer) => vec![layer.chain()],
        _ => Vec::new(),
    }
}

/// Tells what a layer does with edits, given its weights, the sequence that was flattened just before, and the shapes of input and output.
fn kind(
    layer: &Layer,
    (weights, flat): (&[Tensor], Option<(usize, usize)>),
    (input, output): (Shape, Shape),
) -> Result<Kind> {
    let (channels, length) = match (layer, input) {
        (Layer::Dropout(_), _) => return Ok(Kind::Nothing),
        (Layer::Residual(layer), _) => return Ok(Kind::Residual(layer.clone())),
        (Layer::Branches(layer), _) => return Ok(Kind::Branches(layer.clone())),
        (Layer::BothStrands(layer), _) => return Ok(Kind::BothStrands(layer.clone())),
        (Layer::Activation(activation), _) => return Ok(Kind::Activation(*activation)),
        (
            _,
            Shape::Sequence {
                channels,
                length: Some(length),
            },
        ) => (channels, length),
        (Layer::Dense(_), _) => return dense(weights, flat),
        _ => return Ok(Kind::Everything),
    };
    let after = match output {
        Shape::Sequence {
            length: Some(length),
            ..
        } => length,
        _ => 1,
    };
    Ok(match (layer, weights) {
        (Layer::Convolution(layer), [kernel, bias]) => {
            let sizes = (channels, layer.width(), channels / kernel.dim(1)?.max(1));
            let kernel = copied(kernel)?;
            let geometry = (layer.geometry(), after);
            Kind::Filters(Filters::new((&kernel, copied(bias)?), sizes, geometry))
        }
        (Layer::Activation(activation), _) => Kind::Activation(*activation),
        (Layer::Pool(pool), _) if pool.is_global() => Kind::Global(pool.pooling()),
        (Layer::Pool(pool), _) => Kind::Pools(Pools::new(pool.pooling(), pool.windows(length))),
        (Layer::BatchNorm(norm), [scale, shift, ..]) => {
            let example = Tensor::zeros((1, channels), DType::F32, &Device::Cpu)?;
            let (moments, epsilon) = norm.moments(weights, &example, &mut Pass::evaluation())?;
            let standard = Standard::new(moments, epsilon, false);
            Kind::Lines(standard.lines(&copied(scale)?, &copied(shift)?))
        }
        (Layer::Crop(crop), _) => Kind::Crop(crop.left(), after),
        (Layer::Flatten(_), _) => Kind::Flatten,
        (Layer::PositionalEncoding(encoding), _) => {
            let nothing = Tensor::zeros((1, channels, length), DType::F32, &Device::Cpu)?;
            let waves = Layer::from(*encoding);
            let waves = waves
                .step()
                .forward(&[], &nothing, &mut Pass::evaluation())?;
            let waves = copied(&waves.transpose(1, 2)?)?;
            Kind::Added(Level::new(channels, waves))
        }
        (Layer::LayerNorm(_) | Layer::RmsNorm(_) | Layer::Softmax(_), _) => Kind::EachPosition,
        (
            Layer::Convolution(_)
            | Layer::BatchNorm(_)
            | Layer::Dense(_)
            | Layer::Dropout(_)
            | Layer::Residual(_)
            | Layer::Branches(_)
            | Layer::BothStrands(_)
            | Layer::User(_)
            | Layer::TransposedConvolution(_)
            | Layer::ImageConvolution(_)
            | Layer::Lstm(_)
            | Layer::Attention(_),
            _,
        ) => Kind::Everything,
    })
}

/// Lays a dense layer out, given the sequence that was flattened just before.
fn dense(weights: &[Tensor], flat: Option<(usize, usize)>) -> Result<Kind> {
    let [weight, bias] = weights else {
        return Ok(Kind::Everything);
    };
    let (weight, bias) = (weight.contiguous()?, copied(bias)?);
    let kind = with_numbers(&weight, |weight| {
        Ok(match flat {
            Some(shape) => Kind::Positions(Positions::new(weight, bias, shape)),
            None => Kind::Mixed(Mixed::new(weight, bias)),
        })
    });
    Ok(kind?)
}
