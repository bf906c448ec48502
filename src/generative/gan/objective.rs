//! What the two networks want.

use crate::Result;
use candle_core::Tensor;
use std::fmt;

/// What the two networks want.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Objective {
    /// The critic's mean score of real cells above that of generated ones; slopes of other length than 1 cost so much.
    Wasserstein { penalty: f64 },
    /// The critic's score is the log odds that a cell is real; the generator wants to be taken for real.
    NonSaturating,
    /// The same, and the generator wants not to be taken for generated, which hardly moves it while it is bad.
    Minimax,
}

impl Objective {
    /// What the critic makes small, without the penalty.
    pub(super) fn of_critic(self, real: &Tensor, made: &Tensor) -> Result<Tensor> {
        match self {
            Self::Wasserstein { .. } => Ok((made.mean_all()? - real.mean_all()?)?),
            Self::NonSaturating | Self::Minimax => {
                let (real, made) = (softplus(&real.neg()?)?, softplus(made)?);
                Ok((real.mean_all()? + made.mean_all()?)?)
            }
        }
    }

    /// What the generator makes small.
    pub(super) fn of_generator(self, made: &Tensor) -> Result<Tensor> {
        Ok(match self {
            Self::Wasserstein { .. } => made.mean_all()?.neg()?,
            Self::NonSaturating => softplus(&made.neg()?)?.mean_all()?,
            Self::Minimax => softplus(made)?.mean_all()?.neg()?,
        })
    }

    /// How far generated cells are from real ones, as the critic sees it, from what it made small.
    pub(super) fn distance(self, loss: f64) -> f64 {
        match self {
            Self::Wasserstein { .. } => -loss,
            Self::NonSaturating | Self::Minimax => std::f64::consts::LN_2 - loss / 2.0,
        }
    }
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wasserstein { .. } => "Wasserstein distance",
            Self::NonSaturating | Self::Minimax => "Jensen-Shannon divergence",
        })
    }
}

/// Computes `ln(1 + exp(x))` without overflow.
fn softplus(x: &Tensor) -> Result<Tensor> {
    let rest = x.abs()?.neg()?.exp()?.affine(1.0, 1.0)?.log()?;
    Ok((x.relu()? + rest)?)
}
