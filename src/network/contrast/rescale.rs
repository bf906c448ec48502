//! Functions of one number between an example and its references.

use super::Groups;
use super::secant::secant;
use crate::network::Activation;
use crate::network::operation::{Real, by_precision, dtype, numbers};
use crate::network::pointwise::Value;
use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

/// Applies a function; multipliers come back times its rise between example and reference.
pub(super) fn rescaled(activation: Activation, x: &Tensor, groups: Groups) -> Result<Tensor> {
    x.contiguous()?.apply_op1(Rescaled { activation, groups })
}

#[derive(Clone, Copy)]
struct Rescaled {
    activation: Activation,
    groups: Groups,
}

impl CustomOp1 for Rescaled {
    fn name(&self) -> &'static str {
        "rescaled activation"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        Value(self.activation).cpu_fwd(x, layout)
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, multipliers: &Tensor) -> Result<Option<Tensor>> {
        let found = x.apply_op2_no_bwd(&multipliers.contiguous()?, &Rise(*self))?;
        Ok(Some(found))
    }
}

struct Rise(Rescaled);

impl Rise {
    fn compute<T: Real>(&self, x: &[T], multipliers: &[T], row: usize) -> Vec<T> {
        let Rescaled { activation, groups } = self.0;
        let mut out = vec![T::zero(); x.len()];
        let rows = out
            .par_chunks_mut(row)
            .zip(multipliers.par_chunks(row))
            .enumerate();
        rows.for_each(|(index, (out, multipliers))| {
            let start = groups.example(index) * row;
            let own = &x[start..start + row];
            let others = &x[index * row..(index + 1) * row];
            let all = out.iter_mut().zip(multipliers).zip(own.iter().zip(others));
            if activation == Activation::Relu {
                // Most often both are positive or both are not.
                all.for_each(|((out, &multiplier), (&own, &other))| {
                    *out = multiplier * rise_of_relu(own, other);
                });
            } else {
                all.for_each(|((out, &multiplier), (&own, &other))| {
                    let rise = secant(activation, own.to_f64(), other.to_f64());
                    *out = multiplier * T::from_f64(rise);
                });
            }
        });
        out
    }
}

/// The same as a secant, without its questions.
pub(super) fn rise_of_relu<T: Real>(a: T, b: T) -> T {
    let positive = |x: T| if x < T::zero() { T::zero() } else { x };
    let apart = a - b;
    if apart == T::zero() {
        return if a > T::zero() { T::one() } else { T::zero() };
    }
    (positive(a) - positive(b)) / apart
}

impl CustomOp2 for Rise {
    fn name(&self) -> &'static str {
        "rise of an activation"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        multipliers: &CpuStorage,
        layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let shape = x_layout.shape();
        let row = shape.dims()[1..].iter().product::<usize>().max(1);
        let out = by_precision!(dtype(x), T => {
            let multipliers = numbers::<T>(multipliers, layout)?;
            let out = self.compute::<T>(numbers(x, x_layout)?, multipliers, row);
            <T as candle_core::WithDType>::to_cpu_storage_owned(out)
        });
        Ok((out, shape.clone()))
    }
}
