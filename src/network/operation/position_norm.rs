//! Every position in units of its own spread over the channels: what a layer norm and an RMS norm compute.

use super::real::{Real, asked, by_precision, dtype, numbers, with_numbers};
use super::sums::{add_rows, sum, sum_of};
use crate::network::is_ours;
use crate::network::rules::{Rules, Usual};
use crate::network::together::Found;
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, WithDType, bail};
use rayon::prelude::*;

/// Numbers that one thread handles at a time, but for an example that has more.
const GRAIN: usize = 16_384;

/// Computes `(x - mean) / sqrt(variance + epsilon) * scale + shift` over axis 1 of `(n, channels)` or `(n, channels, length)`.
///
/// Without `centered` the mean is left in, and the mean square takes the place of the variance.
pub(crate) fn position_norm(
    x: &Tensor,
    (scale, shift): (&Tensor, Option<&Tensor>),
    (centered, epsilon): (bool, f64),
) -> Result<Tensor> {
    if is_ours(x.device()) {
        let norm = PositionNorm { centered, epsilon };
        let shift = match shift {
            Some(shift) => shift.clone(),
            None => scale.detach().zeros_like()?,
        };
        return Found::new(norm, (scale, &shift), 1)?.apply(x);
    }
    ruled_position_norm(x, (scale, shift), ((centered, epsilon), &Usual))
}

/// The same, from operations that follow rules.
pub(crate) fn ruled_position_norm(
    x: &Tensor,
    (scale, shift): (&Tensor, Option<&Tensor>),
    ((centered, epsilon), rules): ((bool, f64), &dyn Rules),
) -> Result<Tensor> {
    let x = if centered {
        x.broadcast_sub(&x.mean_keepdim(1)?)?
    } else {
        x.clone()
    };
    let square = rules.product(&x, &x)?.mean_keepdim(1)?;
    let rise = rules.inverse_root(&square.affine(1.0, epsilon)?)?;
    let mut shape = vec![1; x.rank()];
    shape[1] = x.dim(1)?;
    let standard = rules.product(&x, &rise.broadcast_as(x.shape())?.contiguous()?)?;
    let scaled = standard.broadcast_mul(&scale.reshape(shape.as_slice())?)?;
    match shift {
        Some(shift) => scaled.broadcast_add(&shift.reshape(shape)?),
        None => Ok(scaled),
    }
}

/// The same on the CPU, with a shift.
#[derive(Clone, Copy)]
pub(crate) struct PositionNorm {
    pub(crate) centered: bool,
    pub(crate) epsilon: f64,
}

fn length(shape: &Shape) -> Result<usize> {
    match *shape.dims() {
        [_, _] => Ok(1),
        [_, _, length] => Ok(length),
        _ => bail!("expected 2 or 3 axes, got {shape:?}"),
    }
}

/// Mean and one over the spread of every position of an example, and room for numbers that belong to positions.
struct Moments<T> {
    mean: Vec<T>,
    rise: Vec<T>,
    /// Sums over the channels of what comes back, and of its part along the standardised numbers.
    whole: Vec<T>,
    along: Vec<T>,
    /// One channel, standardised.
    standard: Vec<T>,
}

impl<T: Real> Moments<T> {
    fn new(length: usize) -> Self {
        let room = || vec![T::zero(); length];
        Self {
            mean: room(),
            rise: room(),
            whole: room(),
            along: room(),
            standard: room(),
        }
    }
}

impl PositionNorm {
    /// Measures every position of one example.
    fn measure<T: Real>(self, x: &[T], channels: usize, moments: &mut Moments<T>) {
        let count = T::from_f64(channels as f64);
        let Moments { mean, rise, .. } = moments;
        let length = mean.len();
        let epsilon = T::from_f64(self.epsilon);
        if length == 1 {
            mean[0] = if self.centered {
                sum(x) / count
            } else {
                T::zero()
            };
            let mean = mean[0];
            let squares = sum_of(x, x, |x, _| (x - mean) * (x - mean));
            rise[0] = (squares / count + epsilon).sqrt().recip();
            return;
        }
        mean.fill(T::zero());
        if self.centered {
            for x in x.chunks(length) {
                mean.iter_mut().zip(x).for_each(|(mean, &x)| *mean += x);
            }
            for mean in mean.iter_mut() {
                *mean /= count;
            }
        }
        rise.fill(T::zero());
        for x in x.chunks(length) {
            for ((rise, &x), &mean) in rise.iter_mut().zip(x).zip(mean.iter()) {
                *rise += (x - mean) * (x - mean);
            }
        }
        for rise in rise.iter_mut() {
            *rise = (*rise / count + epsilon).sqrt().recip();
        }
    }

    fn forward<T: Real>(self, x: &[T], (scale, shift): (&[T], &[T]), length: usize) -> Vec<T> {
        let size = scale.len() * length;
        let mut out = vec![T::zero(); x.len()];
        out.par_chunks_mut(block(size))
            .zip(x.par_chunks(block(size)))
            .for_each_init(
                || Moments::new(length),
                |moments, (out, x)| {
                    for (out, x) in out.chunks_mut(size).zip(x.chunks(size)) {
                        self.measure(x, scale.len(), moments);
                        let Moments { mean, rise, .. } = moments;
                        let weights = scale.iter().zip(shift);
                        if length == 1 {
                            let (mean, rise) = (mean[0], rise[0]);
                            for ((out, &x), (&scale, &shift)) in out.iter_mut().zip(x).zip(weights)
                            {
                                *out = (x - mean) * rise * scale + shift;
                            }
                            continue;
                        }
                        let rows = out.chunks_mut(length).zip(x.chunks(length));
                        for ((out, x), (&scale, &shift)) in rows.zip(weights) {
                            let numbers = out.iter_mut().zip(x);
                            let numbers = numbers.zip(mean.iter().zip(rise.iter()));
                            for ((out, &x), (&mean, &rise)) in numbers {
                                *out = (x - mean) * rise * scale + shift;
                            }
                        }
                    }
                },
            );
        out
    }

    /// Computes the gradient of one example, and adds its shares in those of scale and shift.
    fn example<T: Real>(
        self,
        (x, scale, gradient): (&[T], &[T], &[T]),
        moments: &mut Moments<T>,
        (out, for_scale, for_shift): (&mut [T], &mut [T], &mut [T]),
    ) {
        self.measure(x, scale.len(), moments);
        let count = T::from_f64(scale.len() as f64);
        let Moments {
            mean,
            rise,
            whole,
            along,
            standard,
        } = moments;
        let length = mean.len();
        if length == 1 {
            let (mean, rise) = (mean[0], rise[0]);
            let weights = for_scale.iter_mut().zip(for_shift);
            for ((for_scale, for_shift), (&x, &gradient)) in weights.zip(x.iter().zip(gradient)) {
                *for_scale += (x - mean) * rise * gradient;
                *for_shift += gradient;
            }
            for ((out, &gradient), &scale) in out.iter_mut().zip(gradient).zip(scale) {
                *out = scale * gradient;
            }
            let along = sum_of(x, out, |x, asked| (x - mean) * rise * asked) / count;
            let whole = if self.centered {
                sum(out) / count
            } else {
                T::zero()
            };
            for (out, &x) in out.iter_mut().zip(x) {
                *out = rise * (*out - whole - (x - mean) * rise * along);
            }
            return;
        }
        whole.fill(T::zero());
        along.fill(T::zero());
        let rows = x.chunks(length).zip(gradient.chunks(length)).zip(scale);
        let sums = for_scale.iter_mut().zip(for_shift);
        for (((x, gradient), &scale), (for_scale, for_shift)) in rows.zip(sums) {
            let places = x.iter().zip(mean.iter().zip(rise.iter()));
            for (standard, (&x, (&mean, &rise))) in standard.iter_mut().zip(places) {
                *standard = (x - mean) * rise;
            }
            *for_scale += sum_of(standard, gradient, |standard, gradient| standard * gradient);
            *for_shift += sum(gradient);
            let sums = whole.iter_mut().zip(along.iter_mut());
            for ((whole, along), (&standard, &gradient)) in sums.zip(standard.iter().zip(gradient))
            {
                *whole += scale * gradient;
                *along += scale * gradient * standard;
            }
        }
        for (whole, along) in whole.iter_mut().zip(along.iter_mut()) {
            *whole = if self.centered {
                *whole / count
            } else {
                T::zero()
            };
            *along /= count;
        }
        let rows = x.chunks(length).zip(gradient.chunks(length)).zip(scale);
        for (((x, gradient), &scale), out) in rows.zip(out.chunks_mut(length)) {
            let places = mean.iter().zip(rise.iter());
            let places = places.zip(whole.iter().zip(along.iter()));
            let numbers = out.iter_mut().zip(x.iter().zip(gradient)).zip(places);
            for ((out, (&x, &gradient)), ((&mean, &rise), (&whole, &along))) in numbers {
                *out = rise * (scale * gradient - whole - (x - mean) * rise * along);
            }
        }
    }

    /// Computes the gradients of `x`, of the scale and of the shift.
    fn backward<T: Real>(self, x: &[T], scale: &[T], gradient: &[T], length: usize) -> [Vec<T>; 3] {
        let channels = scale.len();
        let size = channels * length;
        let mut out = vec![T::zero(); x.len()];
        let blocks = x
            .par_chunks(block(size))
            .zip(gradient.par_chunks(block(size)));
        let rows: Vec<Vec<T>> = out
            .par_chunks_mut(block(size))
            .zip(blocks)
            .map_init(
                || Moments::new(length),
                |moments, (out, (x, gradient))| {
                    let mut sums = vec![T::zero(); 2 * channels];
                    let (for_scale, for_shift) = sums.split_at_mut(channels);
                    let examples = x.chunks(size).zip(gradient.chunks(size));
                    for (out, (x, gradient)) in out.chunks_mut(size).zip(examples) {
                        let room = (out, &mut *for_scale, &mut *for_shift);
                        self.example((x, scale, gradient), moments, room);
                    }
                    sums
                },
            )
            .collect();
        let mut for_scale = add_rows(rows, 2 * channels);
        let for_shift = for_scale.split_off(channels);
        [out, for_scale, for_shift]
    }
}

/// How many numbers one thread handles at a time: whole examples, as many as only their size decides.
fn block(size: usize) -> usize {
    ((GRAIN / size.max(1)).max(1) * size).max(1)
}

impl CustomOp3 for PositionNorm {
    fn name(&self) -> &'static str {
        "position norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        scale: &CpuStorage,
        scale_layout: &Layout,
        shift: &CpuStorage,
        shift_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let length = length(x_layout.shape())?;
        let out = by_precision!(dtype(x), T => {
            let weights = (numbers(scale, scale_layout)?, numbers(shift, shift_layout)?);
            T::to_cpu_storage_owned(self.forward::<T>(numbers(x, x_layout)?, weights, length))
        });
        Ok((out, x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        scale: &Tensor,
        shift: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let length = length(x.shape())?;
        let gradient = gradient.contiguous()?;
        by_precision!(x.dtype(), T => {
            let [for_x, for_scale, for_shift] = with_numbers::<T, _>(x, |x| {
                with_numbers(scale, |scale| {
                    with_numbers(&gradient, |gradient| {
                        Ok(self.backward(x, scale, gradient, length))
                    })
                })
            })?;
            Ok((
                asked(x, || Ok(for_x))?,
                asked(scale, || Ok(for_scale))?,
                asked(shift, || Ok(for_shift))?,
            ))
        })
    }
}
