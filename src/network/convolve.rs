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
use super::unrolled::unrolled;
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, WithDType};
use rayon::prelude::*;

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
        let operation = Convolve(geometry);
        return x
            .contiguous()?
            .apply_op3(&kernel.contiguous()?, &bias.contiguous()?, operation);
    }
    unrolled(x, (kernel, bias), geometry)
}

struct Convolve(Geometry);

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

fn forward<T: Real>(sizes: &Sizes, x: &[T], (kernel, bias): (&[T], &[T])) -> Vec<T> {
    let prepared = Prepared::new(sizes, x, (kernel, bias));
    let row = reach(sizes.positions);
    let mut out = vec![T::zero(); sizes.n * sizes.outputs()];
    out.par_chunks_mut(sizes.outputs())
        .zip(x.par_chunks(sizes.inputs()))
        .zip(&prepared.codes)
        .for_each_init(
            || (Vec::new(), vec![T::zero(); SLID * row]),
            |(room, found), ((out, x), codes)| {
                if let (Some(codes), Some(tables)) = (codes, &prepared.tables) {
                    return run(Lookup::new(tables, (codes, sizes), Sink::Rows(out)));
                }
                let Some(filters) = &prepared.filters else {
                    return;
                };
                if room.is_empty() {
                    *room = prepared.frame.room(1);
                }
                prepared.frame.fill(x, room);
                let blocks = out.chunks_mut(SLID * sizes.positions);
                for (block, (out, bias)) in blocks.zip(bias.chunks(SLID)).enumerate() {
                    run(Slide {
                        filters,
                        block,
                        x: (room, prepared.frame.row),
                        offsets: &prepared.frame.offsets,
                        out: found,
                        positions: sizes.positions,
                    });
                    let rows = out.chunks_mut(sizes.positions).zip(found.chunks(row));
                    for ((out, found), &bias) in rows.zip(bias) {
                        for (out, &found) in out.iter_mut().zip(found) {
                            *out = found + bias;
                        }
                    }
                }
            },
        );
    out
}

/// Which numbers of the input a phase of the stride makes, and with which taps.
struct Phase<T> {
    filters: Filters<T>,
    offsets: Vec<usize>,
    first: usize,
    positions: usize,
}

/// The gradient of the input: the turned filters slide over the gradient of the output.
fn input_gradient<T: Real>(sizes: &Sizes, kernel: &[T], gradient: &[T]) -> Vec<T> {
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
        .zip(gradient.par_chunks(sizes.outputs()))
        .for_each_init(
            || {
                let room = vec![T::zero(); sizes.filters * row + reach(longest)];
                (room, vec![T::zero(); SLID * reach(longest)])
            },
            |(room, found), (out, gradient)| {
                for (gradient, room) in gradient.chunks(sizes.positions).zip(room.chunks_mut(row)) {
                    room[furthest..furthest + sizes.positions].copy_from_slice(gradient);
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
            },
        );
    out
}

fn kernel_gradient<T: Real>(sizes: &Sizes, x: &[T], gradient: &[T]) -> Vec<T> {
    let frame = Frame::new(*sizes);
    let row = reach(sizes.positions);
    let group = (STRETCH / sizes.positions).clamp(1, sizes.n.max(1));
    let mut room = frame.room(group);
    let mut wanted = vec![T::zero(); group * sizes.filters * row];
    let mut out = vec![T::zero(); sizes.filters * sizes.taps()];
    for (x, gradient) in x
        .chunks(group * sizes.inputs())
        .zip(gradient.chunks(group * sizes.outputs()))
    {
        room.par_chunks_mut(frame.size())
            .zip(x.par_chunks(sizes.inputs()))
            .for_each(|(room, x)| frame.fill(x, room));
        wanted
            .par_chunks_mut(row)
            .zip(gradient.par_chunks(sizes.positions))
            .for_each(|(wanted, gradient)| wanted[..sizes.positions].copy_from_slice(gradient));
        let examples = x.len() / sizes.inputs();
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
fn bias_gradient<T: Real>(sizes: &Sizes, gradient: &[T]) -> Vec<T> {
    (0..sizes.filters)
        .into_par_iter()
        .map(|filter| {
            let rows = gradient.chunks(sizes.positions).skip(filter);
            rows.step_by(sizes.filters)
                .map(|row| {
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
        let sizes = Sizes::new(x_layout.shape(), kernel_layout.shape(), self.0)?;
        let out = by_precision!(dtype(x), T => {
            let weights = (numbers::<T>(kernel, kernel_layout)?, numbers(bias, bias_layout)?);
            T::to_cpu_storage_owned(forward(&sizes, numbers(x, x_layout)?, weights))
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
        let sizes = Sizes::new(x.shape(), kernel.shape(), self.0)?;
        let gradient = gradient.contiguous()?;
        by_precision!(gradient.dtype(), T => {
            with_numbers::<T, _>(&gradient, |gradient| {
                // What nobody asked for is not computed: the input while training, the weights while explaining.
                let for_x = asked(x, || {
                    with_numbers(kernel, |kernel| Ok(input_gradient(&sizes, kernel, gradient)))
                })?;
                let for_kernel = asked(kernel, || {
                    with_numbers(x, |x| Ok(kernel_gradient(&sizes, x, gradient)))
                })?;
                let for_bias = asked(bias, || Ok(bias_gradient(&sizes, gradient)))?;
                Ok((for_x, for_kernel, for_bias))
            })
        })
    }
}
