//! Rows of a batch that belong together.

use candle_core::{Result, Tensor};

/// Rows in groups of one size: first an example, then the references that it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Groups {
    /// One more than there are references.
    pub(crate) size: usize,
}

impl Groups {
    /// Returns the row of the example that a row belongs to.
    pub(crate) fn example(self, row: usize) -> usize {
        row - row % self.size
    }

    /// Returns the numbers of the example in every row of its group.
    pub(crate) fn examples(self, x: &Tensor) -> Result<Tensor> {
        let rows = x.dim(0)? / self.size;
        let apart = x.reshape((rows, self.size, ()))?;
        let first = apart.narrow(1, 0, 1)?;
        first
            .broadcast_as(apart.shape())?
            .contiguous()?
            .reshape(x.shape())
    }

    /// Returns what sets the example apart in every row.
    pub(crate) fn differences(self, x: &Tensor) -> Result<Tensor> {
        self.examples(x)? - x
    }

    /// Returns what lies in the middle between the example and every row.
    pub(crate) fn middles(self, x: &Tensor) -> Result<Tensor> {
        (self.examples(x)? + x)?.affine(0.5, 0.0)
    }
}
