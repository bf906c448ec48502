//! A linear layer and the function behind it, with what speaks for and against kept apart.

use super::Groups;
use super::doubles::doubles;
use super::secant::secant;
use crate::network::rules::ruled;
use crate::network::{Activation, Layer, Pass, pointwise};
use candle_core::{Result, Tensor, Var};
use std::sync::Arc;

/// A linear layer, perhaps a batch norm, and a function.
pub(super) struct Unit {
    linear: Layer,
    /// Kernel or weight, with the factors of a batch norm.
    weight: Tensor,
    bias: Tensor,
    activation: Activation,
    /// How many layers these are.
    pub(super) layers: usize,
}

impl Unit {
    /// Returns the unit that some layers begin with; `is_wanted` tells for which linear layers.
    pub(super) fn found(
        layers: &[Layer],
        pass: &Pass,
        is_wanted: impl Fn(&Layer) -> bool,
    ) -> crate::Result<Option<Self>> {
        let Some(linear @ (Layer::Dense(_) | Layer::Convolution(_) | Layer::ImageConvolution(_))) =
            layers.first()
        else {
            return Ok(None);
        };
        let own = pass.weights();
        let [weight, bias] = own.as_slice() else {
            return Ok(None);
        };
        if !is_wanted(linear) {
            return Ok(None);
        }
        let (mut weight, mut bias) = (weight.detach(), bias.detach());
        for (place, layer) in layers.iter().enumerate().skip(1) {
            match layer {
                Layer::Dropout(_) => {}
                Layer::BatchNorm(norm) => {
                    let (factor, rest) = norm.line(&pass.weights_after(place))?;
                    let mut upright = vec![1; weight.rank()];
                    upright[0] = factor.elem_count();
                    weight = weight.broadcast_mul(&factor.reshape(upright)?)?;
                    bias = ((bias * factor)? + rest)?;
                }
                Layer::Activation(activation) => {
                    return Ok(Some(Self {
                        linear: linear.clone(),
                        weight,
                        bias,
                        activation: *activation,
                        layers: place + 1,
                    }));
                }
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// Computes the unit; multipliers come back by the rule of revealed cancellation.
    pub(super) fn run(self, x: &Tensor, groups: Groups) -> crate::Result<Tensor> {
        let inner = self.linear(&x.detach(), &self.weight, &self.bias)?;
        let out = pointwise::apply(self.activation, &inner)?;
        let unit = Arc::new(self);
        let back = move |x: &Tensor, _: &Tensor, multipliers: &Tensor| {
            unit.back(x, &inner, (multipliers, groups))
        };
        Ok(ruled(x, &out, back)?)
    }

    fn linear(&self, x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
        let weights = [weight.clone(), bias.clone()];
        let mut pass = Pass::evaluation();
        let out = self.linear.step().forward(&weights, x, &mut pass);
        out.map_err(candle_core::Error::wrap)
    }

    fn back(
        &self,
        x: &Tensor,
        inner: &Tensor,
        (multipliers, groups): (&Tensor, Groups),
    ) -> Result<Tensor> {
        let apart = groups.differences(x)?;
        let nothing = self.bias.zeros_like()?;
        let (up, down) = (self.weight.relu()?, self.weight.neg()?.relu()?);
        // What is more than in the reference, and what is less.
        let more = Var::from_tensor(&apart.relu()?)?;
        let less = Var::from_tensor(&apart.neg()?.relu()?)?;
        let linear = |x: &Tensor, weight: &Tensor| self.linear(x, weight, &nothing);
        let raised = (linear(&more, &up)? + linear(&less, &down)?)?;
        let lowered = (linear(&more, &down)? + linear(&less, &up)?)?;
        let (for_raised, for_lowered) = self.shares(inner, (&raised, &lowered), multipliers)?;
        let sum = ((&raised * &for_raised)?.sum_all()? - (&lowered * &for_lowered)?.sum_all()?)?;
        let found = sum.backward()?;
        let zeros = x.zeros_like()?;
        let of = |of: &Tensor| found.get(of).unwrap_or(&zeros).clone();
        let (of_more, of_less) = (of(&more), of(&less).neg()?);
        // A number that does not differ stands between more and less.
        let mean = (for_raised + for_lowered)?.affine(0.5, 0.0)?;
        let still = Var::from_tensor(&zeros)?;
        let sum = (linear(&still, &self.weight)? * mean)?.sum_all()?;
        let found = sum.backward()?;
        let of_still = found.get(&still).unwrap_or(&zeros);
        let found = apart.gt(&zeros)?.where_cond(&of_more, of_still)?;
        apart.lt(&zeros)?.where_cond(&of_less, &found)
    }

    /// Returns the multipliers of what raises a sum and of what lowers it.
    fn shares(
        &self,
        inner: &Tensor,
        (raised, lowered): (&Tensor, &Tensor),
        multipliers: &Tensor,
    ) -> Result<(Tensor, Tensor)> {
        let (inner, raised) = (doubles(inner)?, doubles(raised)?);
        let (lowered, wanted) = (doubles(lowered)?, doubles(multipliers)?);
        let changes = raised.iter().zip(&lowered).zip(&wanted);
        let (ups, downs): (Vec<f64>, Vec<f64>) = (inner.iter().zip(changes))
            .map(|(&from, ((&up, &down), &wanted))| {
                let (up, down) = rises(self.activation, from, (up, down));
                (up * wanted, down * wanted)
            })
            .unzip();
        let like = |values| {
            Tensor::from_vec(values, multipliers.shape(), multipliers.device())?
                .to_dtype(multipliers.dtype())
        };
        Ok((like(ups)?, like(downs)?))
    }
}

/// Returns how steeply a function rises with what raises its place, and with what lowers it, each alone and after the other.
fn rises(activation: Activation, from: f64, (up, down): (f64, f64)) -> (f64, f64) {
    let (high, low, both) = (from + up, from - down, from + up - down);
    let mean = |a, b| f64::midpoint(a, b);
    (
        mean(
            secant(activation, high, from),
            secant(activation, both, low),
        ),
        mean(
            secant(activation, low, from),
            secant(activation, both, high),
        ),
    )
}
