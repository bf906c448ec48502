//! A convolution, a rectifier and the maximum over the sequence in one operation: how DeepBind and its kin begin.
//!
//! No position but the strongest of every filter leaves a trace, and only there a gradient flows back; so the output of the convolution
//! is never written down, and the backward pass costs next to nothing.

use super::convolve::{Geometry, Prepared};
use super::kernel::{Lookup, SLID, Sink, Sizes, Slide, reach, run};
use super::operation::{
    Real, add_rows, asked, by_precision, clear, dtype, numbers, place_of_largest, with_numbers,
};
use super::together::Found;
use super::{Activation, Layer};
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, WithDType};
use rayon::prelude::*;
use std::sync::OnceLock;

/// Positions that a number of single precision can count.
const MOST: usize = 1 << 24;

/// Returns the operation of the first layers where they are a convolution, perhaps a rectifier, and a global maximum.
pub(crate) fn strongest(layers: &[Layer], weights: &[Tensor], x: &Tensor) -> Result<Option<Found>> {
    match Strongest::found(layers, weights, x)? {
        Some((operation, layers)) => {
            Found::new(operation, (&weights[0], &weights[1]), layers).map(Some)
        }
        None => Ok(None),
    }
}

pub(crate) struct Strongest {
    geometry: Geometry,
    rectified: bool,
    /// Where every filter of every example is strongest.
    places: OnceLock<Vec<u32>>,
}

impl Strongest {
    /// Returns the operation that some layers begin with, and how many layers it is.
    pub(crate) fn found(
        layers: &[Layer],
        weights: &[Tensor],
        x: &Tensor,
    ) -> Result<Option<(Self, usize)>> {
        let (layer, rectified, count) = match layers {
            [Layer::Convolution(layer), Layer::Pool(pool), ..] if pool.is_global_maximum() => {
                (layer, false, 2)
            }
            [
                Layer::Convolution(layer),
                Layer::Activation(Activation::Relu),
                Layer::Pool(pool),
                ..,
            ] if pool.is_global_maximum() => (layer, true, 3),
            _ => return Ok(None),
        };
        let [kernel, _] = weights else {
            return Ok(None);
        };
        // With groups, filters see only some of the channels.
        if kernel.dim(1)? != x.dim(1)? {
            return Ok(None);
        }
        let geometry = layer.geometry();
        let (_, _, length) = x.dims3()?;
        if geometry.positions(length, layer.width()) > MOST {
            return Ok(None);
        }
        let operation = Self {
            geometry,
            rectified,
            places: OnceLock::new(),
        };
        Ok(Some((operation, count)))
    }

    pub(crate) fn is_rectified(&self) -> bool {
        self.rectified
    }

    pub(crate) fn dilation(&self) -> usize {
        self.geometry.dilation
    }

    /// Returns where every filter of every example was strongest.
    pub(crate) fn places(&self) -> &[u32] {
        self.places.get().map_or(&[], Vec::as_slice)
    }

    pub(crate) fn sizes(&self, x: &Tensor, kernel: &Tensor) -> Result<Sizes> {
        Sizes::new(x.shape(), kernel.shape(), self.geometry)
    }

    fn forward<T: Real>(
        &self,
        sizes: &Sizes,
        x: &[T],
        (kernel, bias): (&[T], &[T]),
    ) -> (Vec<T>, Vec<u32>) {
        let prepared = Prepared::new(sizes, x, (kernel, bias));
        let row = reach(sizes.positions);
        let mut values = vec![T::zero(); sizes.n * sizes.filters];
        let mut places = vec![0; sizes.n * sizes.filters];
        values
            .par_chunks_mut(sizes.filters)
            .zip(places.par_chunks_mut(sizes.filters))
            .zip(x.par_chunks(sizes.inputs()))
            .zip(&prepared.codes)
            .for_each_init(
                || (Vec::new(), Vec::new()),
                |(room, found), (((values, places), x), codes)| {
                    if let (Some(codes), Some(tables)) = (codes, &prepared.tables) {
                        let sink = Sink::Largest(values, places);
                        run(Lookup::new(tables, (codes, sizes), sink));
                    } else if let Some(filters) = &prepared.filters {
                        if room.is_empty() {
                            *room = prepared.frame.room(1);
                            found.resize(SLID * row, T::zero());
                        }
                        prepared.frame.fill(x, room);
                        for block in 0..filters.blocks() {
                            run(Slide {
                                filters,
                                block,
                                x: (room, prepared.frame.row),
                                offsets: &prepared.frame.offsets,
                                out: found,
                                positions: sizes.positions,
                            });
                            for (i, found) in
                                found.chunks(row).take(filters.rows(block)).enumerate()
                            {
                                let filter = block * SLID + i;
                                let place = place_of_largest(&found[..sizes.positions]);
                                values[filter] = found[place] + bias[filter];
                                places[filter] = place as u32;
                            }
                        }
                    }
                    if self.rectified {
                        for value in values {
                            *value = if *value < T::zero() {
                                T::zero()
                            } else {
                                *value
                            };
                        }
                    }
                },
            );
        (values, places)
    }

    /// Returns what is asked of every filter of every example where it is strongest.
    fn wanted<T: Real>(&self, values: &[T], gradient: &[T]) -> Vec<T> {
        let open = |value: T| !self.rectified || value > T::zero();
        let pairs = values.iter().zip(gradient);
        pairs
            .map(|(&value, &gradient)| if open(value) { gradient } else { T::zero() })
            .collect()
    }

    /// Returns the first tap that stands inside the sequence where a filter is strongest, the position that it sees, and how many do.
    pub(crate) fn inside(&self, sizes: &Sizes, place: u32) -> (usize, usize, usize) {
        let Geometry {
            left,
            stride,
            dilation,
            ..
        } = self.geometry;
        let start = place as usize * stride;
        let first = left.saturating_sub(start).div_ceil(dilation);
        let end = (left + sizes.length)
            .saturating_sub(start)
            .div_ceil(dilation);
        let end = end.min(sizes.width);
        // A filter may be strongest where it sees nothing but padding.
        if first >= end {
            return (0, 0, 0);
        }
        (
            first,
            (start + first * dilation).saturating_sub(left),
            end - first,
        )
    }

    fn kernel_gradient<T: Real>(
        &self,
        (sizes, places): (&Sizes, &[u32]),
        x: &[T],
        wanted: &[T],
    ) -> Vec<T> {
        let mut out = vec![T::zero(); sizes.filters * sizes.taps()];
        out.par_chunks_mut(sizes.taps())
            .enumerate()
            .for_each(|(filter, out)| {
                for (example, x) in x.chunks(sizes.inputs()).enumerate() {
                    let at = example * sizes.filters + filter;
                    if wanted[at] == T::zero() {
                        continue;
                    }
                    let (first, position, count) = self.inside(sizes, places[at]);
                    let rows = out.chunks_mut(sizes.width).zip(x.chunks(sizes.length));
                    for (out, x) in rows {
                        let x = x[position..].iter().step_by(self.geometry.dilation);
                        for (out, &x) in out[first..first + count].iter_mut().zip(x) {
                            *out += wanted[at] * x;
                        }
                    }
                }
            });
        out
    }

    fn input_gradient<T: Real>(
        &self,
        (sizes, places): (&Sizes, &[u32]),
        kernel: &[T],
        wanted: &[T],
    ) -> Vec<T> {
        let mut out = vec![T::zero(); sizes.n * sizes.inputs()];
        out.par_chunks_mut(sizes.inputs())
            .zip(places.par_chunks(sizes.filters))
            .zip(wanted.par_chunks(sizes.filters))
            .for_each(|((out, places), wanted)| {
                clear(out);
                let filters = kernel.chunks(sizes.taps());
                for ((&place, &wanted), kernel) in places.iter().zip(wanted).zip(filters) {
                    if wanted == T::zero() {
                        continue;
                    }
                    self.spread(sizes, (place, wanted), (kernel, out));
                }
            });
        out
    }

    /// Adds what is asked of a filter at one place to the positions that it sees there.
    pub(crate) fn spread<T: Real>(
        &self,
        sizes: &Sizes,
        (place, wanted): (u32, T),
        (kernel, out): (&[T], &mut [T]),
    ) {
        let (first, position, count) = self.inside(sizes, place);
        let rows = out.chunks_mut(sizes.length).zip(kernel.chunks(sizes.width));
        for (out, kernel) in rows {
            let out = out[position..].iter_mut().step_by(self.geometry.dilation);
            for (out, &kernel) in out.zip(&kernel[first..first + count]) {
                *out += wanted * kernel;
            }
        }
    }
}

impl CustomOp3 for Strongest {
    fn name(&self) -> &'static str {
        "strongest position"
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
        let (out, places) = by_precision!(dtype(x), T => {
            let weights = (numbers::<T>(kernel, kernel_layout)?, numbers(bias, bias_layout)?);
            let (values, places) = self.forward(&sizes, numbers(x, x_layout)?, weights);
            (T::to_cpu_storage_owned(values), places)
        });
        self.places.get_or_init(|| places);
        Ok((out, Shape::from((sizes.n, sizes.filters))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        kernel: &Tensor,
        bias: &Tensor,
        out: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let sizes = self.sizes(x, kernel)?;
        let places = self.places();
        let gradient = gradient.contiguous()?;
        by_precision!(gradient.dtype(), T => {
            with_numbers::<T, _>(&gradient, |gradient| {
                let wanted = with_numbers(out, |out| Ok(self.wanted(out, gradient)))?;
                let for_x = asked(x, || {
                    with_numbers(kernel, |kernel| {
                        Ok(self.input_gradient((&sizes, places), kernel, &wanted))
                    })
                })?;
                let for_kernel = asked(kernel, || {
                    with_numbers(x, |x| Ok(self.kernel_gradient((&sizes, places), x, &wanted)))
                })?;
                let for_bias = asked(bias, || {
                    Ok(add_rows(wanted.chunks(sizes.filters), sizes.filters))
                })?;
                Ok((for_x, for_kernel, for_bias))
            })
        })
    }
}
