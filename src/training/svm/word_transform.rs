//! The product of a kernel of distances with numbers for all words, by Walsh-Hadamard transforms.
//!
//! Over the group of words under exclusive or, a kernel that knows only distances is a convolution: every character is an eigenvector,
//! and its eigenvalue depends on how many letters it looks at. So the product with all `4^length` words, the exact sum over all pairs,
//! costs two transforms, whatever the kernel.

use super::distances::{eigenvalues, weight};
use rayon::prelude::*;

/// Columns that are transformed together.
const WIDE: usize = 32;

/// Multiplies numbers for all words by a kernel of distances.
pub(super) struct WordTransform {
    /// Words are rows of columns: the first letters choose the row, the last ones the column.
    rows: usize,
    columns: usize,
    wide: usize,
    /// Eigenvalue by the number of letters that a character looks at, divided by the number of words.
    scales: Vec<f64>,
    table: Vec<f64>,
    blocks: Vec<f64>,
}

impl WordTransform {
    pub(super) fn new(by_distance: &[f64]) -> Self {
        let length = by_distance.len() - 1;
        let rows = 1 << (2 * (length / 2));
        let columns = 1 << (2 * length.div_ceil(2));
        let count = (rows * columns) as f64;
        Self {
            rows,
            columns,
            wide: WIDE.min(columns),
            scales: eigenvalues(by_distance).iter().map(|v| v / count).collect(),
            table: vec![0.0; rows * columns],
            blocks: vec![0.0; rows * columns],
        }
    }

    /// Fills in numbers, by the first word and room for it and its followers, and returns the product for every word.
    pub(super) fn multiply(&mut self, fill: impl Fn(usize, &mut [f64]) + Sync) -> &[f64] {
        let Self {
            rows,
            columns,
            wide,
            ..
        } = *self;
        let table = self.table.par_chunks_mut(columns).enumerate();
        table.for_each(|(row, numbers)| {
            fill(row * columns, numbers);
            transform(numbers, 1);
        });
        let (table, scales) = (&self.table, &self.scales);
        let blocks = self.blocks.par_chunks_mut(rows * wide).enumerate();
        blocks.for_each(|(block, numbers)| {
            let first = block * wide;
            for (row, to) in numbers.chunks_mut(wide).enumerate() {
                to.copy_from_slice(&table[row * columns + first..][..wide]);
            }
            transform(numbers, wide);
            for (row, to) in numbers.chunks_mut(wide).enumerate() {
                let above = weight(row as u32);
                for (column, value) in to.iter_mut().enumerate() {
                    *value *= scales[above + weight((first + column) as u32)];
                }
            }
            transform(numbers, wide);
        });
        let blocks = &self.blocks;
        let table = self.table.par_chunks_mut(columns).enumerate();
        table.for_each(|(row, numbers)| {
            for (block, to) in numbers.chunks_mut(wide).enumerate() {
                to.copy_from_slice(&blocks[(block * rows + row) * wide..][..wide]);
            }
            transform(numbers, 1);
        });
        &self.table
    }

    /// Returns the last product.
    pub(super) fn table(&self) -> &[f64] {
        &self.table
    }
}

/// Transforms numbers, so many at a time, a letter a turn.
fn transform(numbers: &mut [f64], wide: usize) {
    let mut stride = wide;
    while stride < numbers.len() {
        for group in numbers.chunks_exact_mut(4 * stride) {
            let (low, high) = group.split_at_mut(2 * stride);
            let ((a, b), (c, d)) = (low.split_at_mut(stride), high.split_at_mut(stride));
            for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
                let (ab, cd) = ((*a + *b, *a - *b), (*c + *d, *c - *d));
                (*a, *b, *c, *d) = (ab.0 + cd.0, ab.1 + cd.1, ab.0 - cd.0, ab.1 - cd.1);
            }
        }
        stride *= 4;
    }
}
