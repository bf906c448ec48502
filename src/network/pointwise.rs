//! Activations as candle operations: one pass forward and one backward on the CPU, candle's kernels on a GPU.

use super::operation::{Real, by_precision, dtype, numbers};
use super::{Activation, is_ours};
use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor, Var};
use rayon::prelude::*;

/// Numbers that one thread handles at a time.
const GRAIN: usize = 16_384;

pub(crate) fn apply(activation: Activation, x: &Tensor) -> Result<Tensor> {
    if is_ours(x.device()) {
        return x.contiguous()?.apply_op1(Value(activation));
    }
    compose(activation, x)
}

/// Computes what comes back to `x` when `gradient` comes back to what an activation made of it; nothing is noted for candle.
pub(crate) fn pull_back(activation: Activation, x: &Tensor, gradient: &Tensor) -> Result<Tensor> {
    if is_ours(x.device()) {
        return x
            .contiguous()?
            .apply_op2_no_bwd(&gradient.contiguous()?, &Slope(activation));
    }
    let x = Var::from_tensor(&x.detach())?;
    let out = compose(activation, x.as_tensor())?;
    let gradients = (out * gradient.detach())?.sum_all()?.backward()?;
    match gradients.get(&x) {
        Some(found) => Ok(found.detach()),
        None => x.zeros_like(),
    }
}

/// Computes an activation from candle's operations.
fn compose(activation: Activation, x: &Tensor) -> Result<Tensor> {
    match activation {
        Activation::Relu => rectify(x),
        Activation::LeakyRelu(slope) => {
            let below = x.affine(f64::from(slope), 0.0)?;
            x.le(&x.zeros_like()?)?.where_cond(&below, x)
        }
        Activation::Elu(scale) => x.elu(f64::from(scale)),
        // candle's own slopes of GELU have constants of six digits.
        Activation::Gelu => {
            let scaled = x.affine(std::f64::consts::FRAC_1_SQRT_2, 0.0)?;
            x * scaled.erf()?.affine(0.5, 0.5)?
        }
        Activation::Silu => x.silu(),
        Activation::Sigmoid => (x.affine(0.5, 0.0)?.tanh()? + 1.0)?.affine(0.5, 0.0),
        Activation::Tanh => x.tanh(),
        Activation::Softplus => {
            let size = x.abs()?;
            let rest = (size.neg()?.exp()? + 1.0)?.log()?;
            // Half of the number and half of its size: for candle, the slope of a size is not 0 at 0.
            x.affine(0.5, 0.0)? + (size.affine(0.5, 0.0)? + rest)?
        }
        Activation::GeluTanh => {
            let root = (2.0 / std::f64::consts::PI).sqrt();
            let bent = x.sqr()?.affine(0.044_715 * root, root)?;
            x * (x * bent)?.tanh()?.affine(0.5, 0.5)?
        }
        Activation::Exp => x.exp(),
        Activation::Threshold { threshold, value } => {
            let value = Tensor::full(value, x.shape(), x.device())?.to_dtype(x.dtype())?;
            x.le(f64::from(threshold))?.where_cond(&value, x)
        }
    }
}

/// candle's own `relu` has slope 1 at 0, where `PyTorch` has 0. What is no number passes, and what is infinite makes none.
fn rectify(x: &Tensor) -> Result<Tensor> {
    let zeros = x.zeros_like()?;
    x.le(&zeros)?.where_cond(&zeros, x)
}

/// An activation, forward on the CPU.
pub(crate) struct Value(pub(crate) Activation);

impl Value {
    fn compute<T: Real>(&self, x: &[T]) -> CpuStorage {
        let mut out = vec![T::zero(); x.len()];
        in_pieces(&mut out, |start, out| {
            let both = out.iter_mut().zip(&x[start..]);
            // The most frequent, which are shorter than the question which one it is.
            match self.0 {
                Activation::Relu => {
                    both.for_each(|(out, &x)| *out = if x < T::zero() { T::zero() } else { x });
                }
                Activation::LeakyRelu(slope) => {
                    let slope = T::from_f64(slope.into());
                    both.for_each(|(out, &x)| *out = if x > T::zero() { x } else { slope * x });
                }
                other => both.for_each(|(out, &x)| *out = other.at(x)),
            }
        });
        T::to_cpu_storage_owned(out)
    }
}

impl CustomOp1 for Value {
    fn name(&self) -> &'static str {
        "activation"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let out = by_precision!(dtype(storage), T => self.compute::<T>(numbers(storage, layout)?));
        Ok((out, layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let slope = Slope(self.0);
        Ok(Some(
            x.contiguous()?
                .apply_op2_no_bwd(&gradient.contiguous()?, &slope)?,
        ))
    }
}

/// Fills pieces, each told where it begins, by several threads if there is more than one.
fn in_pieces<T: Real>(out: &mut [T], fill: impl Fn(usize, &mut [T]) + Sync) {
    if out.len() <= GRAIN {
        return fill(0, out);
    }
    out.par_chunks_mut(GRAIN)
        .enumerate()
        .for_each(|(piece, out)| fill(piece * GRAIN, out));
}

struct Slope(Activation);

impl Slope {
    fn compute<T: Real>(&self, x: &[T], gradient: &[T]) -> CpuStorage {
        let mut out = vec![T::zero(); x.len()];
        in_pieces(&mut out, |start, out| {
            let pairs = x[start..].iter().zip(&gradient[start..]);
            let all = out.iter_mut().zip(pairs);
            let (zero, one) = (T::zero(), T::one());
            match self.0 {
                Activation::Relu => all.for_each(|(out, (&x, &gradient))| {
                    *out = gradient * if x > zero { one } else { zero };
                }),
                Activation::LeakyRelu(slope) => {
                    let slope = T::from_f64(slope.into());
                    all.for_each(|(out, (&x, &gradient))| {
                        *out = gradient * if x > zero { one } else { slope };
                    });
                }
                other => all.for_each(|(out, (&x, &gradient))| {
                    *out = other.slope_at(x) * gradient;
                }),
            }
        });
        T::to_cpu_storage_owned(out)
    }
}

impl CustomOp2 for Slope {
    fn name(&self) -> &'static str {
        "activation slope"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let out = by_precision!(dtype(x), T => {
            self.compute::<T>(numbers(x, x_layout)?, numbers(gradient, gradient_layout)?)
        });
        Ok((out, x_layout.shape().clone()))
    }
}
