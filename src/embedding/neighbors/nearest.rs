//! The nearest found so far.

use std::cmp::Ordering;

/// A distance and whose it is; nearer first, of equals the one with the smaller number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Near {
    pub(crate) distance: f32,
    pub(crate) index: u32,
}

impl Near {
    pub(super) fn order(self, other: Self) -> Ordering {
        let nearer = self.distance.total_cmp(&other.distance);
        nearer.then(self.index.cmp(&other.index))
    }
}
