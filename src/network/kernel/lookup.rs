//! Filters over one-hot input: two letters at a time name a row of a table, and rows are added.
#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of its caller"
)]
#![expect(
    unsafe_code,
    reason = "unchecked loads in the innermost loop; every bound is asserted once before"
)]

use super::codes::{Codes, KINDS, LETTERS, NONE, worth};
use super::frame::Sizes;
use super::lanes::{Lanes, Work};
use crate::network::operation::Real;
use candle_core::WithDType;

/// Kinds of two columns that follow each other.
const PAIRS: usize = KINDS * KINDS;

/// The widest block of filters, which is what registers hold at once.
const WIDEST: usize = 32;

/// Positions whose results are turned from a row of filters into rows of positions at once.
const TURN: usize = 16;

/// What a block of filters adds for any two columns, at every second tap.
struct Block<T> {
    first: usize,
    filters: usize,
    /// Filters and what fills the last register.
    width: usize,
    bias: Vec<T>,
    values: Vec<T>,
}

/// Filters as tables.
pub(crate) struct Tables<T> {
    blocks: Vec<Block<T>>,
    pairs: usize,
}

impl<T: Real> Tables<T> {
    /// Takes a kernel `(filters, letters, width)`.
    pub(crate) fn new(kernel: &[T], bias: &[T], width: usize) -> Self {
        let (filters, pairs) = (bias.len(), width.div_ceil(2));
        let worth = |filter: usize, tap: usize, kind: usize| {
            if tap >= width {
                return T::zero();
            }
            let mut letters = [T::zero(); LETTERS];
            for (letter, value) in letters.iter_mut().enumerate() {
                *value = kernel[(filter * LETTERS + letter) * width + tap];
            }
            worth(kind, letters)
        };
        let mut blocks = Vec::new();
        let mut first = 0;
        while first < filters {
            let wide = match filters - first {
                0..=8 => 8,
                9..=16 => 16,
                _ => WIDEST,
            };
            let own = wide.min(filters - first);
            let mut values = vec![T::zero(); pairs * PAIRS * wide];
            for (at, row) in values.chunks_mut(wide).enumerate() {
                let (pair, kinds) = (at / PAIRS, at % PAIRS);
                for (i, value) in row[..own].iter_mut().enumerate() {
                    *value = worth(first + i, 2 * pair, kinds / KINDS)
                        + worth(first + i, 2 * pair + 1, kinds % KINDS);
                }
            }
            let mut padded = vec![T::zero(); wide];
            padded[..own].copy_from_slice(&bias[first..first + own]);
            blocks.push(Block {
                first,
                filters: own,
                width: wide,
                bias: padded,
                values,
            });
            first += own;
        }
        Self { blocks, pairs }
    }
}

/// What is made of the results at all positions.
pub(crate) enum Sink<'a, T> {
    /// The largest of every filter, and where it is.
    Largest(&'a mut [T], &'a mut [u32]),
    /// Rows of positions, one for each filter.
    Rows(&'a mut [T]),
}

/// Computes all filters at all positions of one example.
pub(crate) struct Lookup<'a, T> {
    tables: &'a Tables<T>,
    /// For every position, padding included, the kinds there and one tap on.
    pairs: Vec<u8>,
    stride: usize,
    /// How far two pairs stand apart.
    step: usize,
    positions: usize,
    sink: Sink<'a, T>,
}

impl<'a, T: Real> Lookup<'a, T> {
    pub(crate) fn new(
        tables: &'a Tables<T>,
        (codes, sizes): (&Codes, &Sizes),
        sink: Sink<'a, T>,
    ) -> Self {
        let geometry = sizes.geometry;
        let step = 2 * geometry.dilation;
        let needed = (sizes.positions - 1) * geometry.stride + tables.pairs * step;
        let mut kinds = vec![NONE; needed.max(geometry.left + sizes.length) + geometry.dilation];
        kinds[geometry.left..geometry.left + sizes.length].copy_from_slice(codes.kinds());
        let pairs = kinds
            .iter()
            .zip(&kinds[geometry.dilation..])
            .map(|(&first, &second)| first * KINDS as u8 + second)
            .collect();
        Self {
            tables,
            pairs,
            stride: geometry.stride,
            step,
            positions: sizes.positions,
            sink,
        }
    }
}

impl<T: Real> Work<T> for Lookup<'_, T> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<Number = T>>(mut self) {
        let last = (self.positions - 1) * self.stride + (self.tables.pairs - 1) * self.step;
        assert!(last < self.pairs.len());
        assert!(self.pairs.iter().all(|&pair| usize::from(pair) < PAIRS));
        for block in &self.tables.blocks {
            assert!(block.values.len() == self.tables.pairs * PAIRS * block.width);
            // SAFETY: the caller has the instructions; codes and tables were checked above.
            unsafe {
                match block.width / V::COUNT {
                    8 => self.block::<V, 8, 1>(block),
                    4 => self.block::<V, 4, 2>(block),
                    2 => self.block::<V, 2, 4>(block),
                    1 => self.block::<V, 1, 4>(block),
                    _ => self.block::<V::Narrow, 1, 4>(block),
                }
            }
        }
    }
}

impl<T: Real> Lookup<'_, T> {
    /// # Safety
    ///
    /// See the assertions of the caller.
    #[inline(always)]
    unsafe fn sums<V: Lanes<Number = T>, const N: usize, const P: usize>(
        &self,
        block: &Block<T>,
        position: usize,
    ) -> [[V; N]; P] {
        // SAFETY: every code names a row of the table of its pair.
        unsafe {
            let mut sums = [[V::splat(T::zero()); N]; P];
            for sums in &mut sums {
                for (i, sum) in sums.iter_mut().enumerate() {
                    *sum = V::load(block.bias.as_ptr().add(i * V::COUNT));
                }
            }
            let mut table = block.values.as_ptr();
            let mut codes = self.pairs.as_ptr().add(position * self.stride);
            for _ in 0..self.tables.pairs {
                for (p, sums) in sums.iter_mut().enumerate() {
                    let code = usize::from(*codes.add(p * self.stride));
                    let row = table.add(code * N * V::COUNT);
                    for (i, sum) in sums.iter_mut().enumerate() {
                        *sum = sum.add(V::load(row.add(i * V::COUNT)));
                    }
                }
                table = table.add(PAIRS * N * V::COUNT);
                codes = codes.wrapping_add(self.step);
            }
            sums
        }
    }

    /// # Safety
    ///
    /// See the assertions of the caller; a block is as wide as `N` registers.
    #[inline(always)]
    unsafe fn block<V: Lanes<Number = T>, const N: usize, const P: usize>(
        &mut self,
        block: &Block<T>,
    ) {
        let mut turned = [T::zero(); TURN * WIDEST];
        // SAFETY: positions stay below their number; `turned` holds the widest block for `TURN` positions.
        unsafe {
            let lowest = V::splat(T::neg_infinity());
            let mut largest = [(lowest, V::splat(T::zero())); N];
            let mut position = 0;
            while position < self.positions {
                let count = TURN.min(self.positions - position);
                let mut i = 0;
                while i < count {
                    if i + P <= count {
                        let sums = self.sums::<V, N, P>(block, position + i);
                        for (p, sums) in sums.into_iter().enumerate() {
                            self.take(
                                sums,
                                position + i + p,
                                &mut largest,
                                &mut turned[(i + p) * WIDEST..],
                            );
                        }
                        i += P;
                    } else {
                        let [sums] = self.sums::<V, N, 1>(block, position + i);
                        self.take(sums, position + i, &mut largest, &mut turned[i * WIDEST..]);
                        i += 1;
                    }
                }
                if let Sink::Rows(out) = &mut self.sink {
                    let rows = out[block.first * self.positions..].chunks_mut(self.positions);
                    for (filter, row) in rows.take(block.filters).enumerate() {
                        for (i, value) in row[position..position + count].iter_mut().enumerate() {
                            *value = turned[i * WIDEST + filter];
                        }
                    }
                }
                position += count;
            }
            if let Sink::Largest(values, places) = &mut self.sink {
                let own = block.first..block.first + block.filters;
                for (i, (value, place)) in largest.into_iter().enumerate() {
                    value.store(turned.as_mut_ptr().add(i * V::COUNT));
                    place.store(turned.as_mut_ptr().add(WIDEST + i * V::COUNT));
                }
                values[own.clone()].copy_from_slice(&turned[..block.filters]);
                for (place, at) in places[own].iter_mut().zip(&turned[WIDEST..]) {
                    *place = WithDType::to_f64(*at) as u32;
                }
            }
        }
    }

    /// # Safety
    ///
    /// `turned` holds the registers.
    #[inline(always)]
    unsafe fn take<V: Lanes<Number = T>, const N: usize>(
        &self,
        sums: [V; N],
        position: usize,
        largest: &mut [(V, V); N],
        turned: &mut [T],
    ) {
        // SAFETY: the caller promises the room.
        unsafe {
            if let Sink::Rows(_) = self.sink {
                for (i, sum) in sums.into_iter().enumerate() {
                    sum.store(turned.as_mut_ptr().add(i * V::COUNT));
                }
            } else {
                let here = V::splat(T::from_f64(position as f64));
                for (sum, largest) in sums.into_iter().zip(largest) {
                    sum.keep_largest(here, largest);
                }
            }
        }
    }
}
