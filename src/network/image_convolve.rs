//! The convolution of images as a candle operation.
//!
//! Filters slide over the rows of an image as they do over a sequence, by the same innermost loops: nothing is unrolled in memory.
//! Gradients of filters are summed in the order of the examples, so that no result depends on the number of threads. On a GPU it is
//! put together from candle's operations.

use super::convolve::Geometry;
use super::image_unrolled::image_unrolled;
use super::is_ours;
use super::kernel::{
    CORRELATED, Correlate, Filters, ImageFrame, ImageSizes, SLID, Slide, reach, run,
};
use super::operation::{Real, asked, by_precision, dtype, numbers, sum, with_numbers};
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, WithDType};
use rayon::prelude::*;

/// Positions over which one sum of a gradient runs before it is added to what is there.
const STRETCH: usize = 1024;

/// Convolves `x` `(n, channels, height, width)` with a kernel `(filters, channels, height, width)` and a bias `(filters)`.
pub(crate) fn image_convolve(
    x: &Tensor,
    (kernel, bias): (&Tensor, &Tensor),
    geometry: [Geometry; 2],
) -> Result<Tensor> {
    if is_ours(x.device()) {
        let weights = (kernel.contiguous()?, bias.contiguous()?);
        let operation = ImageConvolve { geometry };
        return x.contiguous()?.apply_op3(&weights.0, &weights.1, operation);
    }
    image_unrolled(x, (kernel, bias), geometry)
}

struct ImageConvolve {
    geometry: [Geometry; 2],
}

fn forward<T: Real>(sizes: &ImageSizes, x: &[T], (kernel, bias): (&[T], &[T])) -> Vec<T> {
    let frame = ImageFrame::new(*sizes);
    let taps = sizes.channels * sizes.taps();
    let filters = Filters::new((sizes.filters, taps), |filter, tap| {
        kernel[filter * taps + tap]
    });
    let (area, row) = (sizes.area(), reach(frame.positions));
    let mut out = vec![T::zero(); sizes.n * sizes.filters * area];
    out.par_chunks_mut(sizes.filters * area)
        .zip(x.par_chunks(sizes.channels * sizes.pixels()))
        .for_each_init(
            || (frame.room(1), vec![T::zero(); SLID * row]),
            |(room, found), (out, x)| {
                frame.fill(x, room);
                let blocks = out.chunks_mut(SLID * area).zip(bias.chunks(SLID));
                for (block, (out, bias)) in blocks.enumerate() {
                    run(Slide {
                        filters: &filters,
                        block,
                        x: (room, frame.channel),
                        offsets: &frame.offsets,
                        out: found,
                        positions: frame.positions,
                    });
                    let rows = out.chunks_mut(area).zip(found.chunks(row));
                    for ((out, found), &bias) in rows.zip(bias) {
                        let lines = out.chunks_mut(sizes.out[1]).zip(found.chunks(frame.pitch));
                        for (out, found) in lines {
                            for (out, &found) in out.iter_mut().zip(found) {
                                *out = found + bias;
                            }
                        }
                    }
                }
            },
        );
    out
}

/// Along one axis, the pixels of the input that a phase of the stride makes, and with which taps.
struct Side {
    taps: Vec<usize>,
    /// How many steps of the stride lie before the first of them, zeros included.
    start: usize,
    first: usize,
    count: usize,
}

/// How pixels of the input are made along one axis.
struct Sides {
    phases: Vec<Side>,
    /// How far the taps reach back.
    furthest: usize,
    /// Numbers that a row, or a column, of the gradient takes with what lies around it.
    extent: usize,
}

impl Sides {
    fn new(sizes: &ImageSizes, axis: usize) -> Self {
        let Geometry {
            left,
            stride,
            dilation,
            ..
        } = sizes.geometry[axis];
        let (size, width) = (sizes.image[axis], sizes.kernel[axis]);
        let furthest = (width - 1) * dilation / stride;
        let count = stride.min((width - 1) * dilation + 1);
        let side = |phase: usize| {
            let taps = (0..width).filter(|tap| tap * dilation % stride == phase);
            // Pixels of the padded image that this phase makes: phase, phase + stride, ...
            let start = left.saturating_sub(phase).div_ceil(stride);
            let end = (left + size).saturating_sub(phase).div_ceil(stride);
            Side {
                taps: taps.collect(),
                start,
                first: (start * stride + phase).saturating_sub(left),
                count: end.saturating_sub(start),
            }
        };
        let phases: Vec<Side> = (0..count)
            .map(side)
            .filter(|side| !side.taps.is_empty() && side.count > 0)
            .collect();
        let ends = phases.iter().map(|side| side.start + side.count);
        let extent = furthest + ends.fold(sizes.out[axis], usize::max);
        Self {
            phases,
            furthest,
            extent,
        }
    }
}

/// Pixels of the input that a phase of both strides makes.
struct Phase<'a, T> {
    sides: [&'a Side; 2],
    filters: Filters<T>,
    offsets: Vec<usize>,
    positions: usize,
}

/// The gradient of the input: the turned filters slide over the gradient of the output.
fn input_gradient<T: Real>(sizes: &ImageSizes, kernel: &[T], gradient: &[T]) -> Vec<T> {
    let (vertical, horizontal) = (Sides::new(sizes, 0), Sides::new(sizes, 1));
    let pitch = horizontal.extent;
    let plane = vertical.extent * pitch;
    let taps_of_one = sizes.channels * sizes.taps();
    let phase = |sides: [&'_ Side; 2]| {
        let [down, right] = sides.map(|side| &side.taps);
        let taps: Vec<(usize, usize)> = down
            .iter()
            .flat_map(|&t| right.iter().map(move |&u| (t, u)))
            .collect();
        let back = |side: &Sides, axis: usize, tap: usize| {
            let Geometry {
                stride, dilation, ..
            } = sizes.geometry[axis];
            side.furthest - tap * dilation / stride + sides[axis].start
        };
        let offsets = taps
            .iter()
            .map(|&(t, u)| back(&vertical, 0, t) * pitch + back(&horizontal, 1, u))
            .collect();
        let count = taps.len();
        let filters = Filters::new((sizes.channels, sizes.filters * count), |channel, at| {
            let (filter, (t, u)) = (at / count, taps[at % count]);
            kernel[filter * taps_of_one + channel * sizes.taps() + t * sizes.kernel[1] + u]
        });
        (filters, offsets)
    };
    let mut phases = Vec::new();
    for down in &vertical.phases {
        for right in &horizontal.phases {
            let (filters, offsets) = phase([down, right]);
            phases.push(Phase {
                sides: [down, right],
                filters,
                offsets,
                positions: (down.count - 1) * pitch + right.count,
            });
        }
    }
    let longest = phases.iter().map(|phase| phase.positions).max();
    let longest = reach(longest.unwrap_or(1));
    let (pixels, area) = (sizes.pixels(), sizes.area());
    let mut out = vec![T::zero(); sizes.n * sizes.channels * pixels];
    out.par_chunks_mut(sizes.channels * pixels)
        .zip(gradient.par_chunks(sizes.filters * area))
        .for_each_init(
            || {
                let room = vec![T::zero(); sizes.filters * plane + longest];
                (room, vec![T::zero(); SLID * longest])
            },
            |(room, found), (out, gradient)| {
                for (room, gradient) in room.chunks_mut(plane).zip(gradient.chunks(area)) {
                    let rows = room.chunks_mut(pitch).skip(vertical.furthest);
                    for (room, gradient) in rows.zip(gradient.chunks(sizes.out[1])) {
                        room[horizontal.furthest..][..sizes.out[1]].copy_from_slice(gradient);
                    }
                }
                for phase in &phases {
                    for block in 0..phase.filters.blocks() {
                        run(Slide {
                            filters: &phase.filters,
                            block,
                            x: (room, plane),
                            offsets: &phase.offsets,
                            out: found,
                            positions: phase.positions,
                        });
                        let channels = out[block * SLID * pixels..].chunks_mut(pixels);
                        let channels = channels.zip(found.chunks(reach(phase.positions)));
                        for (out, found) in channels.take(phase.filters.rows(block)) {
                            phase.write(sizes, (found, pitch), out);
                        }
                    }
                }
            },
        );
    out
}

impl<T: Real> Phase<'_, T> {
    /// Writes what was found into one channel of an image.
    fn write(&self, sizes: &ImageSizes, (found, pitch): (&[T], usize), out: &mut [T]) {
        let [down, right] = self.sides;
        let [vertical, horizontal] = sizes.geometry.map(|side| side.stride);
        let rows = out.chunks_mut(sizes.image[1]).skip(down.first);
        let rows = rows.step_by(vertical).take(down.count);
        for (out, found) in rows.zip(found.chunks(pitch)) {
            let out = out[right.first..].iter_mut().step_by(horizontal);
            for (out, &found) in out.zip(&found[..right.count]) {
                *out = found;
            }
        }
    }
}

fn kernel_gradient<T: Real>(sizes: &ImageSizes, x: &[T], gradient: &[T]) -> Vec<T> {
    let frame = ImageFrame::new(*sizes);
    let row = reach(frame.positions);
    let group = (STRETCH / frame.positions).clamp(1, sizes.n.max(1));
    let (area, inputs) = (sizes.area(), sizes.channels * sizes.pixels());
    let taps = sizes.channels * sizes.taps();
    let mut room = frame.room(group);
    let mut wanted = vec![T::zero(); group * sizes.filters * row];
    let mut out = vec![T::zero(); sizes.filters * taps];
    let groups = x
        .chunks(group * inputs)
        .zip(gradient.chunks(group * sizes.filters * area));
    for (x, gradient) in groups {
        let examples = x.len() / inputs;
        room.par_chunks_mut(frame.size())
            .zip(x.par_chunks(inputs))
            .for_each(|(room, x)| frame.fill(x, room));
        // Between rows stay zeros: what filters see there counts for nothing.
        wanted
            .par_chunks_mut(row)
            .zip(gradient.par_chunks(area))
            .for_each(|(wanted, gradient)| {
                let lines = wanted.chunks_mut(frame.pitch);
                for (wanted, gradient) in lines.zip(gradient.chunks(sizes.out[1])) {
                    wanted[..gradient.len()].copy_from_slice(gradient);
                }
            });
        out.par_chunks_mut(CORRELATED * taps)
            .enumerate()
            .for_each(|(block, out)| {
                run(Correlate {
                    x: (&room, frame.channel),
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

/// Sums over examples and pixels, in their order.
fn bias_gradient<T: Real>(sizes: &ImageSizes, gradient: &[T]) -> Vec<T> {
    let area = sizes.area();
    let all = |filter: usize| {
        let rows = gradient.chunks(area).skip(filter).step_by(sizes.filters);
        rows.map(sum).fold(T::zero(), |sum, value| sum + value)
    };
    (0..sizes.filters).into_par_iter().map(all).collect()
}

impl CustomOp3 for ImageConvolve {
    fn name(&self) -> &'static str {
        "image convolution"
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
        let sizes = ImageSizes::new(x_layout.shape(), kernel_layout.shape(), self.geometry)?;
        let out = by_precision!(dtype(x), T => {
            let weights = (numbers::<T>(kernel, kernel_layout)?, numbers(bias, bias_layout)?);
            T::to_cpu_storage_owned(forward(&sizes, numbers(x, x_layout)?, weights))
        });
        let [rows, columns] = sizes.out;
        Ok((out, Shape::from((sizes.n, sizes.filters, rows, columns))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        kernel: &Tensor,
        bias: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let sizes = ImageSizes::new(x.shape(), kernel.shape(), self.geometry)?;
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
