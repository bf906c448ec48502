//! Shapes between layers.

use super::Misfit;
use super::sizes::MOST;
use std::fmt;

/// The shape of what flows between two layers, without the axis of the examples.
///
/// Prints as the whole array: `(n, 16, 124)`, `(n, 4, any)`, `(n, 1, 28, 28)`, `(n, 32)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Arrays `(n, channels, length)`; `None` stands for any length.
    Sequence {
        /// Size of the second axis: letters, or filters.
        channels: usize,
        /// Size of the third axis.
        length: Option<usize>,
    },
    /// Arrays `(n, channels, height, width)`.
    Image {
        /// Size of the second axis: colours, or filters.
        channels: usize,
        /// Size of the third axis: rows.
        height: usize,
        /// Size of the fourth axis: columns.
        width: usize,
    },
    /// Arrays `(n, features)`.
    Features(usize),
}

impl Shape {
    /// Reads the shape of an array; `None` if it has fewer than two or more than four axes.
    pub(crate) fn of(dims: &[usize]) -> Option<Self> {
        match *dims {
            [_, features] => Some(Self::Features(features)),
            [_, channels, length] => Some(Self::Sequence {
                channels,
                length: Some(length),
            }),
            [_, channels, height, width] => Some(Self::Image {
                channels,
                height,
                width,
            }),
            _ => None,
        }
    }

    /// Returns the size of the second axis.
    pub(crate) fn channels(self) -> usize {
        match self {
            Self::Sequence { channels, .. } | Self::Image { channels, .. } => channels,
            Self::Features(features) => features,
        }
    }

    /// Checks that one example of an output has room in memory.
    pub(crate) fn bounded(self) -> Result<Self, Misfit> {
        let places = match self {
            Self::Sequence { length, .. } => length,
            Self::Image { height, width, .. } => height.checked_mul(width).or(Some(usize::MAX)),
            Self::Features(_) => None,
        };
        let numbers = self.channels().checked_mul(places.unwrap_or(1));
        if numbers.is_none_or(|numbers| numbers > MOST) {
            let limit = format!("at most {MOST} numbers of one example");
            return Err(format!("one with an output of {limit}, not {self}").into());
        }
        Ok(self)
    }

    /// Tells whether arrays of the other shape may stand where this one is asked for.
    pub(crate) fn accepts(self, other: Self) -> bool {
        match (self, other) {
            (
                Self::Sequence { channels, length },
                Self::Sequence {
                    channels: other_channels,
                    length: other_length,
                },
            ) => channels == other_channels && (length.is_none() || length == other_length),
            _ => self == other,
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sequence {
                channels,
                length: Some(length),
            } => write!(f, "(n, {channels}, {length})"),
            Self::Sequence {
                channels,
                length: None,
            } => write!(f, "(n, {channels}, any)"),
            Self::Image {
                channels,
                height,
                width,
            } => write!(f, "(n, {channels}, {height}, {width})"),
            Self::Features(features) => write!(f, "(n, {features})"),
        }
    }
}
