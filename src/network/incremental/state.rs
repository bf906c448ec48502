//! What flows between layers.

use super::changes::Changes;
use super::level::Level;
use crate::Result;
use candle_core::Tensor;

/// What some edits have made of the numbers between two layers.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// Stretches of positions, and the origin there. Without one there is one edit and its stretch is the whole sequence.
    Changes(Changes, Option<Level>),
    /// The same laid out in one row, channel by channel.
    Flat(Changes, Option<Level>),
    /// All numbers of every edit, with two or three axes.
    Whole(Tensor),
}

impl State {
    /// Returns all numbers of every edit.
    pub(super) fn into_tensor(self) -> Result<Tensor> {
        match self {
            Self::Changes(x, origin) => x.rebuilt(origin.as_ref()),
            Self::Flat(x, origin) => Ok(x.rebuilt(origin.as_ref())?.flatten_from(1)?),
            Self::Whole(x) => Ok(x),
        }
    }

    /// Lays everything out that is in one row.
    pub(super) fn laid_out(self) -> Result<Self> {
        match self {
            Self::Flat(..) => Ok(Self::Whole(self.into_tensor()?)),
            _ => Ok(self),
        }
    }
}
