//! Two models on the same examples.

use super::interval::Interval;
use std::fmt;

/// The areas of two models on the same examples and their difference; shows itself as a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    first: Interval,
    second: Interval,
    difference: Interval,
    z: f64,
    p: f64,
}

impl Comparison {
    pub(crate) fn new(
        (first, second): (Interval, Interval),
        difference: Interval,
        (z, p): (f64, f64),
    ) -> Self {
        Self {
            first,
            second,
            difference,
            z,
            p,
        }
    }

    /// Returns the area of the first model.
    pub fn first(&self) -> Interval {
        self.first
    }

    /// Returns the area of the second model.
    pub fn second(&self) -> Interval {
        self.second
    }

    /// Returns the area of the first less that of the second, with the interval of the paired difference.
    pub fn difference(&self) -> Interval {
        self.difference
    }

    /// Returns the difference in its standard errors; NaN where models differ and no error is known.
    pub fn z(&self) -> f64 {
        self.z
    }

    /// Returns the two-sided p-value: how often two equally good models would differ at least so much.
    pub fn p(&self) -> f64 {
        self.p
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = (self.first.estimate(), self.second.estimate());
        let (difference, z, p) = (self.difference, self.z, self.p);
        let p = if p < 1e-3 {
            format!("{p:.1e}")
        } else {
            format!("{p:.4}")
        };
        write!(
            f,
            "{first:.4} against {second:.4}: difference {difference}, z {z:.3}, p {p}"
        )
    }
}
