//! Shares of an output that are handed back in proportion to what made it.
//!
//! What comes back are ratios: the relevance of a number over the number. A relevance in proportion to the terms of a sum is then the
//! gradient of the sum, times the ratio, corrected for what the rule adds or leaves out.

use super::{Rules, ruled};
use crate::network::{Activation, Branches, Join, Layer, Pass, pointwise};
use crate::{Error, Result};
use candle_core::{Tensor, Var};

/// How the relevance of a sum is shared among its terms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum RelevanceRule {
    /// In proportion to the terms; this is added to the size of the sum.
    Epsilon(f64),
    /// In proportion to the terms, positive weights counting so much more.
    Gamma(f64),
    /// In proportion to the positive terms.
    Positive,
}

/// Hands relevance back through every layer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Relevance(pub(crate) RelevanceRule);

impl Relevance {
    /// A linear layer, from its weights.
    fn linear(self, layer: &Layer, x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let weights = pass.weights();
        let out = layer.step().forward(&weights, &x.detach(), pass)?;
        let layer = layer.clone();
        let forward = move |x: &Tensor, weights: &[Tensor]| {
            let mut pass = Pass::evaluation();
            let out = layer.step().forward(weights, x, &mut pass);
            out.map_err(candle_core::Error::wrap)
        };
        Ok(ruled(x, &out, move |x, out, ratios| {
            let relevance = (out * ratios)?;
            // The sums over terms, as differentiable functions of the input.
            let own = Var::from_tensor(x)?;
            let sums = match self.0 {
                RelevanceRule::Epsilon(_) => forward(&own, &weights)?,
                RelevanceRule::Gamma(gamma) => {
                    let [weight, rest @ ..] = weights.as_slice() else {
                        candle_core::bail!("expected a weight");
                    };
                    let weight = weight.detach();
                    let stressed = (&weight + weight.relu()?.affine(gamma, 0.0)?)?;
                    forward(&own, &[vec![stressed], rest.to_vec()].concat())?
                }
                RelevanceRule::Positive => {
                    // Positive terms have two positive or two negative factors; a bias is no term.
                    let [weight, rest @ ..] = weights.as_slice() else {
                        candle_core::bail!("expected a weight");
                    };
                    let none: Vec<Tensor> = rest
                        .iter()
                        .map(Tensor::zeros_like)
                        .collect::<candle_core::Result<_>>()?;
                    let with = |weight: Tensor| [vec![weight], none.clone()].concat();
                    let up = forward(&own.relu()?, &with(weight.detach().relu()?))?;
                    let down = forward(&own.neg()?.relu()?, &with(weight.detach().neg()?.relu()?))?;
                    (up + down)?
                }
            };
            let epsilon = match self.0 {
                RelevanceRule::Epsilon(epsilon) => epsilon,
                // Only against a division by nothing.
                _ => 1e-9,
            };
            let fixed = sums.detach();
            let sign = fixed.ge(0.0)?.to_dtype(fixed.dtype())?.affine(2.0, -1.0)?;
            let share = (relevance / (&fixed + sign.affine(epsilon, 0.0)?)?)?;
            let found = (sums * share)?.sum_all()?.backward()?;
            match found.get(&own) {
                Some(found) => Ok(found.clone()),
                None => x.zeros_like(),
            }
        })?)
    }

    fn refused(layer: &Layer, pass: &Pass) -> Error {
        let number = pass.part().map_or("?", |part| part.number.as_str());
        let name = format!("layer {number} ({layer})");
        let expected = "one that relevance propagation has a rule for: convolutions, dense layers, batch norms, pools, activations, and what joins them by sums";
        Error::value(&name, expected, "one without")
    }
}

impl Rules for Relevance {
    fn through(&self, layers: &[Layer], x: &Tensor, pass: &mut Pass) -> Result<(Tensor, usize)> {
        let layer = &layers[0];
        let out = match layer {
            Layer::Convolution(_)
            | Layer::ImageConvolution(_)
            | Layer::Dense(_)
            | Layer::TransposedConvolution(_) => self.linear(layer, x, pass)?,
            Layer::Branches(branches) if !is_sum(branches) => {
                return Err(Self::refused(layer, pass));
            }
            Layer::User(user) if !user.is_linear() => return Err(Self::refused(layer, pass)),
            // A batch norm and an encoding add something that is no term of the input.
            Layer::BatchNorm(_)
            | Layer::PositionalEncoding(_)
            | Layer::Activation(_)
            | Layer::Pool(_)
            | Layer::Dropout(_)
            | Layer::Flatten(_)
            | Layer::Crop(_)
            | Layer::Residual(_)
            | Layer::Branches(_)
            | Layer::BothStrands(_)
            | Layer::User(_) => layer.step().forward(&pass.weights(), x, pass)?,
            Layer::LayerNorm(_)
            | Layer::RmsNorm(_)
            | Layer::Softmax(_)
            | Layer::Lstm(_)
            | Layer::Attention(_) => return Err(Self::refused(layer, pass)),
        };
        Ok((out, 1))
    }

    /// Hands relevance on as it is.
    fn activation(&self, activation: Activation, x: &Tensor) -> candle_core::Result<Tensor> {
        let out = pointwise::apply(activation, &x.detach())?;
        ruled(x, &out, |x, out, ratios| {
            let is_zero = x.eq(0.0)?;
            let divisor = is_zero.where_cond(&x.ones_like()?, x)?;
            is_zero.where_cond(&x.zeros_like()?, &((out * ratios)? / divisor)?)
        })
    }
}

fn is_sum(branches: &Branches) -> bool {
    matches!(branches.join(), Join::Add | Join::Concatenate)
}
