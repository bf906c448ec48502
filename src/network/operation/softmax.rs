//! Shares that add up to one.

use super::real::{Real, by_precision, dtype, numbers};
use crate::network::is_ours;
use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor, WithDType};
use rayon::prelude::*;

/// Computes `exp(x) / sum(exp(x))` along an axis.
pub(crate) fn softmax(x: &Tensor, axis: usize) -> Result<Tensor> {
    if !is_ours(x.device()) {
        return candle_nn::ops::softmax(x, axis);
    }
    x.contiguous()?.apply_op1(Softmax { axis })
}

#[derive(Clone, Copy)]
struct Softmax {
    axis: usize,
}

/// The numbers along the axis, and how far apart they stand.
fn sizes(shape: &Shape, axis: usize) -> (usize, usize) {
    let dims = shape.dims();
    (dims[axis], dims[axis + 1..].iter().product())
}

fn forward<T: Real>(x: &[T], (size, inner): (usize, usize)) -> Vec<T> {
    let mut out = x.to_vec();
    out.par_chunks_mut(size * inner).for_each(|out| {
        for place in 0..inner {
            let all = || (place..size * inner).step_by(inner);
            let largest = all().fold(T::neg_infinity(), |largest, at| {
                if out[at] > largest { out[at] } else { largest }
            });
            let mut sum = T::zero();
            for at in all() {
                out[at] = (out[at] - largest).exp();
                sum += out[at];
            }
            all().for_each(|at| out[at] /= sum);
        }
    });
    out
}

/// The gradient, from what was computed.
fn backward<T: Real>(y: &[T], gradient: &[T], (size, inner): (usize, usize)) -> Vec<T> {
    let mut out = vec![T::zero(); y.len()];
    out.par_chunks_mut(size * inner)
        .zip(
            y.par_chunks(size * inner)
                .zip(gradient.par_chunks(size * inner)),
        )
        .for_each(|(out, (y, gradient))| {
            for place in 0..inner {
                let all = || (place..size * inner).step_by(inner);
                let mean = all().fold(T::zero(), |sum, at| sum + y[at] * gradient[at]);
                all().for_each(|at| out[at] = y[at] * (gradient[at] - mean));
            }
        });
    out
}

impl CustomOp1 for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let sizes = sizes(layout.shape(), self.axis);
        let out = by_precision!(dtype(x), T => {
            T::to_cpu_storage_owned(forward::<T>(numbers(x, layout)?, sizes))
        });
        Ok((out, layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, y: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let gradient = gradient.contiguous()?;
        Ok(Some(y.apply_op2_no_bwd(&gradient, &Back(*self))?))
    }
}

struct Back(Softmax);

impl CustomOp2 for Back {
    fn name(&self) -> &'static str {
        "softmax gradient"
    }

    fn cpu_fwd(
        &self,
        y: &CpuStorage,
        y_layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let sizes = sizes(y_layout.shape(), self.0.axis);
        let out = by_precision!(dtype(y), T => {
            let gradient = numbers(gradient, gradient_layout)?;
            T::to_cpu_storage_owned(backward::<T>(numbers(y, y_layout)?, gradient, sizes))
        });
        Ok((out, y_layout.shape().clone()))
    }
}
