//! Sums over wires as a candle operation, in an order that only the wiring decides.

use super::Wiring;
use crate::network::is_ours;
use crate::network::operation::{asked, by_precision, dtype, numbers, with_numbers};
use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, WithDType, bail};
use rayon::prelude::*;

/// Computes `x W^T` for `x` `(n, inputs)` and a matrix `W` `(units, inputs)` that has values, shape `(wires)`, on the wires only.
pub(crate) fn wired(x: &Tensor, values: &Tensor, wiring: &Wiring) -> Result<Tensor> {
    if is_ours(x.device()) {
        let wired = Wired(wiring.clone());
        return x.contiguous()?.apply_op2(&values.contiguous()?, wired);
    }
    let (inputs, units) = wiring.ends(x.device())?;
    let carried = x
        .contiguous()?
        .index_select(&inputs, 1)?
        .broadcast_mul(values)?;
    let none = Tensor::zeros((x.dim(0)?, wiring.units()), x.dtype(), x.device())?;
    none.index_add(&units, &carried, 1)
}

struct Wired(Wiring);

impl Wired {
    fn check(&self, x: &Shape, values: &Shape) -> Result<()> {
        if x.dims().get(1) != Some(&self.0.inputs())
            || x.rank() != 2
            || values.dims() != [self.0.wires()]
        {
            bail!(
                "values {values:?} and an input {x:?} do not fit {} wires from {} inputs",
                self.0.wires(),
                self.0.inputs()
            );
        }
        Ok(())
    }
}

impl CustomOp2 for Wired {
    fn name(&self) -> &'static str {
        "wires"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        values: &CpuStorage,
        values_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        self.check(x_layout.shape(), values_layout.shape())?;
        let (wiring, n) = (&self.0, x_layout.shape().dims()[0]);
        let out = by_precision!(dtype(x), T => {
            let (x, values) = (numbers::<T>(x, x_layout)?, numbers::<T>(values, values_layout)?);
            let mut out = vec![T::from_f64(0.0); n * wiring.units()];
            let rows = out.par_chunks_mut(wiring.units()).zip(x.par_chunks(wiring.inputs()));
            rows.for_each(|(out, x)| {
                for (unit, out) in out.iter_mut().enumerate() {
                    for (wire, input) in wiring.of_unit(unit) {
                        *out += values[wire] * x[input];
                    }
                }
            });
            T::to_cpu_storage_owned(out)
        });
        Ok((out, Shape::from((n, wiring.units()))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        values: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let wiring = &self.0;
        let gradient = gradient.contiguous()?;
        by_precision!(gradient.dtype(), T => {
            with_numbers::<T, _>(&gradient, |gradient| {
                let for_x = asked(x, || with_numbers::<T, _>(values, |values| {
                    let mut out = vec![T::from_f64(0.0); x.elem_count()];
                    let rows = out.par_chunks_mut(wiring.inputs()).zip(gradient.par_chunks(wiring.units()));
                    rows.for_each(|(out, gradient)| {
                        for (input, out) in out.iter_mut().enumerate() {
                            for (wire, unit) in wiring.of_input(input) {
                                *out += values[wire] * gradient[unit];
                            }
                        }
                    });
                    Ok(out)
                }))?;
                let for_values = asked(values, || with_numbers::<T, _>(x, |x| {
                    let mut out = vec![T::from_f64(0.0); wiring.wires()];
                    let mut rest = out.as_mut_slice();
                    let mut units = Vec::with_capacity(wiring.units());
                    for ends in wiring.offsets().windows(2) {
                        let (own, others) = rest.split_at_mut(ends[1] - ends[0]);
                        units.push(own);
                        rest = others;
                    }
                    units.into_par_iter().enumerate().for_each(|(unit, out)| {
                        for (gradient, x) in gradient.chunks(wiring.units()).zip(x.chunks(wiring.inputs())) {
                            let gradient = gradient[unit];
                            for (out, (_, input)) in out.iter_mut().zip(wiring.of_unit(unit)) {
                                *out += gradient * x[input];
                            }
                        }
                    });
                    Ok(out)
                }))?;
                Ok((for_x, for_values))
            })
        })
    }
}
