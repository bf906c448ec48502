//! The gradient of filters: what every filter was asked for, times what every tap saw, summed over positions.
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

/// Filters and taps that are computed at once.
pub(crate) const ROWS: usize = 4;
const COLUMNS: usize = 3;

/// Positions that are summed at a time: what is read of them stays in the first cache.
const STRETCH: usize = 1024;

/// Adds the gradients of up to four filters from a few examples.
pub(crate) struct Correlate<'a, T> {
    /// Examples of channels, each this long.
    pub(crate) x: (&'a [T], usize),
    pub(crate) channels: usize,
    /// Where each tap of a channel reads for the first position.
    pub(crate) offsets: &'a [usize],
    /// Examples of rows, one for every filter of the layer; rows end in zeros so that they fill registers.
    pub(crate) gradient: (&'a [T], usize),
    pub(crate) filters: usize,
    pub(crate) first: usize,
    /// One row of taps for every filter from the first.
    pub(crate) out: &'a mut [T],
}

impl<T: Real> Work<T> for Correlate<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<Number = T>>(self) {
        let taps = self.channels * self.offsets.len();
        let (gradient, row) = self.gradient;
        let (x, length) = self.x;
        let examples = gradient.len() / (self.filters * row);
        let rows = self.out.len() / taps;
        let furthest = self.offsets.iter().max().copied().unwrap_or_default();
        let size = self.channels * length;
        assert!(rows <= ROWS && self.first + rows <= self.filters);
        assert!(row.is_multiple_of(V::Narrow::COUNT));
        assert!(examples * self.filters * row == gradient.len());
        assert!(examples == 0 || examples * size - length + furthest + row <= x.len());
        let mut start = 0;
        while start < row {
            let stretch = STRETCH.min(row - start);
            let mut tap = 0;
            while tap < taps {
                // SAFETY: the furthest load was checked above; a row or column that is not there is computed from the last one and not kept.
                let (sums, rest) = unsafe {
                    let mut sums = [[V::splat(T::zero()); COLUMNS]; ROWS];
                    let mut rest = [[V::Narrow::splat(T::zero()); COLUMNS]; ROWS];
                    for example in 0..examples {
                        let mut columns = [x.as_ptr(); COLUMNS];
                        for (i, column) in columns.iter_mut().enumerate() {
                            let tap = (tap + i).min(taps - 1);
                            let (channel, offset) =
                                (tap / self.offsets.len(), tap % self.offsets.len());
                            let at = example * size + channel * length + self.offsets[offset];
                            *column = x.as_ptr().add(at + start);
                        }
                        let mut wanted = [gradient.as_ptr(); ROWS];
                        for (i, wanted) in wanted.iter_mut().enumerate() {
                            let filter = self.first + i.min(rows - 1);
                            let at = (example * self.filters + filter) * row;
                            *wanted = gradient.as_ptr().add(at + start);
                        }
                        let mut position = 0;
                        while position + V::COUNT <= stretch {
                            add(&mut sums, position, (&columns, &wanted));
                            position += V::COUNT;
                        }
                        while position < stretch {
                            add(&mut rest, position, (&columns, &wanted));
                            position += V::Narrow::COUNT;
                        }
                    }
                    (sums, rest)
                };
                let all = sums.iter().zip(&rest).zip(self.out.chunks_mut(taps));
                for ((sums, rest), out) in all {
                    for ((sum, rest), out) in sums.iter().zip(rest).zip(&mut out[tap..]) {
                        // SAFETY: the caller has the instructions of `V`.
                        *out += unsafe { sum.sum() + rest.sum() };
                    }
                }
                tap += COLUMNS;
            }
            start += stretch;
        }
    }
}

/// Adds what filters were asked for times what taps saw, at as many positions as fit into a register.
///
/// # Safety
///
/// Behind every pointer there are that many numbers from `position` on.
#[inline(always)]
unsafe fn add<T: Real, V: Lanes<Number = T>>(
    sums: &mut [[V; COLUMNS]; ROWS],
    position: usize,
    (columns, wanted): (&[*const T; COLUMNS], &[*const T; ROWS]),
) {
    // SAFETY: the caller promises the numbers.
    unsafe {
        let mut seen = [V::splat(T::zero()); COLUMNS];
        for (seen, column) in seen.iter_mut().zip(columns) {
            *seen = V::load(column.add(position));
        }
        for (sums, wanted) in sums.iter_mut().zip(wanted) {
            let wanted = V::load(wanted.add(position));
            for (sum, seen) in sums.iter_mut().zip(seen) {
                *sum = seen.mul_add(wanted, *sum);
            }
        }
    }
}
