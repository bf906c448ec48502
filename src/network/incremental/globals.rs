//! Pools over the whole sequence.

use super::changes::Changes;
use super::level::Level;
use super::pools::keep_largest;
use crate::Result;
use crate::network::Pooling;
use candle_core::{Device, Tensor};

/// What a pool over the whole origin keeps, so that the positions that stay need not be seen again.
#[derive(Clone, Debug)]
pub(super) enum Global {
    /// The largest numbers before and from every position, the end too.
    Max { before: Level, from: Level },
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

    /// Pools every edit, `(edits, channels)`.
    pub(super) fn reduce(&self, x: &Changes) -> Result<Tensor> {
        let (edits, channels) = (x.edits(), x.channels);
        let mut out = Vec::with_capacity(edits * channels);
        match self {
            Self::Max { before, from } => {
                let inside = |position: isize| position.clamp(0, x.length as isize) as usize;
                for &start in &x.starts {
                    out.extend_from_slice(before.row(inside(start)));
                    let row = out.len() - channels;
                    keep_largest(&mut out[row..], from.row(inside(start + x.width as isize)));
                }
                for place in 0..x.width {
                    for edit in 0..edits {
                        if x.position(edit, place).is_some() {
                            let row = (place * edits + edit) * channels;
                            let row = &x.values[row..row + channels];
                            keep_largest(&mut out[edit * channels..(edit + 1) * channels], row);
                        }
                    }
                }
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
        Ok(Tensor::from_vec(out, (edits, channels), &Device::Cpu)?)
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
