//! New numbers of a stretch of positions, for several edits.

use super::level::{Level, all_finite};
use std::ops::Range;

/// What edits have changed behind some layer: for every edit the numbers of a stretch, all others being those of the origin.
///
/// All stretches have one width. They may reach over the ends of the sequence; what stands there means nothing.
#[derive(Clone, Debug)]
pub(super) struct Changes {
    pub(super) starts: Vec<isize>,
    pub(super) width: usize,
    pub(super) channels: usize,
    /// How long the whole sequence is.
    pub(super) length: usize,
    /// `(width, edits, channels)`.
    pub(super) values: Vec<f32>,
}

impl Changes {
    /// Makes room for a stretch from every start on.
    pub(super) fn zeros(
        starts: Vec<isize>,
        (width, channels): (usize, usize),
        length: usize,
    ) -> Self {
        let values = vec![0.0; starts.len() * width * channels];
        Self {
            starts,
            width,
            channels,
            length,
            values,
        }
    }

    /// Copies a stretch from every start on; `row` gives the numbers of a position.
    pub(super) fn copied<'a>(
        starts: Vec<isize>,
        (width, channels): (usize, usize),
        (length, row): (usize, impl Fn(usize) -> &'a [f32]),
    ) -> Self {
        let mut values = Vec::with_capacity(starts.len() * width * channels);
        for place in 0..width as isize {
            for start in &starts {
                let position = start + place;
                if (0..length as isize).contains(&position) {
                    values.extend_from_slice(row(position as usize));
                } else {
                    values.resize(values.len() + channels, 0.0);
                }
            }
        }
        Self {
            starts,
            width,
            channels,
            length,
            values,
        }
    }

    /// Takes the one row of an only edit that has no positions.
    pub(super) fn row(values: Vec<f32>) -> Self {
        Self {
            starts: vec![0],
            width: 1,
            channels: values.len(),
            length: 1,
            values,
        }
    }

    pub(super) fn edits(&self) -> usize {
        self.starts.len()
    }

    /// Tells whether every stretch is the whole sequence.
    pub(super) fn is_whole(&self) -> bool {
        self.width == self.length && self.starts.iter().all(|&start| start == 0)
    }

    /// Returns which position of the sequence stands at a place of a stretch, if any does.
    pub(super) fn position(&self, edit: usize, place: usize) -> Option<usize> {
        let position = self.starts[edit] + place as isize;
        (0..self.length as isize)
            .contains(&position)
            .then_some(position as usize)
    }

    /// Returns the channels at a position of the sequence after an edit.
    pub(super) fn at<'a>(
        &'a self,
        origin: Option<&'a Level>,
        edit: usize,
        position: usize,
    ) -> &'a [f32] {
        let place = position as isize - self.starts[edit];
        if (0..self.width as isize).contains(&place) {
            let row = place as usize * self.edits() + edit;
            return &self.values[row * self.channels..(row + 1) * self.channels];
        }
        origin.map_or(&[], |origin| origin.row(position))
    }

    /// Calls `fill` for every place of every stretch that is inside the sequence.
    pub(super) fn fill(&mut self, mut fill: impl FnMut(usize, usize, &mut [f32])) {
        let edits = self.edits();
        let (starts, length) = (&self.starts, self.length as isize);
        for (row, out) in self.values.chunks_exact_mut(self.channels).enumerate() {
            let (place, edit) = (row / edits, row % edits);
            let position = starts[edit] + place as isize;
            if (0..length).contains(&position) {
                fill(edit, position as usize, out);
            }
        }
    }

    /// Widens stretches that are at least as wide as the sequence so that each is all of it.
    pub(super) fn bounded(self, origin: Option<&Level>) -> Self {
        if self.width < self.length || self.is_whole() {
            return self;
        }
        self.spread((vec![0; self.edits()], self.length), origin)
    }

    /// Returns the same numbers over other stretches, which hold those of the present ones.
    pub(super) fn spread(
        &self,
        (starts, width): (Vec<isize>, usize),
        origin: Option<&Level>,
    ) -> Self {
        let mut out = Self::zeros(starts, (width, self.channels), self.length);
        out.fill(|edit, position, row| row.copy_from_slice(self.at(origin, edit, position)));
        out
    }

    /// Takes the numbers of the origin off; what stands outside the sequence becomes zero.
    pub(super) fn less(mut self, origin: Option<&Level>) -> Self {
        let edits = self.edits();
        for place in 0..self.width {
            for edit in 0..edits {
                let position = self.position(edit, place);
                let row = (place * edits + edit) * self.channels;
                let row = &mut self.values[row..row + self.channels];
                match (position, origin) {
                    (None, _) => row.fill(0.0),
                    (Some(position), Some(origin)) => {
                        let origin = origin.row(position);
                        row.iter_mut().zip(origin).for_each(|(row, &x)| *row -= x);
                    }
                    (Some(_), None) => {}
                }
            }
        }
        self
    }

    /// Returns the numbers of whole examples, `(edits, channels, length)`.
    pub(super) fn rebuilt(&self, origin: Option<&Level>) -> Vec<f32> {
        let (channels, length) = (self.channels, self.length);
        let mut base = vec![0.0; channels * length];
        if let Some(origin) = origin {
            for (position, row) in origin.rows().enumerate() {
                for (channel, &x) in row.iter().enumerate() {
                    base[channel * length + position] = x;
                }
            }
        }
        let mut values = base.repeat(self.edits());
        for edit in 0..self.edits() {
            let out = &mut values[edit * base.len()..(edit + 1) * base.len()];
            for place in 0..self.width {
                let Some(position) = self.position(edit, place) else {
                    continue;
                };
                let row = (place * self.edits() + edit) * channels;
                for (channel, &x) in self.values[row..row + channels].iter().enumerate() {
                    out[channel * length + position] = x;
                }
            }
        }
        values
    }

    /// Returns the numbers of an only edit that covers the whole sequence, position by position.
    pub(super) fn level(&self) -> Level {
        self.clone().into_level()
    }

    /// Takes an only edit that covers the whole sequence as what a layer gives for an example.
    pub(super) fn into_level(self) -> Level {
        Level::new(self.channels, self.values)
    }

    /// Returns which positions of the sequence the stretch of an edit covers.
    pub(super) fn inside(&self, edit: usize) -> Range<usize> {
        let bounded = |position: isize| position.clamp(0, self.length as isize) as usize;
        let start = self.starts[edit];
        bounded(start)..bounded(start + self.width as isize)
    }

    /// Writes the numbers of an only edit over those of an example.
    pub(super) fn write(&self, level: &mut Level) {
        let positions = self.inside(0);
        if positions.is_empty() {
            return;
        }
        let first = (positions.start as isize - self.starts[0]) as usize;
        let rows = first * self.channels..(first + positions.len()) * self.channels;
        if let Some(rows) = self.values.get(rows) {
            level.put(positions.start, rows);
        }
    }

    /// Tells whether no number inside the sequence is infinite or none.
    pub(super) fn is_finite(&self) -> bool {
        all_finite(&self.values)
    }

    /// Returns the stretches seen from the other end, the channels reversed too if `complemented`.
    pub(super) fn reversed(&self, complemented: bool) -> Self {
        let end = |&start: &isize| self.length as isize - start - self.width as isize;
        let mut out = Self::zeros(
            self.starts.iter().map(end).collect(),
            (self.width, self.channels),
            self.length,
        );
        let size = self.edits() * self.channels;
        let places = self.values.chunks_exact(size.max(1)).rev();
        for (out, x) in out.values.chunks_exact_mut(size.max(1)).zip(places) {
            out.copy_from_slice(x);
        }
        if complemented {
            let rows = out.values.chunks_exact_mut(self.channels.max(1));
            rows.for_each(<[f32]>::reverse);
        }
        out
    }
}
