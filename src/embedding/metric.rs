//! How far apart two examples are.

use std::fmt;

/// How far apart two examples are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Metric {
    /// The length of the difference.
    #[default]
    Euclidean,
    /// One minus the cosine of the angle; an example of zeros is 1 from all others that are not zeros, too.
    Cosine,
    /// One minus the correlation over the features; a constant example is 1 from all others that are not constant.
    Correlation,
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Euclidean => "euclidean",
            Self::Cosine => "cosine",
            Self::Correlation => "correlation",
        })
    }
}
