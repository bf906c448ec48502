//! The rules of all layers.

use super::largest::largest;
use super::log_sum_exp::log_sum_exp;
use super::normalised::ContrastedNormalised;
use super::rescale::rescaled;
use super::reveal_cancel::Unit;
use super::strongest::ContrastedStrongest;
use super::{Groups, Ledger};
use crate::network::normalised::Normalised;
use crate::network::operation::{Standard, Window};
use crate::network::rules::{ruled, ruled_pair};
use crate::network::strongest::Strongest;
use crate::network::together::Found;
use crate::network::{Activation, Layer, Pass, Rules, User};
use crate::{Error, Result};
use candle_core::{D, Tensor};
use std::sync::Arc;

/// Where what raises and what lowers the input of a function is kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lift {
    /// Nowhere: every function is replaced by its rise.
    Rescale,
    /// Behind every convolution and dense layer.
    RevealCancel,
    /// Behind dense layers only.
    Genomics,
}

/// Compares examples with references.
#[derive(Clone, Debug)]
pub(crate) struct Contrast {
    pub(crate) groups: Groups,
    pub(crate) lift: Lift,
    pub(crate) ledger: Option<Arc<Ledger>>,
}

impl Contrast {
    /// Tells whether a linear layer shares its function's rise by sign.
    fn reveals(&self, linear: &Layer) -> bool {
        match self.lift {
            Lift::Rescale => false,
            Lift::RevealCancel => true,
            Lift::Genomics => matches!(linear, Layer::Dense(_)),
        }
    }

    /// Computes one layer.
    fn one(&self, layer: &Layer, x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        match layer {
            Layer::User(user) if !user.is_linear() => self.user(user, x, pass),
            // What is linear has its gradient as multiplier,
            Layer::Convolution(_)
            | Layer::TransposedConvolution(_)
            | Layer::ImageConvolution(_)
            | Layer::Dense(_)
            | Layer::BatchNorm(_)
            | Layer::Dropout(_)
            | Layer::Flatten(_)
            | Layer::Crop(_)
            | Layer::PositionalEncoding(_)
            | Layer::Residual(_)
            | Layer::User(_)
            // and these are put together from what has a rule below.
            | Layer::Activation(_)
            | Layer::Pool(_)
            | Layer::Softmax(_)
            | Layer::LayerNorm(_)
            | Layer::RmsNorm(_)
            | Layer::Lstm(_)
            | Layer::Attention(_)
            | Layer::Branches(_)
            | Layer::BothStrands(_) => layer.step().forward(&pass.weights(), x, pass),
        }
    }

    fn user(&self, user: &User, x: &Tensor, pass: &mut Pass) -> Result<Tensor> {
        let weights = pass.weights();
        let out = user.compute(&weights, &x.detach())?;
        let groups = self.groups;
        let number = pass.part().map_or("?", |part| part.number.as_str());
        let layer = format!("layer {number} ({user})");
        let own = user.clone();
        let back = move |x: &Tensor, multipliers: &Tensor| -> Result<Tensor> {
            let found = own.multipliers(&weights, (&groups.examples(x)?, x), multipliers)?;
            let expected =
                "one with a rule: `UserLayer::is_linear` or `UserLayer::multipliers` tell it";
            found.ok_or_else(|| Error::value(&layer, expected, "one without"))
        };
        // Whether there is a rule shows before anything else is computed.
        back(&x.detach(), &out.zeros_like()?)?;
        Ok(ruled(x, &out, move |x, _, multipliers| {
            back(x, multipliers).map_err(candle_core::Error::wrap)
        })?)
    }

    fn watched(&self, x: &Tensor, layers: (usize, usize), is_input: bool) -> Result<Tensor> {
        match &self.ledger {
            Some(ledger) => Ok(Ledger::watched(ledger, x, (self.groups, layers, is_input))?),
            None => Ok(x.clone()),
        }
    }
}

impl Contrast {
    /// Returns the one operation of rectified maxima over windows, perhaps behind a batch norm.
    fn maxima(&self, layers: &[Layer], x: &Tensor, pass: &mut Pass) -> Result<Option<Found>> {
        let &[_, channels, length] = x.dims() else {
            return Ok(None);
        };
        let (operation, weights, count) = match layers {
            [
                Layer::BatchNorm(norm),
                Layer::Activation(Activation::Relu),
                Layer::Pool(pool),
                ..,
            ] => {
                let Some(windows) = pool.maxima(length) else {
                    return Ok(None);
                };
                let weights = pass.weights();
                let (moments, epsilon) = norm.moments(&weights, x, pass)?;
                let standard = Standard::new(moments, epsilon, false);
                (Normalised::new(standard, windows, true), weights, 3)
            }
            [Layer::Activation(Activation::Relu), Layer::Pool(pool), ..] => {
                let Some(windows) = pool.maxima(length) else {
                    return Ok(None);
                };
                let ones = Tensor::ones(channels, x.dtype(), x.device())?;
                let zeros = ones.zeros_like()?;
                (
                    Normalised::rectified(channels, windows),
                    vec![ones, zeros],
                    2,
                )
            }
            _ => return Ok(None),
        };
        let (Some(normalised), [scale, shift, ..]) = (operation, weights.as_slice()) else {
            return Ok(None);
        };
        let groups = self.groups;
        let operation = ContrastedNormalised { normalised, groups };
        Ok(Some(Found::new(operation, (scale, shift), count)?))
    }
}

impl Rules for Contrast {
    fn at_once(&self, layers: &[Layer], x: &Tensor, pass: &mut Pass) -> Result<Option<Found>> {
        // Who wants to know what every layer loses looks at each.
        if self.ledger.is_some() || layers.first().is_some_and(|layer| self.reveals(layer)) {
            return Ok(None);
        }
        let weights = pass.weights();
        if let Some((strongest, count)) = Strongest::found(layers, &weights, x)?
            && strongest.is_rectified()
        {
            let groups = self.groups;
            let operation = ContrastedStrongest { strongest, groups };
            return Ok(Some(Found::new(
                operation,
                (&weights[0], &weights[1]),
                count,
            )?));
        }
        match layers {
            [Layer::Convolution(layer), ..] if layer.is_one_operation() => {
                Ok(Some(layer.found(&weights, (x, false))?))
            }
            _ => self.maxima(layers, x, pass),
        }
    }

    fn through(&self, layers: &[Layer], x: &Tensor, pass: &mut Pass) -> Result<(Tensor, usize)> {
        let first = pass.entered() - 1;
        let unit = Unit::found(layers, pass, |linear| self.reveals(linear))?;
        let count = unit.as_ref().map_or(1, |unit| unit.layers);
        let places = (first, first + count - 1);
        let x = self.watched(x, places, true)?;
        let out = match unit {
            Some(unit) => {
                pass.skip(count - 1);
                unit.run(&x, self.groups)?
            }
            None => self.one(&layers[0], &x, pass)?,
        };
        Ok((self.watched(&out, places, false)?, count))
    }

    fn activation(&self, activation: Activation, x: &Tensor) -> candle_core::Result<Tensor> {
        rescaled(activation, x, self.groups)
    }

    fn largest(&self, x: &Tensor, windows: Vec<Window>) -> candle_core::Result<Tensor> {
        largest(x, windows, self.groups)
    }

    fn larger(&self, a: &Tensor, b: &Tensor) -> candle_core::Result<Tensor> {
        // A window over the two.
        let apart = |x: &Tensor| x.flatten_from(1)?.unsqueeze(D::Minus1);
        let both = Tensor::cat(&[apart(a)?, apart(b)?], 2)?;
        let window = Window {
            start: 0,
            end: 2,
            divisor: 2,
        };
        self.largest(&both, vec![window])?.reshape(a.shape())
    }

    fn product(&self, a: &Tensor, b: &Tensor) -> candle_core::Result<Tensor> {
        let groups = self.groups;
        let out = (a.detach() * b.detach())?;
        ruled_pair((a, b), &out, move |a, b, multipliers| {
            let for_a = (multipliers * groups.middles(b)?)?;
            Ok((for_a, (multipliers * groups.middles(a)?)?))
        })
    }

    fn matrix_product(&self, a: &Tensor, b: &Tensor) -> candle_core::Result<Tensor> {
        let groups = self.groups;
        let (a, b) = (a.contiguous()?, b.contiguous()?);
        let out = a.detach().matmul(&b.detach())?;
        ruled_pair((&a, &b), &out, move |a, b, multipliers| {
            let turned = |x: Tensor| x.transpose(D::Minus1, D::Minus2)?.contiguous();
            let for_a = multipliers.matmul(&turned(groups.middles(b)?)?)?;
            let for_b = turned(groups.middles(a)?)?.matmul(multipliers)?;
            Ok((for_a, for_b))
        })
    }

    fn inverse_root(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let groups = self.groups;
        let out = x.detach().sqrt()?.recip()?;
        ruled(x, &out, move |_, out, multipliers| {
            // The difference of two inverse roots over that of what the roots are taken of, without a difference.
            let own = groups.examples(out)?;
            let rise = ((&own * out)?.sqr()? / (own + out)?)?;
            (multipliers * rise)?.neg()
        })
    }

    fn log_sum_exp(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        log_sum_exp(&x.contiguous()?, self.groups)
    }
}
