//! Which inputs can be dreamt of, and from which free numbers they are made.

use super::objective::log_sigmoid;
use crate::{Error, Result};
use candle_core::{DType, Tensor};
use candle_nn::ops;
use std::fmt;

/// Added to shares before their logarithm is taken, so that a letter that is absent can come.
const SOFT: f64 = 0.01;

/// The smallest count that a dream begins with: there the slope of the softplus is a thousandth.
const LEAST: f64 = 1e-3;

/// How far shares of letters, or of a total, may be from their sum.
const TOLERANCE: f64 = 0.01;

/// Which inputs can be dreamt of.
///
/// Gradients change free numbers; the space says how an input is made of them, so that every dream is one that could be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Space(Kind);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Free,
    Bounded(f64, f64),
    Letters,
    OneHot,
    Counts,
    Composition { total: f64, log: bool },
}

/// An input that is made of free numbers.
pub(super) struct Made {
    /// What the model reads.
    pub(super) x: Tensor,
    /// What is kept of it, detached.
    pub(super) kept: Tensor,
    /// The probabilities behind letters; otherwise the same as `x`.
    pub(super) soft: Tensor,
}

impl Space {
    /// All numbers.
    pub fn free() -> Self {
        Self(Kind::Free)
    }

    /// Numbers from `low` to `high`: what leaves the box is put back on its wall after every step.
    pub fn bounded(low: f64, high: f64) -> Self {
        Self(Kind::Bounded(low, high))
    }

    /// Shares of letters, shape `(n, letters, length)`, by a softmax over the letters of every position.
    pub fn letters() -> Self {
        Self(Kind::Letters)
    }

    /// Letters, shape `(n, letters, length)`: the likeliest of every position, whose gradient passes straight through to the softmax
    /// (Bengio, Léonard and Courville 2013, <https://arxiv.org/abs/1308.3432>).
    pub fn one_hot() -> Self {
        Self(Kind::OneHot)
    }

    /// Numbers above 0, by a softplus: counts, each on its own.
    pub fn counts() -> Self {
        Self(Kind::Counts)
    }

    /// Counts that add up to `total` in every example, by a softmax over all numbers of it.
    pub fn composition(total: f64) -> Self {
        Self(Kind::Composition { total, log: false })
    }

    /// The same, and the model reads `ln(1 + count)`, as after normalisation to `total` counts in a cell.
    pub fn log_composition(total: f64) -> Self {
        Self(Kind::Composition { total, log: true })
    }

    /// Tells whether examples are letters or shares of them.
    pub(crate) fn is_letters(self) -> bool {
        matches!(self.0, Kind::Letters | Kind::OneHot)
    }

    pub(super) fn check(self) -> Result<()> {
        match self.0 {
            Kind::Bounded(low, high) if !(low < high && (high - low).is_finite()) => {
                let got = format!("{low} to {high}");
                Err(Error::value(
                    "space",
                    "a box from a number to a larger one",
                    got,
                ))
            }
            Kind::Composition { total, .. } if !(total > 0.0 && total.is_finite()) => {
                Err(Error::value("space", "a total above 0", total))
            }
            _ => Ok(()),
        }
    }

    /// Finds free numbers that make an input, or one near it where the input is on the rim of what can be made.
    pub(super) fn enter(self, x: &Tensor) -> Result<Tensor> {
        self.accept(x)?;
        let free = match self.0 {
            Kind::Free | Kind::Bounded(..) => x.copy()?,
            Kind::Letters | Kind::OneHot => {
                let empty = x.sum_keepdim(1)?.eq(0.0)?.to_dtype(x.dtype())?;
                x.broadcast_add(&empty)?.affine(1.0, SOFT)?.log()?
            }
            Kind::Counts => {
                // The inverse of the softplus.
                let x = x.clamp(LEAST, f64::from(f32::MAX))?;
                (&x + x.neg()?.exp()?.affine(-1.0, 1.0)?.log()?)?
            }
            Kind::Composition { total, log } => {
                let counts = if log {
                    x.exp()?.affine(1.0, -1.0)?
                } else {
                    x.clone()
                };
                let numbers = x.elem_count() / x.dim(0)?.max(1);
                let share = SOFT / numbers.max(1) as f64;
                counts.affine(1.0 / total, share)?.log()?
            }
        };
        Ok(free)
    }

    /// Makes inputs of free numbers.
    pub(super) fn make(self, free: &Tensor) -> Result<Made> {
        let plain = |x: Tensor| Made {
            kept: x.detach(),
            soft: x.clone(),
            x,
        };
        Ok(match self.0 {
            Kind::Free | Kind::Bounded(..) => plain(free.clone()),
            Kind::Letters => plain(ops::softmax(free, 1)?),
            Kind::OneHot => {
                let soft = ops::softmax(free, 1)?;
                let kept = largest(&free.detach())?;
                let x = ((&kept - soft.detach())? + &soft)?;
                Made { x, kept, soft }
            }
            Kind::Counts => plain(log_sigmoid(&free.neg()?)?.neg()?),
            Kind::Composition { total, log } => {
                let rows = free.flatten_from(1)?;
                let counts = ops::softmax(&rows, 1)?.affine(total, 0.0)?;
                let counts = counts.reshape(free.shape())?;
                plain(if log {
                    counts.affine(1.0, 1.0)?.log()?
                } else {
                    counts
                })
            }
        })
    }

    /// Puts free numbers that have left the box back, if there is one.
    pub(super) fn project(self, free: &Tensor) -> Result<Option<Tensor>> {
        match self.0 {
            Kind::Bounded(low, high) => Ok(Some(free.clamp(low, high)?)),
            _ => Ok(None),
        }
    }

    /// Returns the free number that random starts lie around.
    pub(super) fn middle(self) -> f64 {
        match self.0 {
            Kind::Bounded(low, high) => f64::midpoint(low, high),
            _ => 0.0,
        }
    }

    /// Returns what noise of deviation 1 is: a quarter of a box, else 1.
    pub(super) fn unit(self) -> f64 {
        match self.0 {
            Kind::Bounded(low, high) => (high - low) / 4.0,
            _ => 1.0,
        }
    }

    /// Checks that inputs lie in the space.
    fn accept(self, x: &Tensor) -> Result<()> {
        if self.0 == Kind::Free {
            return Ok(());
        }
        let n = x.dim(0)?;
        let rows = x.flatten_from(1)?.to_dtype(DType::F32)?;
        let (low, high) = (
            f64::from(rows.flatten_all()?.min(0)?.to_scalar::<f32>()?),
            f64::from(rows.flatten_all()?.max(0)?.to_scalar::<f32>()?),
        );
        let number = |expected: String, got: f64| Err(Error::value("x", expected, got));
        match self.0 {
            Kind::Free => Ok(()),
            Kind::Bounded(least, most) => {
                let expected = format!("numbers from {least} to {most}, as the box");
                match (low < least, high > most) {
                    (true, _) => number(expected, low),
                    (_, true) => number(expected, high),
                    _ => Ok(()),
                }
            }
            _ if low < 0.0 => number(format!("numbers from 0 on, as {self} are"), low),
            Kind::Letters | Kind::OneHot => {
                let expected = "(n, letters, length)";
                if x.rank() != 3 {
                    return Err(Error::shape("x", expected, x.dims()));
                }
                let sums: Vec<f32> = x.sum(1)?.flatten_all()?.to_vec1()?;
                let wrong = |&&sum: &&f32| sum != 0.0 && f64::from(sum - 1.0).abs() > TOLERANCE;
                match sums.iter().find(wrong) {
                    Some(&sum) => number("shares of letters that sum to 1".into(), sum.into()),
                    None => Ok(()),
                }
            }
            Kind::Counts => Ok(()),
            Kind::Composition { total, log } => {
                for row in 0..n {
                    let row: Vec<f32> = rows.get(row)?.to_vec1()?;
                    let counts = row.iter().map(|&x| {
                        let x = f64::from(x);
                        if log { x.exp_m1() } else { x }
                    });
                    let sum: f64 = counts.sum();
                    if (sum / total - 1.0).abs() > TOLERANCE {
                        return number(format!("counts that add up to {total}"), sum);
                    }
                }
                Ok(())
            }
        }
    }
}

/// Returns 1 where the largest number along axis 1 is, the first of equals, and 0 elsewhere.
pub(in crate::synthesis) fn largest(x: &Tensor) -> Result<Tensor> {
    let mut sizes = vec![1; x.rank()];
    let channels = x.dim(1)?;
    sizes[1] = channels;
    let own = Tensor::arange(0_u32, channels as u32, x.device())?.reshape(sizes)?;
    let best = x.contiguous()?.argmax_keepdim(1)?;
    Ok(own.broadcast_eq(&best)?.to_dtype(x.dtype())?)
}

impl fmt::Display for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Free => "numbers",
            Kind::Bounded(..) => "numbers in a box",
            Kind::Letters | Kind::OneHot => "shares of letters",
            Kind::Counts | Kind::Composition { .. } => "counts",
        })
    }
}
