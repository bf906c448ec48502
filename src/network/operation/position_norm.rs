//! Every position in units of its own spread over the channels: what a layer norm and an RMS norm compute.

use super::real::{Real, by_precision, dtype, numbers, with_numbers};
use super::sums::add_rows;
use crate::network::is_ours;
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, WithDType, bail};
use rayon::prelude::*;

/// Computes `(x - mean) / sqrt(variance + epsilon) * scale` over axis 1 of `(n, channels)` or `(n, channels, length)`.
///
/// Without `centered` the mean is left in, and the mean square takes the place of the variance.
pub(crate) fn position_norm(
    x: &Tensor,
    scale: &Tensor,
    (centered, epsilon): (bool, f64),
) -> Result<Tensor> {
    if is_ours(x.device()) {
        let norm = Norm { centered, epsilon };
        return x.contiguous()?.apply_op2(&scale.contiguous()?, norm);
    }
    composed_position_norm(x, scale, (centered, epsilon))
}

/// The same, from candle's operations.
fn composed_position_norm(
    x: &Tensor,
    scale: &Tensor,
    (centered, epsilon): (bool, f64),
) -> Result<Tensor> {
    let x = if centered {
        x.broadcast_sub(&x.mean_keepdim(1)?)?
    } else {
        x.clone()
    };
    let spread = x.sqr()?.mean_keepdim(1)?.affine(1.0, epsilon)?.sqrt()?;
    let mut shape = vec![1; x.rank()];
    shape[1] = x.dim(1)?;
    x.broadcast_div(&spread)?
        .broadcast_mul(&scale.reshape(shape)?)
}

#[derive(Clone, Copy)]
struct Norm {
    centered: bool,
    epsilon: f64,
}

fn sizes(shape: &Shape) -> Result<(usize, usize)> {
    match *shape.dims() {
        [_, channels] => Ok((channels, 1)),
        [_, channels, length] => Ok((channels, length)),
        _ => bail!("expected 2 or 3 axes, got {shape:?}"),
    }
}

impl Norm {
    /// Computes mean and one over the spread of every position of one example.
    fn measure<T: Real>(self, x: &[T], (channels, length): (usize, usize)) -> (Vec<T>, Vec<T>) {
        let count = T::from_f64(channels as f64);
        let mut mean = vec![T::zero(); length];
        if self.centered {
            for x in x.chunks(length) {
                mean.iter_mut().zip(x).for_each(|(mean, &x)| *mean += x);
            }
            for mean in &mut mean {
                *mean /= count;
            }
        }
        let mut rise = vec![T::zero(); length];
        for x in x.chunks(length) {
            for ((rise, &x), &mean) in rise.iter_mut().zip(x).zip(&mean) {
                *rise += (x - mean) * (x - mean);
            }
        }
        for rise in &mut rise {
            *rise = (*rise / count + T::from_f64(self.epsilon)).sqrt().recip();
        }
        (mean, rise)
    }

    fn forward<T: Real>(self, x: &[T], scale: &[T], length: usize) -> Vec<T> {
        let size = scale.len() * length;
        let mut out = vec![T::zero(); x.len()];
        out.par_chunks_mut(size)
            .zip(x.par_chunks(size))
            .for_each(|(out, x)| {
                let (mean, rise) = self.measure(x, (scale.len(), length));
                let rows = out.chunks_mut(length).zip(x.chunks(length));
                for ((out, x), &scale) in rows.zip(scale) {
                    let numbers = out.iter_mut().zip(x).zip(mean.iter().zip(&rise));
                    for ((out, &x), (&mean, &rise)) in numbers {
                        *out = (x - mean) * rise * scale;
                    }
                }
            });
        out
    }

    /// Computes the gradients of one example, and its share in that of the scale.
    fn example<T: Real>(self, (x, scale, gradient): (&[T], &[T], &[T]), out: &mut [T]) -> Vec<T> {
        let length = x.len() / scale.len();
        let (mean, rise) = self.measure(x, (scale.len(), length));
        let count = T::from_f64(scale.len() as f64);
        // Sums over the channels of what comes back, and of its part along the standardised numbers.
        let mut whole = vec![T::zero(); length];
        let mut along = vec![T::zero(); length];
        let mut for_scale = Vec::with_capacity(scale.len());
        let rows = || x.chunks(length).zip(gradient.chunks(length)).zip(scale);
        for ((x, gradient), &scale) in rows() {
            let mut sum = T::zero();
            for place in 0..length {
                let standard = (x[place] - mean[place]) * rise[place];
                sum += standard * gradient[place];
                whole[place] += scale * gradient[place];
                along[place] += scale * gradient[place] * standard;
            }
            for_scale.push(sum);
        }
        for (((x, gradient), &scale), out) in rows().zip(out.chunks_mut(length)) {
            for place in 0..length {
                let standard = (x[place] - mean[place]) * rise[place];
                let mut rest = standard * along[place];
                if self.centered {
                    rest += whole[place];
                }
                out[place] = rise[place] * (scale * gradient[place] - rest / count);
            }
        }
        for_scale
    }

    fn backward<T: Real>(self, x: &[T], scale: &[T], gradient: &[T], length: usize) -> [Vec<T>; 2] {
        let size = scale.len() * length;
        let mut out = vec![T::zero(); x.len()];
        let rows: Vec<Vec<T>> = out
            .par_chunks_mut(size)
            .zip(x.par_chunks(size).zip(gradient.par_chunks(size)))
            .map(|(out, (x, gradient))| self.example((x, scale, gradient), out))
            .collect();
        [out, add_rows(&rows, scale.len())]
    }
}

impl CustomOp2 for Norm {
    fn name(&self) -> &'static str {
        "position norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        scale: &CpuStorage,
        scale_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (_, length) = sizes(x_layout.shape())?;
        let out = by_precision!(dtype(x), T => {
            let scale = numbers(scale, scale_layout)?;
            T::to_cpu_storage_owned(self.forward::<T>(numbers(x, x_layout)?, scale, length))
        });
        Ok((out, x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        scale: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (channels, length) = sizes(x.shape())?;
        let gradient = gradient.contiguous()?;
        by_precision!(x.dtype(), T => {
            let [for_x, for_scale] = with_numbers::<T, _>(x, |x| {
                with_numbers(scale, |scale| {
                    with_numbers(&gradient, |gradient| {
                        Ok(self.backward(x, scale, gradient, length))
                    })
                })
            })?;
            let for_x = Tensor::from_vec(for_x, x.shape(), x.device())?;
            Ok((Some(for_x), Some(Tensor::from_vec(for_scale, channels, x.device())?)))
        })
    }
}
