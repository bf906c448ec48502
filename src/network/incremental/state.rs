//! What flows between layers.

use super::changes::Changes;
use super::level::Level;
use crate::Result;
use candle_core::{Device, Tensor};

/// What some edits have made of the numbers between two layers.
#[derive(Clone, Debug)]
pub(super) enum State {
    /// Stretches of positions, and the origin there. Without one there is one edit and its stretch is the whole sequence.
    Changes(Changes, Option<Level>),
    /// The same laid out in one row, channel by channel.
    Flat(Changes, Option<Level>),
    /// The features of every edit.
    Rows(Rows),
    /// All numbers of every edit, with two or three axes.
    Whole(Tensor),
}

impl State {
    /// Returns all numbers of every edit.
    pub(super) fn into_tensor(self) -> Result<Tensor> {
        match self {
            Self::Changes(x, origin) => {
                let shape = (x.edits(), x.channels, x.length);
                let values = x.rebuilt(origin.as_ref());
                Ok(Tensor::from_vec(values, shape, &Device::Cpu)?)
            }
            Self::Flat(..) | Self::Rows(_) => {
                let rows = self.into_rows()?;
                let shape = (rows.count(), rows.features);
                Ok(Tensor::from_vec(rows.values, shape, &Device::Cpu)?)
            }
            Self::Whole(x) => Ok(x),
        }
    }

    /// Returns all numbers of every edit in a row.
    pub(super) fn into_rows(self) -> Result<Rows> {
        match self {
            Self::Changes(x, origin) | Self::Flat(x, origin) => {
                let features = x.channels * x.length;
                Ok(Rows::new(x.rebuilt(origin.as_ref()), features))
            }
            Self::Rows(rows) => Ok(rows),
            Self::Whole(x) => {
                let edits = x.dim(0)?.max(1);
                let features = x.elem_count() / edits;
                Ok(Rows::new(x.flatten_all()?.to_vec1()?, features))
            }
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

/// Features side by side, a row for every edit.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    /// `(edits, features)`.
    pub(super) values: Vec<f32>,
    pub(super) features: usize,
}

impl Rows {
    pub(super) fn new(values: Vec<f32>, features: usize) -> Self {
        Self { values, features }
    }

    /// Returns how many edits there are.
    pub(super) fn count(&self) -> usize {
        self.values.len() / self.features.max(1)
    }
}
