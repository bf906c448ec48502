//! Shapes between layers.

use std::fmt;

/// The shape of what flows between two layers, without the axis of the examples.
///
/// Prints as the whole array: `(n, 16, 124)`, `(n, 4, any)`, `(n, 32)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Arrays `(n, channels, length)`; `None` stands for any length.
    Sequence {
        /// Size of the second axis: letters, or filters.
        channels: usize,
        /// Size of the third axis.
        length: Option<usize>,
    },
    /// Arrays `(n, features)`.
    Features(usize),
}

impl Shape {
    /// Reads the shape of an array; `None` if it has neither two nor three axes.
    pub(crate) fn of(dims: &[usize]) -> Option<Self> {
        match *dims {
            [_, features] => Some(Self::Features(features)),
            [_, channels, length] => Some(Self::Sequence {
                channels,
                length: Some(length),
            }),
            _ => None,
        }
    }

    /// Returns the size of the second axis.
    pub(crate) fn channels(self) -> usize {
        match self {
            Self::Sequence { channels, .. } => channels,
            Self::Features(features) => features,
        }
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
            Self::Features(features) => write!(f, "(n, {features})"),
        }
    }
}
