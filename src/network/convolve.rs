//! The convolution as a candle operation.
//!
//! candle's own CPU kernels are slow in both directions, so on the CPU filters slide over every example directly: nothing is unrolled
//! in memory, and one-hot input is looked up instead of multiplied. Gradients of filters are summed in the order of the examples, one
//! block of filters a thread, so that no result depends on the number of threads. On a GPU it is put together from candle's
//! operations.

use super::is_ours;
use super::kernel::{
    CORRELATED, Codes, Correlate, Filters, Frame, LETTERS, Lookup, SLID, Sink, Sizes, Slide,
    Tables, reach, run,
};
use super::operation::{Real, asked, by_precision, dtype, numbers, with_numbers};
use super::together::Found;
use super::unrolled::unrolled;
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, WithDType};
use rayon::prelude::*;
use std::sync::OnceLock;

/// Positions over which one sum of a gradient runs before it is added to what is there.
const STRETCH: usize = 1024;

/// How filters slide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Geometry {
    pub(crate) left: usize,
    pub(crate) right: usize,
    pub(crate) stride: usize,
    pub(crate) dilation: usize,
}

impl Geometry {
    /// Returns the number of outputs for a sequence that is long enough.
    pub(crate) fn positions(self, length: usize, width: usize) -> usize {
        (length + self.left + self.right - self.dilation * (width - 1) - 1) / self.stride + 1
    }

    /// Returns the length of the shortest sequence over which a filter fits.
    pub(crate) fn shortest(self, width: usize) -> usize {
        (self.dilation * (width - 1) + 1)
            .saturating_sub(self.left + self.right)
            .max(1)
    }
}

/// Convolves `x` `(n, channels, length)` with a kernel `(filters, channels, width)` and a bias `(filters)`.
pub(crate) fn convolve(
    x: &Tensor,
    (kernel, bias): (&Tensor, &Tensor),
    geometry: Geometry,
) -> Result<Tensor> {
    if is_ours(x.device()) {
        let operation = Convolve::new(geometry, Behind::Nothing, false);
        return Found::new(operation, (kernel, bias), 1)?.apply(x);
    }
    unrolled(x, (kernel, bias), geometry)
}

/// What is computed together with a convolution, which spares passes and copies in both directions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behind {
    Nothing,
    Rectifier,
    /// A rectifier, and then the input is added, which has the shape of the output.
    RectifierAndInput,
}

/// Filters that slide over the channels, on the CPU.
pub(crate) struct Convolve {
    geometry: Geometry,
    behind: Behind,
    /// Whether a backward pass may come.
    is_learned: bool,
    /// Where the rectifier let something pass, for a backward pass.
    open: OnceLock<Vec<bool>>,
}

impl Convolve {
    pub(crate) fn new(geometry: Geometry, behind: Behind, is_learned: bool) -> Self {
        Self {
            geometry,
            behind,
            is_learned,
            open: OnceLock::new(),
        }
    }

    /// Does to some numbers of an example what is behind the convolution; `x` are the same numbers of the input.
    fn finish<T: Real>(&self, out: &mut [T], x: &[T], open: &mut [bool]) {
        if self.behind == Behind::Nothing {
            return;
        }
        for (open, &out) in open.iter_mut().zip(out.iter()) {
            *open = out > T::zero();
        }
        for out in out.iter_mut() {
            *out = if *out < T::zero() { T::zero() } else { *out };
        }
        if self.behind == Behind::RectifierAndInput {
            out.iter_mut().zip(x).for_each(|(out, &x)| *out += x);
        }
    }
}

/// What filters look like for the two ways to compute: tables for examples that are one-hot, numbers for all others.
pub(crate) struct Prepared<T> {
    pub(crate) codes: Vec<Option<Codes>>,
    pub(crate) tables: Option<Tables<T>>,
    pub(crate) filters: Option<Filters<T>>,
    pub(crate) frame: Frame,
}

impl<T: Real> Prepared<T> {
    pub(crate) fn new(sizes: &Sizes, x: &[T], (kernel, bias): (&[T], &[T])) -> Self {
        let read = |x: &[T]| {
            let codes = (sizes.channels == LETTERS).then(|| Codes::read(x));
            codes.flatten()
        };
        let codes: Vec<_> = x.par_chunks(sizes.inputs()).map(read).collect();
        let taps = sizes.taps();
        Self {
            tables: codes
                .iter()
                .any(Option::is_some)
                .then(|| Tables::new(kernel, bias, sizes.width)),
            filters: codes.iter().any(Option::is_none).then(|| {
                Filters::new((sizes.filters, taps), |filter, tap| {
                    kernel[filter * taps + tap]
                })
            }),
            frame: Frame::new(*sizes),
            codes,
        }
    }
}

impl Convolve {
    fn forward<T: Real>(
        &self,
        sizes: &Sizes,
        x: &[T],
        weights: (&[T], &[T]),
    ) -> (Vec<T>, Vec<bool>) {
        let prepared = Prepared::new(sizes, x, weights);
        let size = sizes.outputs();
        let mut out = vec![T::zero(); sizes.n * size];
        let is_noted = self.is_learned && self.behind != Behind::Nothing;
        let mut open = vec![false; if is_noted { out.len() } else { 0 }];
        let room = || (Vec::new(), vec![T::zero(); SLID * reach(sizes.positions)]);
        let all = out.par_chunks_mut(size).zip(x.par_chunks(sizes.inputs()));
        let all = all.zip(&prepared.codes);
        if is_noted {
            all.zip(open.par_chunks_mut(size)).for_each_init(
                room,
                |room, (((out, x), codes), open)| {
                    self.example((sizes, &prepared, weights.1), room, (x, codes), (out, open));
                },
            );
        } else {
            all.for_each_init(room, |room, ((out, x), codes)| {
                self.example(
                    (sizes, &prepared, weights.1),
                    room,
                    (x, codes),
                    (out, &mut []),
                );
            });
        }
        (out, open)
    }

    fn example<T: Real>(
        &self,
        (sizes, prepared, bias): (&Sizes, &Prepared<T>, &[T]),
        (room, found): &mut (Vec<T>, Vec<T>),
        (x, codes): (&[T], &Option<Codes>),
        (out, open): (&mut [T], &mut [bool]),
    ) {
        if let (Some(codes), Some(tables)) = (codes, &prepared.tables) {
            run(Lookup::new(tables, (codes, sizes), Sink::Rows(out)));
            return self.finish(out, x, open);
        }
        let Some(filters) = &prepared.filters else {
            return;
        };
        if room.is_empty() {
            *room = prepared.frame.room(1);
        }
        prepared.frame.fill(x, room);
        let step = SLID * sizes.positions;
        let blocks = out.chunks_mut(step);
        for (block, (out, bias)) in blocks.zip(bias.chunks(SLID)).enumerate() {
            run(Slide {
                filters,
                block,
                x: (room, prepared.frame.row),
                offsets: &prepared.frame.offsets,
                out: found,
                positions: sizes.positions,
            });
            let rows = found.chunks(reach(sizes.positions));
            let rows = out.chunks_mut(sizes.positions).zip(rows);
            for ((out, found), &bias) in rows.zip(bias) {
                for (out, &found) in out.iter_mut().zip(found) {
                    *out = found + bias;
                }
            }
            let here = block * step..block * step + out.len();
            let x = x.get(here.clone()).unwrap_or_default();
            self.finish(out, x, open.get_mut(here).unwrap_or_default());
        }
    }
}

/// Which numbers of the input a phase of the stride makes, and with which taps.
struct Phase<T> {
    filters: Filters<T>,
    offsets: Vec<usize>,
    first: usize,
    positions: usize,
}

/// What comes back to the numbers of the output: nothing where a rectifier held them back.
#[derive(Clone, Copy)]
struct Returned<'a, T> {
    gradient: &'a [T],
    /// Where the rectifier let something pass, if there is one.
    open: Option<&'a [bool]>,
    /// Whether the input was added.
    added: bool,
}

impl<T: Real> Returned<'_, T> {
    /// Copies as many numbers as there is room for, from here on.
    fn copy(self, start: usize, room: &mut [T]) {
        let gradient = &self.gradient[start..start + room.len()];
        let Some(open) = self.open else {
            return room.copy_from_slice(gradient);
        };
        for ((room, &gradient), &open) in room.iter_mut().zip(gradient).zip(&open[start..]) {
            *room = if open { gradient } else { T::zero() };
        }
    }
}

/// The gradient of the input: the turned filters slide over the gradient of the output.
fn input_gradient<T: Real>(sizes: &Sizes, kernel: &[T], returned: Returned<'_, T>) -> Vec<T> {
    let Geometry {
        left,
        stride,
        dilation,
        ..
    } = sizes.geometry;
    let furthest = (sizes.width - 1) * dilation / stride;
    let mut phases = Vec::new();
    for phase in 0..stride {
        let taps: Vec<usize> = (0..sizes.width)
            .filter(|tap| tap * dilation % stride == phase)
            .collect();
        // Positions of the padded sequence that this phase makes: phase, phase + stride, ...
        let start = left.saturating_sub(phase).div_ceil(stride);
        let end = (left + sizes.length).saturating_sub(phase).div_ceil(stride);
        if taps.is_empty() || start >= end {
            continue;
        }
        let (count, taps_of_one) = (taps.len(), sizes.taps());
        phases.push(Phase {
            filters: Filters::new((sizes.channels, sizes.filters * count), |channel, at| {
                let (filter, tap) = (at / count, taps[at % count]);
                kernel[filter * taps_of_one + channel * sizes.width + tap]
            }),
            offsets: taps
                .iter()
                .map(|tap| furthest - tap * dilation / stride + start)
                .collect(),
            first: start * stride + phase - left,
            positions: end - start,
        });
    }
    let longest = phases
        .iter()
        .map(|phase| phase.positions)
        .max()
        .unwrap_or(1);
    let furthest_start = left.div_ceil(stride);
    let row = furthest + (sizes.positions).max(furthest_start + longest);
    let mut out = vec![T::zero(); sizes.n * sizes.inputs()];
    out.par_chunks_mut(sizes.inputs())
        .enumerate()
        .for_each_init(
            || {
                let room = vec![T::zero(); sizes.filters * row + reach(longest)];
                (room, vec![T::zero(); SLID * reach(longest)])
            },
            |(room, found), (example, out)| {
                for (filter, room) in room.chunks_mut(row).take(sizes.filters).enumerate() {
                    let start = example * sizes.outputs() + filter * sizes.positions;
                    returned.copy(start, &mut room[furthest..furthest + sizes.positions]);
                }
                for phase in &phases {
                    for block in 0..phase.filters.blocks() {
                        run(Slide {
                            filters: &phase.filters,
                            block,
                            x: (room, row),
                            offsets: &phase.offsets,
                            out: found,
                            positions: phase.positions,
                        });
                        let rows = out[block * SLID * sizes.length..].chunks_mut(sizes.length);
                        let rows = rows.zip(found.chunks(reach(phase.positions)));
                        for (out, found) in rows.take(phase.filters.rows(block)) {
                            let out = out[phase.first..].iter_mut().step_by(stride);
                            for (out, &found) in out.zip(&found[..phase.positions]) {
                                *out = found;
                            }
                        }
                    }
                }
                if returned.added {
                    let gradient = &returned.gradient[example * sizes.outputs()..];
                    out.iter_mut()
                        .zip(gradient)
                        .for_each(|(out, &gradient)| *out += gradient);
                }
            },
        );
    out
}

fn kernel_gradient<T: Real>(sizes: &Sizes, x: &[T], returned: Returned<'_, T>) -> Vec<T> {
    let frame = Frame::new(*sizes);
    let row = reach(sizes.positions);
    let group = (STRETCH / sizes.positions).clamp(1, sizes.n.max(1));
    let mut room = frame.room(group);
    let mut wanted = vec![T::zero(); group * sizes.filters * row];
    let mut out = vec![T::zero(); sizes.filters * sizes.taps()];
    for (first, x) in x.chunks(group * sizes.inputs()).enumerate() {
        let examples = x.len() / sizes.inputs();
        let start = first * group * sizes.outputs();
        room.par_chunks_mut(frame.size())
            .zip(x.par_chunks(sizes.inputs()))
            .for_each(|(room, x)| frame.fill(x, room));
        wanted
            .par_chunks_mut(row)
            .take(examples * sizes.filters)
            .enumerate()
            .for_each(|(at, wanted)| {
                returned.copy(start + at * sizes.positions, &mut wanted[..sizes.positions]);
            });
        out.par_chunks_mut(CORRELATED * sizes.taps())
            .enumerate()
            .for_each(|(block, out)| {
                run(Correlate {
                    x: (&room, frame.row),
                    channels: sizes.channels,
                    offsets: &frame.offsets,
                    gradient: (&wanted[..examples * sizes.filters * row], row),
                    filters: sizes.filters,
                    first: block * CORRELATED,
                    out,
                });
            });
    }
    out
}

/// Sums over examples and positions, in their order.
fn bias_gradient<T: Real>(sizes: &Sizes, returned: Returned<'_, T>) -> Vec<T> {
    (0..sizes.filters)
        .into_par_iter()
        .map(|filter| {
            let mut row = vec![T::zero(); sizes.positions];
            (0..sizes.n)
                .map(|example| {
                    returned.copy(
                        (example * sizes.filters + filter) * sizes.positions,
                        &mut row,
                    );
                    let mut sums = [T::zero(); 8];
                    for row in row.chunks(8) {
                        for (sum, &value) in sums.iter_mut().zip(row) {
                            *sum += value;
                        }
                    }
                    sums.iter().fold(T::zero(), |sum, &value| sum + value)
                })
                .fold(T::zero(), |sum, value| sum + value)
        })
        .collect()
}

impl CustomOp3 for Convolve {
    fn name(&self) -> &'static str {
        "convolution"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        kernel: &CpuStorage,
        kernel_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let sizes = Sizes::new(x_layout.shape(), kernel_layout.shape(), self.geometry)?;
        let out = by_precision!(dtype(x), T => {
            let weights = (numbers::<T>(kernel, kernel_layout)?, numbers(bias, bias_layout)?);
            let (out, open) = self.forward(&sizes, numbers(x, x_layout)?, weights);
            // Only the first pass is remembered, and there is one.
            self.open.get_or_init(|| open);
            T::to_cpu_storage_owned(out)
        });
        let shape = Shape::from((sizes.n, sizes.filters, sizes.positions));
        Ok((out, shape))
    }

    fn bwd(
        &self,
        x: &Tensor,
        kernel: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let sizes = Sizes::new(x.shape(), kernel.shape(), self.geometry)?;
        let gradient = gradient.contiguous()?;
        by_precision!(gradient.dtype(), T => {
            with_numbers::<T, _>(&gradient, |gradient| {
                let open = self.open.get().filter(|open| !open.is_empty());
                let returned = Returned {
                    gradient,
                    open: open.map(Vec::as_slice),
                    added: self.behind == Behind::RectifierAndInput,
                };
                // What nobody asked for is not computed: the input while training, the weights while explaining.
                let for_x = asked(x, || {
                    with_numbers(kernel, |kernel| Ok(input_gradient(&sizes, kernel, returned)))
                })?;
                let for_kernel = asked(kernel, || {
                    with_numbers(x, |x| Ok(kernel_gradient(&sizes, x, returned)))
                })?;
                let for_bias = asked(bias, || Ok(bias_gradient(&sizes, returned)))?;
                Ok((for_x, for_kernel, for_bias))
            })
        })
    }
}
