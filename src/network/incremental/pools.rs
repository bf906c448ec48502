//! Windows that an edit touches.

use super::changes::Changes;
use super::level::Level;
use crate::network::Pooling;
use crate::network::operation::Window;
use std::ops::Range;

/// A local or adaptive pool over a sequence of known length.
#[derive(Clone, Debug)]
pub(super) struct Pools {
    pooling: Pooling,
    /// Neither starts nor ends go back from one to the next.
    windows: Vec<Window>,
}

impl Pools {
    pub(super) fn new(pooling: Pooling, windows: Vec<Window>) -> Self {
        Self { pooling, windows }
    }

    /// Returns the first window that sees some of a stretch, and the first behind it that does not.
    fn touched(&self, start: isize, width: usize) -> (usize, usize) {
        let end = start + width as isize;
        let first = (self.windows).partition_point(|window| window.end as isize <= start);
        let last = (self.windows).partition_point(|window| (window.start as isize) < end);
        (first, last.max(first))
    }

    /// Returns how many windows a stretch of this width touches at most.
    pub(super) fn reach(&self, width: usize) -> usize {
        let ends = self.windows.iter().map(|window| {
            let (first, last) = self.touched(window.end as isize - 1, width);
            last - first
        });
        ends.max().unwrap_or(0).max(1)
    }

    /// Returns which positions some windows see.
    pub(super) fn seen(&self, windows: &Range<isize>) -> Range<isize> {
        let count = self.windows.len() as isize;
        let (first, end) = (windows.start.clamp(0, count), windows.end.clamp(0, count));
        let seen = self.windows[first as usize..end.max(first) as usize].iter();
        let start = seen.clone().map(|window| window.start as isize).min();
        let end = seen.map(|window| window.end as isize).max();
        start.unwrap_or(0)..end.unwrap_or(0)
    }

    pub(super) fn reduce(&self, x: &Changes, input: Option<&Level>) -> Changes {
        let touched = x.starts.iter().map(|&start| self.touched(start, x.width));
        let touched: Vec<(usize, usize)> = touched.collect();
        let widest = touched.iter().map(|(first, last)| last - first).max();
        let count = self.windows.len();
        let (starts, width) = match widest.unwrap_or(0).max(1) {
            width if width < count => {
                let first = touched.iter().map(|&(first, _)| first as isize);
                (first.collect(), width)
            }
            _ => (vec![0; x.edits()], count),
        };
        let mut out = Changes::zeros(starts, (width, x.channels), count);
        out.fill(|edit, index, row| {
            let window = self.windows[index];
            row.copy_from_slice(x.at(input, edit, window.start));
            for position in window.start + 1..window.end {
                let x = x.at(input, edit, position);
                match self.pooling {
                    Pooling::Max => keep_largest(row, x),
                    Pooling::Average => {
                        row.iter_mut().zip(x).for_each(|(row, &x)| *row += x);
                    }
                }
            }
            if self.pooling == Pooling::Average {
                let divisor = window.divisor as f32;
                for row in row {
                    *row /= divisor;
                }
            }
        });
        out
    }
}

/// Keeps the larger numbers; what is no number counts as larger than any.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of its caller"
)]
pub(super) fn keep_largest(row: &mut [f32], x: &[f32]) {
    for (row, &x) in row.iter_mut().zip(x) {
        *row = if x > *row || x.is_nan() { x } else { *row };
    }
}
