//! What the places of an example are.

use crate::{Error, Result};
use std::fmt;

/// What can be masked in an example, and how it is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layout {
    /// Columns of a row, shape `(columns)`.
    Columns(usize),
    /// Positions of a sequence, shape `(channels, length)`: all channels of a position are masked together.
    Positions(usize),
    /// Pixels of an image, shape `(channels, height, width)`: all channels of a pixel are masked together. They are counted row by row.
    Pixels {
        /// Number of rows.
        height: usize,
        /// Number of columns.
        width: usize,
    },
}

impl Layout {
    /// Reads the layout off the shape of a batch, `(n, ...)`.
    pub(crate) fn of(shape: &[usize]) -> Result<Self> {
        match *shape {
            [n, columns] if n * columns > 0 => Ok(Self::Columns(columns)),
            [n, channels, length] if n * channels * length > 0 => Ok(Self::Positions(length)),
            [n, channels, height, width] if n * channels * height * width > 0 => {
                Ok(Self::Pixels { height, width })
            }
            _ => {
                let expected = "(n, columns), (n, channels, length) or (n, channels, height, width), each at least 1";
                Err(Error::shape("x", expected, shape))
            }
        }
    }

    /// Returns the number of places.
    pub fn places(self) -> usize {
        match self {
            Self::Columns(count) | Self::Positions(count) => count,
            Self::Pixels { height, width } => height * width,
        }
    }

    /// Returns the shape in which the places are laid out: `[columns]`, `[length]` or `[height, width]`.
    pub(crate) fn shape(self) -> Vec<usize> {
        match self {
            Self::Columns(count) | Self::Positions(count) => vec![count],
            Self::Pixels { height, width } => vec![height, width],
        }
    }

    /// Names one place.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Columns(_) => "column",
            Self::Positions(_) => "position",
            Self::Pixels { .. } => "pixel",
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Columns(count) => write!(f, "{count} columns"),
            Self::Positions(count) => write!(f, "{count} positions"),
            Self::Pixels { height, width } => write!(f, "{height} x {width} pixels"),
        }
    }
}
