//! What an input is made to raise.

use crate::network::{Model, Network, Pass, Place, Watch};
use crate::{Error, Result};
use candle_core::{D, DType, Tensor};
use candle_nn::ops;
use std::sync::Arc;

/// What an input is made to raise: an output of a model, a sum of several, or what a layer of a network gives.
///
/// A number stands for the output with this index.
///
/// # Examples
///
/// ```
/// use genolens::synthesis::Objective;
/// assert_eq!(Objective::from(3), Objective::output(3));
/// // What speaks for class 3 and against class 5.
/// assert_eq!(Objective::difference(3, 5), Objective::weighted(&[(3, 1.0), (5, -1.0)]));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Objective(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Outputs(Arc<[(usize, f64)]>),
    LogProbability(usize),
    LogSoftmax(usize),
    Layer(Place),
    Channel(Place, usize),
}

/// What a batch of inputs earns.
pub(super) struct Scored {
    /// `(n)`.
    pub(super) scores: Tensor,
    /// All outputs of the model, `(n, outputs)`, unless examples went no further than to a layer.
    pub(super) outputs: Option<Tensor>,
}

impl Objective {
    /// Raises a raw score, counted from 0.
    pub fn output(output: usize) -> Self {
        Self::weighted(&[(output, 1.0)])
    }

    /// Raises one raw score and lowers another.
    pub fn difference(up: usize, down: usize) -> Self {
        Self::weighted(&[(up, 1.0), (down, -1.0)])
    }

    /// Raises a weighted sum of raw scores: pairs of an output and its weight.
    pub fn weighted(outputs: &[(usize, f64)]) -> Self {
        Self(Kind::Outputs(outputs.into()))
    }

    /// Raises the logarithm of the probability that is the sigmoid of a raw score.
    pub fn log_probability(output: usize) -> Self {
        Self(Kind::LogProbability(output))
    }

    /// Raises the logarithm of the share of an output in the softmax of all.
    pub fn log_softmax(output: usize) -> Self {
        Self(Kind::LogSoftmax(output))
    }

    /// Raises the norm of what a layer of a network gives: the root of the sum of squares.
    pub fn layer(layer: impl Into<Place>) -> Self {
        Self(Kind::Layer(layer.into()))
    }

    /// Raises the mean of one channel, or one feature, of what a layer of a network gives.
    pub fn channel(layer: impl Into<Place>, channel: usize) -> Self {
        Self(Kind::Channel(layer.into(), channel))
    }

    /// Describes it in a few words, for axes.
    pub(crate) fn describe(&self) -> String {
        match &self.0 {
            Kind::Outputs(outputs) => match **outputs {
                [(output, 1.0)] => format!("output {output}"),
                [(up, 1.0), (down, -1.0)] => format!("output {up} less output {down}"),
                _ => "weighted outputs".into(),
            },
            Kind::LogProbability(output) => format!("log probability of output {output}"),
            Kind::LogSoftmax(output) => format!("log softmax of output {output}"),
            Kind::Layer(layer) => format!("norm of layer {}", layer.text()),
            Kind::Channel(layer, channel) => format!("channel {channel} of layer {}", layer.text()),
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        if let Kind::Outputs(outputs) = &self.0 {
            if outputs.is_empty() {
                return Err(Error::value("objective", "one output or more", "empty"));
            }
            if let Some((_, weight)) = outputs.iter().find(|(_, weight)| !weight.is_finite()) {
                return Err(Error::value("objective", "finite weights", weight));
            }
        }
        Ok(())
    }

    /// Scores a batch, in a way that candle can differentiate.
    pub(super) fn score(&self, model: &dyn Model, x: &Tensor) -> Result<Scored> {
        if let Kind::Layer(place) | Kind::Channel(place, _) = &self.0 {
            let expected = "a network of the library, since a layer is looked at";
            let network = model.network();
            let network =
                network.ok_or_else(|| Error::value("model", expected, "another model"))?;
            let scores = self.of_layer(&activations(network, place, x)?)?;
            return Ok(Scored {
                scores,
                outputs: None,
            });
        }
        let outputs = model.forward(x)?.to_dtype(DType::F32)?;
        let &[_, count] = outputs.dims() else {
            let got = outputs.dims();
            return Err(Error::shape("output of the model", "(n, outputs)", got));
        };
        let column = |of: &Tensor, output: usize| {
            if output < count {
                return Ok::<_, Error>(of.narrow(1, output, 1)?.squeeze(1)?);
            }
            let expected = format!("outputs below {count}, the number of outputs");
            Err(Error::value("objective", expected, output))
        };
        let scores = match &self.0 {
            Kind::Outputs(weights) => {
                let mut sum: Option<Tensor> = None;
                for &(output, weight) in weights.iter() {
                    let term = column(&outputs, output)?.affine(weight, 0.0)?;
                    sum = Some(match sum {
                        Some(sum) => (sum + term)?,
                        None => term,
                    });
                }
                sum.ok_or_else(|| Error::value("objective", "one output or more", "empty"))?
            }
            Kind::LogProbability(output) => log_sigmoid(&column(&outputs, *output)?)?,
            Kind::LogSoftmax(output) => column(&ops::log_softmax(&outputs, 1)?, *output)?,
            Kind::Layer(_) | Kind::Channel(..) => column(&outputs, 0)?,
        };
        Ok(Scored {
            scores,
            outputs: Some(outputs.detach()),
        })
    }

    fn of_layer(&self, given: &Tensor) -> Result<Tensor> {
        let Kind::Channel(place, channel) = &self.0 else {
            // The root has no slope at 0, where layers of rectifiers begin.
            let sum = given.flatten_from(1)?.sqr()?.sum(1)?;
            return Ok(sum.affine(1.0, 1e-12)?.sqrt()?);
        };
        let channels = given.dim(1)?;
        if *channel >= channels {
            let layer = place.text();
            let expected = format!("below {channels}, the number of channels of layer {layer}");
            return Err(Error::value("channel", expected, channel));
        }
        let own = given.narrow(1, *channel, 1)?.flatten_from(1)?;
        Ok(own.mean(D::Minus1)?)
    }
}

/// Computes what a layer gives, in a way that candle can differentiate.
fn activations(network: &Network, place: &Place, x: &Tensor) -> Result<Tensor> {
    let at = network.find(place)?;
    let layers = network.parts()[at].index + 1;
    let mut pass = Pass::evaluation().watching(Watch::Output(at));
    let out = network.run(x, layers, &mut pass)?;
    let given = pass.into_seen().unwrap_or(out);
    Ok(given.to_dtype(DType::F32)?)
}

/// Computes `-ln(1 + exp(-x))` where the exponential overflows, too.
pub(in crate::synthesis) fn log_sigmoid(x: &Tensor) -> Result<Tensor> {
    let tail = x.abs()?.neg()?.exp()?.affine(1.0, 1.0)?.log()?;
    Ok((x.minimum(&x.zeros_like()?)? - tail)?)
}

impl Default for Objective {
    fn default() -> Self {
        Self::output(0)
    }
}

impl From<usize> for Objective {
    fn from(output: usize) -> Self {
        Self::output(output)
    }
}
