//! What a layer gives for the origin.

use std::ops::Range;
use std::sync::Arc;

/// All positions of one example, with the channels of a position side by side; cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Level {
    channels: usize,
    values: Arc<Vec<f32>>,
}

impl Level {
    pub(super) fn new(channels: usize, values: Vec<f32>) -> Self {
        Self {
            channels,
            values: Arc::new(values),
        }
    }

    /// Returns the channels of a position.
    pub(super) fn row(&self, position: usize) -> &[f32] {
        &self.values[position * self.channels..(position + 1) * self.channels]
    }

    pub(super) fn channels(&self) -> usize {
        self.channels
    }

    /// Returns all positions in order.
    pub(super) fn rows(&self) -> impl DoubleEndedIterator<Item = &[f32]> + ExactSizeIterator {
        self.values.chunks_exact(self.channels.max(1))
    }

    pub(super) fn is_finite(&self) -> bool {
        all_finite(&self.values)
    }

    /// Writes rows over those from a position on.
    pub(super) fn put(&mut self, position: usize, rows: &[f32]) {
        let from = position * self.channels;
        self.values_mut()[from..from + rows.len()].copy_from_slice(rows);
    }

    /// Returns all numbers, to be changed; nobody who has cloned them sees it.
    pub(super) fn values_mut(&mut self) -> &mut [f32] {
        Arc::<Vec<f32>>::make_mut(&mut self.values)
    }

    /// Returns the positions from the first to the last one at which another example of this length differs, if any does.
    pub(super) fn differs(&self, other: &Self) -> Option<Range<usize>> {
        let pairs = || self.rows().zip(other.rows());
        let first = pairs().position(|(a, b)| a != b)?;
        let last = pairs().rposition(|(a, b)| a != b)?;
        Some(first..last + 1)
    }

    /// Returns so many positions from one on.
    pub(super) fn cropped(&self, from: usize, length: usize) -> Self {
        let values = &self.values[from * self.channels..(from + length) * self.channels];
        Self::new(self.channels, values.to_vec())
    }

    /// Returns the example with its positions in the opposite order, and the channels too if `complemented`.
    pub(super) fn reversed(&self, complemented: bool) -> Self {
        let mut values = Vec::with_capacity(self.values.len());
        for row in self.rows().rev() {
            if complemented {
                values.extend(row.iter().rev());
            } else {
                values.extend(row);
            }
        }
        Self::new(self.channels, values)
    }
}

/// Tells whether no number is infinite or none.
pub(super) fn all_finite(values: &[f32]) -> bool {
    // A product with zero is zero, unless something is infinite or no number.
    values.iter().map(|value| value * 0.0).sum::<f32>() == 0.0
}
