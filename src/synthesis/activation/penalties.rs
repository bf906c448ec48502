//! What a dream pays for being far, large, blurred or rough.

use super::space::{Made, Space};
use crate::{Error, Result};
use candle_core::{D, Tensor};

/// Weights of what is taken off the objective.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Penalties {
    /// Of the sum of squares of all numbers.
    pub(super) size: f64,
    /// Of the sum of squares of the differences from the start.
    pub(super) distance: f64,
    /// Of the mean entropy of a position, in bits.
    pub(super) entropy: f64,
    /// Of the squared difference between the mean information of a position and a goal, both in bits; the goal is second.
    pub(super) information: (f64, f64),
    /// Of the sum of absolute differences between neighbours.
    pub(super) variation: f64,
}

impl Penalties {
    pub(super) fn check(&self, space: Space, shape: &[usize]) -> Result<()> {
        let weights = [
            ("l2", self.size),
            ("near_start", self.distance),
            ("entropy", self.entropy),
            ("information", self.information.0),
            ("total_variation", self.variation),
        ];
        for (name, weight) in weights {
            if !weight.is_finite() || weight < 0.0 {
                return Err(Error::value(name, "0 or more", weight));
            }
        }
        let letters = [
            ("entropy", self.entropy),
            ("information", self.information.0),
        ];
        if let Some((name, weight)) = letters.iter().find(|(_, weight)| *weight > 0.0)
            && !space.is_letters()
        {
            return Err(Error::value(name, "0 for what is not letters", weight));
        }
        if self.variation > 0.0 && shape.len() < 3 {
            let expected =
                "(n, channels, length) or (n, channels, height, width) for total variation";
            return Err(Error::shape("x", expected, shape));
        }
        Ok(())
    }

    /// Computes what every example pays, shape `(n)`; nothing when nothing is to be paid.
    pub(super) fn of(&self, made: &Made, start: &Tensor) -> Result<Option<Tensor>> {
        let mut sum: Option<Tensor> = None;
        let mut add = |weight: f64, cost: Tensor| -> Result<()> {
            let cost = cost.affine(weight, 0.0)?;
            sum = Some(match sum.take() {
                Some(sum) => (sum + cost)?,
                None => cost,
            });
            Ok(())
        };
        let squares = |x: &Tensor| x.flatten_from(1)?.sqr()?.sum(1);
        if self.size > 0.0 {
            add(self.size, squares(&made.x)?)?;
        }
        if self.distance > 0.0 {
            add(self.distance, squares(&(&made.x - start)?)?)?;
        }
        if self.entropy > 0.0 || self.information.0 > 0.0 {
            let entropy = entropy(&made.soft)?;
            let (weight, goal) = self.information;
            if weight > 0.0 {
                let most = (made.soft.dim(1)? as f64).log2();
                add(weight, entropy.affine(-1.0, most - goal)?.sqr()?)?;
            }
            if self.entropy > 0.0 {
                add(self.entropy, entropy)?;
            }
        }
        if self.variation > 0.0 {
            add(self.variation, variation(&made.x)?)?;
        }
        Ok(sum)
    }
}

/// Computes the mean entropy of a position in bits, shape `(n)`.
fn entropy(shares: &Tensor) -> Result<Tensor> {
    let bits = (shares * shares.affine(1.0, 1e-9)?.log()?)?.sum(1)?;
    let factor = -1.0 / std::f64::consts::LN_2;
    Ok(bits.mean(D::Minus1)?.affine(factor, 0.0)?)
}

/// Adds up absolute differences between neighbours along the axes behind the channels, shape `(n)`.
fn variation(x: &Tensor) -> Result<Tensor> {
    let mut sum = x.flatten_from(1)?.sum(1)?.affine(0.0, 0.0)?;
    for axis in 2..x.rank() {
        let pairs = x.dim(axis)?.saturating_sub(1);
        if pairs > 0 {
            let step = (x.narrow(axis, 1, pairs)? - x.narrow(axis, 0, pairs)?)?;
            sum = (sum + step.abs()?.flatten_from(1)?.sum(1)?)?;
        }
    }
    Ok(sum)
}
