//! Positions cut off both ends.

use super::layer::Step;
use super::{Misfit, Pass, Shape};
use crate::Result;
use candle_core::Tensor;
use std::fmt;

/// Cuts positions off both ends of a sequence: `(n, channels, length)` to `(n, channels, length - left - right)`.
///
/// # Examples
///
/// ```
/// use genolens::network::{Architecture, Crop};
/// # fn main() -> genolens::Result<()> {
/// let network = Architecture::sequences(4).length(100).then(Crop::new(10, 12)).build()?;
/// assert_eq!(network.summary().rows()[1].output, "(n, 4, 78)");
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crop {
    left: usize,
    right: usize,
}

impl Crop {
    /// Describes a cut of so many positions from the left and from the right.
    pub fn new(left: usize, right: usize) -> Self {
        Self { left, right }
    }

    pub(crate) fn left(self) -> usize {
        self.left
    }
}

impl fmt::Display for Crop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "crop {} and {}", self.left, self.right)
    }
}

impl Step for Crop {
    fn name(&self) -> &'static str {
        "crop"
    }

    fn output(&self, input: Shape) -> Result<Shape, Misfit> {
        let Shape::Sequence { channels, length } = input else {
            return Err("(n, channels, length)".into());
        };
        let cut = self.left.saturating_add(self.right);
        if length.is_some_and(|length| length <= cut) {
            let shortest = cut.saturating_add(1);
            return Err(format!("(n, {channels}, length) with length at least {shortest}").into());
        }
        let length = length.map(|length| length - cut);
        Ok(Shape::Sequence { channels, length })
    }

    fn forward(&self, _: &[Tensor], x: &Tensor, _: &mut Pass) -> Result<Tensor> {
        let rest = x.dim(2)? - self.left - self.right;
        Ok(x.narrow(2, self.left, rest)?.contiguous()?)
    }
}
