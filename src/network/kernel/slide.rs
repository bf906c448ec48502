//! Filters that slide over one example: the innermost loops of a convolution forward and of the gradient of its input.
#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of its caller"
)]
#![expect(
    unsafe_code,
    reason = "unchecked loads in the innermost loop; every bound is asserted once before"
)]

use super::lanes::{Lanes, Work};
use crate::network::operation::Real;

/// Filters that are computed at once.
pub(crate) const ROWS: usize = 6;

/// Filters, six by six, so that the numbers that one step needs stand side by side.
pub(crate) struct Filters<T> {
    values: Vec<T>,
    count: usize,
    taps: usize,
}

impl<T: Real> Filters<T> {
    /// `value` gives the number of a filter (first) at a tap (second); taps go channel by channel.
    pub(crate) fn new((filters, taps): (usize, usize), value: impl Fn(usize, usize) -> T) -> Self {
        let mut values = vec![T::zero(); filters.div_ceil(ROWS) * ROWS * taps];
        for (block, values) in values.chunks_mut(ROWS * taps).enumerate() {
            for row in 0..ROWS.min(filters - block * ROWS) {
                for tap in 0..taps {
                    values[tap * ROWS + row] = value(block * ROWS + row, tap);
                }
            }
        }
        Self {
            values,
            count: filters,
            taps,
        }
    }

    pub(crate) fn blocks(&self) -> usize {
        self.count.div_ceil(ROWS)
    }

    /// Returns how many filters stand in a block.
    pub(crate) fn rows(&self, block: usize) -> usize {
        ROWS.min(self.count - block * ROWS)
    }
}

/// Computes one block of filters at all positions.
pub(crate) struct Slide<'a, T> {
    pub(crate) filters: &'a Filters<T>,
    pub(crate) block: usize,
    /// The channels of the example, each this long, and what the last load reads beyond them.
    pub(crate) x: (&'a [T], usize),
    /// Where each tap of a channel reads for the first position.
    pub(crate) offsets: &'a [usize],
    /// A row for each filter of a block, each as long as `reach(positions)`.
    pub(crate) out: &'a mut [T],
    pub(crate) positions: usize,
}

/// Returns how many numbers a row of so many positions takes.
pub(crate) fn reach(positions: usize) -> usize {
    positions.next_multiple_of(8)
}

impl<T: Real> Work<T> for Slide<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<Number = T>>(self) {
        let (x, length) = self.x;
        let channels = self.filters.taps / self.offsets.len();
        let furthest = self.offsets.iter().max().copied().unwrap_or_default();
        let row = reach(self.positions);
        assert!(self.out.len() >= ROWS * row && self.block < self.filters.blocks());
        assert!(self.filters.taps == channels * self.offsets.len() && channels > 0);
        // The last load begins before the last row's end and may run beyond it.
        assert!((channels - 1) * length + furthest + row <= x.len());
        let filters = &self.filters.values[self.block * ROWS * self.filters.taps..];
        let rows = self.filters.rows(self.block);
        let tile = Tile {
            filters: filters.as_ptr(),
            x: x.as_ptr(),
            length,
            channels,
            offsets: self.offsets,
            out: self.out.as_mut_ptr(),
            row,
        };
        let mut position = 0;
        // SAFETY: `row` is a multiple of the narrower registers, and the assertions above keep all loads and stores inside.
        unsafe {
            while position + 2 * V::COUNT <= row {
                if rows > 4 {
                    tile.compute::<V, 6, 2>(position);
                } else {
                    tile.compute::<V, 4, 2>(position);
                }
                position += 2 * V::COUNT;
            }
            if position + V::COUNT <= row {
                tile.compute::<V, 6, 1>(position);
                position += V::COUNT;
            }
            if position < row {
                tile.compute::<V::Narrow, 6, 1>(position);
            }
        }
    }
}

struct Tile<'a, T> {
    filters: *const T,
    x: *const T,
    length: usize,
    channels: usize,
    offsets: &'a [usize],
    out: *mut T,
    row: usize,
}

impl<T: Real> Tile<'_, T> {
    /// # Safety
    ///
    /// See the assertions of the caller.
    #[inline(always)]
    unsafe fn compute<V: Lanes<Number = T>, const R: usize, const N: usize>(
        &self,
        position: usize,
    ) {
        // SAFETY: the caller has checked the furthest load and store.
        unsafe {
            let mut sums = [[V::splat(T::zero()); N]; R];
            let mut filters = self.filters;
            for channel in 0..self.channels {
                let x = self.x.add(channel * self.length + position);
                for &offset in self.offsets {
                    let x = x.add(offset);
                    let mut seen = [V::splat(T::zero()); N];
                    for (i, seen) in seen.iter_mut().enumerate() {
                        *seen = V::load(x.add(i * V::COUNT));
                    }
                    for (r, sums) in sums.iter_mut().enumerate() {
                        let factor = V::splat(*filters.add(r));
                        for (sum, seen) in sums.iter_mut().zip(seen) {
                            *sum = seen.mul_add(factor, *sum);
                        }
                    }
                    filters = filters.add(ROWS);
                }
            }
            for (r, sums) in sums.into_iter().enumerate() {
                for (i, sum) in sums.into_iter().enumerate() {
                    sum.store(self.out.add(r * self.row + position + i * V::COUNT));
                }
            }
        }
    }
}
