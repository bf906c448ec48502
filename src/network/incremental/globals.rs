//! Pools over the whole sequence.

use super::changes::Changes;
use super::level::Level;
use super::pools::keep_largest;
use super::state::Rows;
use crate::network::Pooling;
use crate::network::kernel::{Lanes, Work, run};
use std::ops::Range;

/// What a pool over the whole origin keeps, so that the positions that stay need not be seen again.
#[derive(Clone, Debug)]
pub(super) enum Global {
    /// The largest numbers before and from every position, the end too.
    Max {
        before: Level,
        from: Level,
        input: Level,
    },
    /// The sums over all positions.
    Average { sums: Vec<f64>, input: Level },
}

impl Global {
    /// Looks at all positions of the origin.
    pub(super) fn of(pooling: Pooling, input: &Level, channels: usize) -> Self {
        match pooling {
            Pooling::Max => Self::Max {
                before: running(input.rows(), channels),
                from: running(input.rows().rev(), channels).reversed(false),
                input: input.clone(),
            },
            Pooling::Average => {
                let mut sums = vec![0.0; channels];
                for row in input.rows() {
                    let row = sums.iter_mut().zip(row);
                    row.for_each(|(sum, &x)| *sum += f64::from(x));
                }
                Self::Average {
                    sums,
                    input: input.clone(),
                }
            }
        }
    }

    /// Moves to an only edit of the origin.
    pub(super) fn take(&mut self, x: &Changes) {
        let positions = x.inside(0);
        match self {
            Self::Max {
                before,
                from,
                input,
            } => {
                x.write(input);
                run_on(before.values_mut(), input, (positions.clone(), false));
                run_on(from.values_mut(), input, (positions, true));
            }
            Self::Average { sums, input } => {
                for position in positions {
                    let both = x.at(None, 0, position).iter().zip(input.row(position));
                    for (sum, (&new, &old)) in sums.iter_mut().zip(both) {
                        *sum += f64::from(new) - f64::from(old);
                    }
                }
                x.write(input);
            }
        }
    }

    /// Returns the largest numbers of the stretch of an edit.
    pub(super) fn largest(x: &Changes, edit: usize) -> Vec<f32> {
        let (edits, mut largest) = (x.edits(), vec![f32::NEG_INFINITY; x.channels]);
        for place in 0..x.width {
            if x.position(edit, place).is_some() {
                let row = (place * edits + edit) * x.channels;
                keep_largest(&mut largest, &x.values[row..row + x.channels]);
            }
        }
        largest
    }

    /// Adds the largest numbers of an edit of which those of its stretch are known.
    pub(super) fn around(&self, stretch: &Range<isize>, own: &[f32], out: &mut Vec<f32>) {
        let Self::Max { before, from, .. } = self else {
            return;
        };
        let end = before.rows().len() as isize - 1;
        let inside = |position: isize| position.clamp(0, end) as usize;
        let row = out.len();
        out.extend_from_slice(own);
        keep_largest(&mut out[row..], before.row(inside(stretch.start)));
        keep_largest(&mut out[row..], from.row(inside(stretch.end)));
    }

    /// Pools every edit, `(edits, channels)`.
    pub(super) fn reduce(&self, x: &Changes) -> Rows {
        let (edits, channels) = (x.edits(), x.channels);
        let mut out = Vec::with_capacity(edits * channels);
        match self {
            Self::Max { before, from, .. } => {
                for edit in 0..edits {
                    let positions = x.inside(edit);
                    out.extend_from_slice(before.row(positions.start));
                    let row = out.len() - channels;
                    keep_largest(&mut out[row..], from.row(positions.end));
                }
                run(Largest { x, out: &mut out });
            }
            Self::Average { sums, input } => {
                let count = x.length as f64;
                let mut all = vec![0.0; channels];
                for edit in 0..edits {
                    all.copy_from_slice(sums);
                    for place in 0..x.width {
                        if let Some(position) = x.position(edit, place) {
                            let row = (place * edits + edit) * channels;
                            let both = x.values[row..row + channels].iter();
                            for (all, (&new, &old)) in
                                all.iter_mut().zip(both.zip(input.row(position)))
                            {
                                *all += f64::from(new) - f64::from(old);
                            }
                        }
                    }
                    out.extend(all.iter().map(|&sum| (sum / count) as f32));
                }
            }
        }
        Rows::new(out, channels)
    }
}

/// Keeps the larger numbers of every edit's stretch.
struct Largest<'a> {
    x: &'a Changes,
    /// `(edits, channels)`.
    out: &'a mut [f32],
}

#[expect(unsafe_code, reason = "compiled for registers of several widths")]
#[expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of its caller"
)]
impl Work<f32> for Largest<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<V: Lanes<Number = f32>>(self) {
        let Self { x, out } = self;
        let (edits, channels) = (x.edits(), x.channels);
        for place in 0..x.width {
            for (edit, out) in out.chunks_exact_mut(channels).enumerate() {
                if x.position(edit, place).is_some() {
                    let row = (place * edits + edit) * channels;
                    keep_largest(out, &x.values[row..row + channels]);
                }
            }
        }
    }
}

/// Returns the largest numbers of the first rows, for no row, one, two and so on.
fn running<'a>(rows: impl Iterator<Item = &'a [f32]>, channels: usize) -> Level {
    let mut largest = vec![f32::NEG_INFINITY; channels];
    let mut values = largest.clone();
    for row in rows {
        keep_largest(&mut largest, row);
        values.extend_from_slice(&largest);
    }
    Level::new(channels, values)
}

/// Computes running largest numbers anew from the positions on that have changed, until nothing changes any more.
fn run_on(running: &mut [f32], input: &Level, (changed, is_backward): (Range<usize>, bool)) {
    let (count, channels) = (input.rows().len(), input.channels());
    let mut go = |position: usize| {
        let (before, behind) = running.split_at_mut((position + 1) * channels);
        let (here, next) = (&mut before[position * channels..], &mut behind[..channels]);
        let (known, out) = if is_backward {
            (next, here)
        } else {
            (here, next)
        };
        let mut is_new = false;
        for (out, (&known, &x)) in out.iter_mut().zip(known.iter().zip(input.row(position))) {
            let largest = if x > known { x } else { known };
            is_new |= *out != largest;
            *out = largest;
        }
        is_new
    };
    if is_backward {
        for position in (0..changed.end).rev() {
            if !go(position) && position < changed.start {
                break;
            }
        }
    } else {
        for position in changed.start..count {
            if !go(position) && position >= changed.end {
                break;
            }
        }
    }
}
