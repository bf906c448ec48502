//! Filters over differences.

use super::changes::Changes;
use super::level::Level;
use super::product::add_product;
use crate::network::convolve::Geometry;
use crate::network::kernel::{Lanes, Work, run};
use std::ops::Range;

/// Up to so many channels, filters are added number by number: one-hot differences are nearly all zero.
const FEW: usize = 16;

/// Fewer filters than this leave a product of one tap little to do: all taps are one product, and what they make is added up behind it.
const SLENDER: usize = 16;

/// Positions whose taps are multiplied at once.
const ROWS: usize = 256;

/// A convolution, laid out for positions whose channels lie side by side.
#[derive(Clone, Debug)]
pub(super) struct Filters {
    geometry: Geometry,
    width: usize,
    groups: usize,
    channels: usize,
    /// How many filters there are.
    count: usize,
    /// Length of the output.
    positions: usize,
    /// `(width, channels, filters of a group)`.
    kernel: Vec<f32>,
    bias: Vec<f32>,
}

impl Filters {
    /// Takes a kernel `(filters, channels of a group, width)`.
    pub(super) fn new(
        (kernel, bias): (&[f32], Vec<f32>),
        (channels, width, groups): (usize, usize, usize),
        (geometry, positions): (Geometry, usize),
    ) -> Self {
        let filters = bias.len();
        let (seen, own) = (channels / groups, filters / groups);
        let mut turned = vec![0.0; width * channels * own];
        for filter in 0..filters {
            for channel in 0..seen {
                for tap in 0..width {
                    let channel_of_all = filter / own * seen + channel;
                    turned[(tap * channels + channel_of_all) * own + filter % own] =
                        kernel[(filter * seen + channel) * width + tap];
                }
            }
        }
        Self {
            geometry,
            width,
            groups,
            channels,
            count: filters,
            positions,
            kernel: turned,
            bias,
        }
    }

    fn overhang(&self) -> usize {
        (self.width - 1) * self.geometry.dilation
    }

    /// Returns how many outputs a stretch of this width reaches.
    pub(super) fn reach(&self, width: usize) -> usize {
        ((width + self.overhang() - 1) / self.geometry.stride + 1).min(self.positions)
    }

    /// Tells whether filters are added number by number, which is cheap where most numbers are zero.
    pub(super) fn is_sparse(&self) -> bool {
        self.groups > 1 || self.channels <= FEW
    }

    /// Returns which positions some outputs see; some may lie outside the sequence.
    pub(super) fn seen(&self, output: &Range<isize>) -> Range<isize> {
        let (stride, left) = (self.geometry.stride as isize, self.geometry.left as isize);
        let last = (output.end - 1) * stride - left + self.overhang() as isize;
        output.start * stride - left..last + 1
    }

    /// Slides over the differences and adds what they make to what was there; without an origin, over the whole of what came.
    pub(super) fn slide(
        &self,
        x: Changes,
        input: Option<&Level>,
        output: Option<&Level>,
    ) -> Changes {
        let x = x.bounded(input);
        let is_whole = x.is_whole();
        let x = x.less(input);
        let left = self.geometry.left as isize;
        let (starts, width) = if is_whole {
            (vec![0; x.edits()], self.positions)
        } else {
            let first = |&start: &isize| start + left - self.overhang() as isize;
            let stride = self.geometry.stride as isize;
            let starts = x.starts.iter().map(first);
            let starts = starts.map(|first| -(-first).div_euclid(stride)).collect();
            let width = (x.width + self.overhang() - 1) / self.geometry.stride + 1;
            (starts, width)
        };
        let before = |position| output.map_or(&self.bias[..], |output| output.row(position));
        let mut out = Changes::copied(starts, (width, self.count), (self.positions, before));
        if self.is_sparse() {
            run(Sparse {
                filters: self,
                x: &x,
                out: &mut out,
            });
        } else if self.geometry.stride > 1 {
            self.strides(&x, &mut out);
        } else if self.count < SLENDER {
            self.together(&x, is_whole, &mut out);
        } else {
            self.products(&x, is_whole, &mut out);
        }
        out
    }

    /// Returns how far behind a place of the input the output stands in which a tap sees it, with stride 1.
    fn shift(&self, tap: usize, is_whole: bool) -> isize {
        let first = if is_whole {
            self.geometry.left
        } else {
            self.overhang()
        };
        first as isize - (tap * self.geometry.dilation) as isize
    }

    /// One product for all taps of some positions.
    fn together(&self, x: &Changes, is_whole: bool, out: &mut Changes) {
        let edits = x.edits();
        let columns = self.width * self.count;
        let mut wide = vec![0.0; self.kernel.len()];
        for (row, filters) in self.kernel.chunks_exact(self.count).enumerate() {
            let (tap, channel) = (row / self.channels, row % self.channels);
            let at = channel * columns + tap * self.count;
            wide[at..at + self.count].copy_from_slice(filters);
        }
        let shifts = (0..self.width).map(|tap| self.shift(tap, is_whole));
        let shifts: Vec<isize> = shifts.collect();
        let mut made = Vec::new();
        for (block, seen) in x.values.chunks(ROWS * self.channels).enumerate() {
            made.clear();
            made.resize(seen.len() / self.channels * columns, 0.0);
            add_product(&mut made, seen, &wide, columns);
            for (row, made) in (block * ROWS..).zip(made.chunks_exact(columns)) {
                let (place, edit) = (row / edits, row % edits);
                for (shift, made) in shifts.iter().zip(made.chunks_exact(self.count)) {
                    let at = place as isize + shift;
                    if (0..out.width as isize).contains(&at) {
                        let row = (at as usize * edits + edit) * self.count;
                        let row = &mut out.values[row..row + self.count];
                        row.iter_mut().zip(made).for_each(|(row, &x)| *row += x);
                    }
                }
            }
        }
    }

    /// One product a tap: with stride 1, whatever a tap sees moves by the same number of positions.
    fn products(&self, x: &Changes, is_whole: bool, out: &mut Changes) {
        let edits = x.edits();
        let size = self.channels * self.count;
        for (tap, kernel) in self.kernel.chunks_exact(size).enumerate() {
            let shift = self.shift(tap, is_whole);
            let from = (-shift).max(0);
            let to = (x.width as isize).min(out.width as isize - shift);
            if from >= to {
                continue;
            }
            let (from, to) = (from as usize, to as usize);
            let at = (from as isize + shift) as usize;
            let seen = &x.values[from * edits * self.channels..to * edits * self.channels];
            let room = at * edits * self.count..(at + to - from) * edits * self.count;
            add_product(&mut out.values[room], seen, kernel, self.count);
        }
    }

    /// With a stride every tap sees some of the positions: those that a tap sees of all edits are gathered.
    fn strides(&self, x: &Changes, out: &mut Changes) {
        let edits = x.edits();
        let size = self.channels * self.count;
        let mut places = Vec::new();
        let mut seen = Vec::new();
        let mut made = Vec::new();
        for (tap, kernel) in self.kernel.chunks_exact(size).enumerate() {
            places.clear();
            seen.clear();
            for (row, values) in x.values.chunks_exact(self.channels).enumerate() {
                let (place, edit) = (row / edits, row % edits);
                if let Some(at) = self.lands(x.starts[edit] + place as isize, tap)
                    && let at = at - out.starts[edit]
                    && (0..out.width as isize).contains(&at)
                {
                    places.push(at as usize * edits + edit);
                    seen.extend_from_slice(values);
                }
            }
            made.clear();
            made.resize(places.len() * self.count, 0.0);
            add_product(&mut made, &seen, kernel, self.count);
            for (place, made) in places.iter().zip(made.chunks_exact(self.count)) {
                let row = &mut out.values[place * self.count..(place + 1) * self.count];
                row.iter_mut().zip(made).for_each(|(row, &x)| *row += x);
            }
        }
    }

    /// Returns the output in which a tap sees a position.
    fn lands(&self, position: isize, tap: usize) -> Option<isize> {
        let moved =
            position + self.geometry.left as isize - (tap * self.geometry.dilation) as isize;
        let stride = self.geometry.stride as isize;
        (moved.rem_euclid(stride) == 0).then(|| moved.div_euclid(stride))
    }
}

/// Adds the filters of every number that is not zero.
struct Sparse<'a> {
    filters: &'a Filters,
    x: &'a Changes,
    out: &'a mut Changes,
}

#[expect(unsafe_code, reason = "compiled for registers of several widths")]
#[expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of its caller"
)]
impl Work<f32> for Sparse<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<Number = f32>>(self) {
        self.add();
    }
}

impl Sparse<'_> {
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "only what is inlined is compiled for the instructions of its caller"
    )]
    fn add(self) {
        let Self { filters, x, out } = self;
        let (edits, channels) = (x.edits(), filters.channels);
        let (seen, own) = (channels / filters.groups, filters.count / filters.groups);
        // All numbers that are not zero, with their channels, row by row.
        let mut ends = Vec::with_capacity(x.width * edits);
        let mut numbers = Vec::new();
        for row in x.values.chunks_exact(channels) {
            let some = row.iter().enumerate().filter(|(_, value)| **value != 0.0);
            numbers.extend(some.map(|(channel, &value)| (channel, value)));
            ends.push(numbers.len());
        }
        for (tap, kernel) in filters.kernel.chunks_exact(channels * own).enumerate() {
            let mut begin = 0;
            for (row, &end) in ends.iter().enumerate() {
                let numbers = &numbers[std::mem::replace(&mut begin, end)..end];
                let (place, edit) = (row / edits, row % edits);
                let Some(at) = filters.lands(x.starts[edit] + place as isize, tap) else {
                    continue;
                };
                let at = at - out.starts[edit];
                if numbers.is_empty() || !(0..out.width as isize).contains(&at) {
                    continue;
                }
                let row = (at as usize * edits + edit) * filters.count;
                let row = &mut out.values[row..row + filters.count];
                if let (&[(a, x), (b, y)], 1) = (numbers, filters.groups) {
                    let (a, b) = (&kernel[a * own..][..own], &kernel[b * own..][..own]);
                    for (row, (&a, &b)) in row.iter_mut().zip(a.iter().zip(b)) {
                        *row += x * a + y * b;
                    }
                    continue;
                }
                for &(channel, value) in numbers {
                    let group = channel / seen;
                    let row = &mut row[group * own..(group + 1) * own];
                    for (row, &weight) in row.iter_mut().zip(&kernel[channel * own..][..own]) {
                        *row += value * weight;
                    }
                }
            }
        }
    }
}
