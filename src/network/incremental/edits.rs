//! Stretches of an example replaced by others.

/// Edits of one example: each replaces the same number of positions, from its own start on.
#[derive(Clone, Debug)]
pub(crate) struct Edits {
    channels: usize,
    width: usize,
    starts: Vec<usize>,
    /// `(edits, channels, width)`.
    values: Vec<f32>,
}

impl Edits {
    /// Begins without any edit; each will replace `width` positions.
    pub(crate) fn new(channels: usize, width: usize) -> Self {
        Self {
            channels,
            width,
            starts: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Adds an edit; `values` has shape `(channels, width)`.
    pub(crate) fn push(&mut self, start: usize, values: impl IntoIterator<Item = f32>) {
        self.starts.push(start);
        self.values.extend(values);
        // What is missing stays empty, and what is too much is not read.
        self.values
            .resize(self.starts.len() * self.channels * self.width, 0.0);
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    pub(super) fn channels(&self) -> usize {
        self.channels
    }

    /// Returns where edit number `index` begins.
    pub(super) fn start(&self, index: usize) -> usize {
        self.starts[index]
    }

    /// Returns the new numbers of an edit, `(channels, width)`.
    pub(super) fn values(&self, index: usize) -> &[f32] {
        let size = self.channels * self.width;
        &self.values[index * size..(index + 1) * size]
    }

    /// Returns edits in the order of their starts.
    pub(super) fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.len()).collect();
        order.sort_by_key(|&index| self.starts[index]);
        order
    }
}
