//! Outputs that are expression: never negative, and with the total that the real cells have.

use crate::Result;
use crate::network::{Activation, Shape, UserLayer, is_ours, with_numbers};
use candle_core::{CpuStorage, CustomOp1, DType, Layout, Tensor};
use rayon::prelude::*;

/// Rectifies, so that a gene can be absent, then gives every cell the same total and takes the logarithm that the real cells have.
#[derive(Debug)]
pub(super) struct Library {
    /// The total before the logarithm, where all cells have the same.
    pub(super) total: Option<f64>,
    /// The base of the logarithm of one plus the values, where one was taken.
    pub(super) base: Option<f64>,
}

impl UserLayer for Library {
    fn name(&self) -> &'static str {
        "library"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        match input {
            Shape::Features(_) => Ok(input),
            _ => Err("(n, features)".into()),
        }
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> Result<Tensor> {
        let Some(total) = self.total else {
            return Ok(Activation::Relu.apply(x)?);
        };
        let scaled = Scaled {
            total,
            log: self.base.map(f64::ln),
        };
        if is_ours(x.device()) && x.dtype() == DType::F32 {
            return Ok(x.contiguous()?.apply_op1(scaled)?);
        }
        Ok(scaled.compose(x)?)
    }
}

/// Rectified numbers of rows that are brought to one total, and their logarithms.
struct Scaled {
    total: f64,
    /// The natural logarithm of the base, where logarithms are taken.
    log: Option<f64>,
}

/// Added to what a row is divided by: a cell of which every gene is absent has no total.
const NOTHING: f64 = 1e-12;

impl Scaled {
    /// The same, from candle's operations.
    fn compose(&self, x: &Tensor) -> candle_core::Result<Tensor> {
        let x = Activation::Relu.apply(x)?;
        let sums = x.sum_keepdim(1)?.affine(1.0 / self.total, NOTHING)?;
        let x = x.broadcast_div(&sums)?;
        match self.log {
            Some(log) => x.affine(1.0, 1.0)?.log()?.affine(1.0 / log, 0.0),
            None => Ok(x),
        }
    }

    /// What a row is divided by.
    fn divisor(&self, row: &[f32]) -> f32 {
        let sum: f64 = row.iter().map(|&x| f64::from(x.max(0.0))).sum();
        (sum / self.total + NOTHING) as f32
    }

    fn scale(&self, x: &[f32], out: &mut [f32]) {
        let divisor = self.divisor(x);
        let part = self.log.map_or(1.0, |log| log.recip() as f32);
        for (out, x) in out.iter_mut().zip(x) {
            // What is no number stays none.
            let rectified = if *x < 0.0 { 0.0 } else { *x };
            let share = rectified / divisor;
            *out = match self.log {
                Some(_) => share.ln_1p() * part,
                None => share,
            };
        }
    }

    /// Writes what comes back to a row: more of one gene leaves less for all others.
    fn pull_back(&self, (x, gradient): (&[f32], &[f32]), out: &mut [f32]) {
        let divisor = self.divisor(x);
        let part = self.log.map_or(1.0, |log| log.recip() as f32);
        let mut taken = 0.0;
        for (out, (&x, gradient)) in out.iter_mut().zip(x.iter().zip(gradient)) {
            let share = x.max(0.0) / divisor;
            let slope = match self.log {
                Some(_) => part / (1.0 + share),
                None => 1.0,
            };
            *out = gradient * slope / divisor;
            taken += f64::from(*out) * f64::from(share);
        }
        let taken = (taken / self.total) as f32;
        for (out, &x) in out.iter_mut().zip(x) {
            *out = if x > 0.0 { *out - taken } else { 0.0 };
        }
    }
}

impl CustomOp1 for Scaled {
    fn name(&self) -> &'static str {
        "library"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, candle_core::Shape)> {
        let (CpuStorage::F32(values), Some((start, end))) = (x, layout.contiguous_offsets()) else {
            candle_core::bail!("expected a contiguous tensor of f32");
        };
        let width = layout.shape().dims2()?.1.max(1);
        let mut out = vec![0.0; end - start];
        out.par_chunks_mut(width)
            .zip(values[start..end].par_chunks(width))
            .for_each(|(out, x)| self.scale(x, out));
        Ok((CpuStorage::F32(out), layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<Option<Tensor>> {
        let width = x.dim(1)?.max(1);
        let mut out = vec![0.0; x.elem_count()];
        with_numbers(x, |x| {
            with_numbers(&gradient.contiguous()?, |gradient| {
                out.par_chunks_mut(width)
                    .zip(x.par_chunks(width).zip(gradient.par_chunks(width)))
                    .for_each(|(out, pair)| self.pull_back(pair, out));
                Ok(())
            })
        })?;
        Ok(Some(Tensor::from_vec(out, x.shape(), x.device())?))
    }
}

#[cfg(test)]
mod tests {
    use super::Scaled;
    use crate::Result;
    use candle_core::{Device, Tensor, Var};

    /// Values and slopes are those of candle's operations, to single precision; the last cell has no gene, and no slope.
    #[test]
    fn scaled_rows_are_those_of_plain_operations() -> Result<()> {
        let x = [
            [1.0_f32, -2.0, 3.0, 0.5],
            [-1.0, 4.0, 1e-3, 200.0],
            [-1.0, -2.0, -3.0, -4.0],
        ];
        let x = Var::new(&x, &Device::Cpu)?;
        let slopes = Tensor::new(&[0.5_f32, -1.0, 2.0, 3.0], &Device::Cpu)?;
        for log in [None, Some(1.0), Some(std::f64::consts::LN_2)] {
            let scaled = Scaled { total: 10.0, log };
            let plain = scaled.compose(x.as_tensor())?;
            let own = x.as_tensor().apply_op1(scaled)?;
            let mut found = Vec::new();
            for out in [&own, &plain] {
                let pulled = out.broadcast_mul(&slopes)?.sum_all()?.backward()?;
                let pulled = pulled.get(&x).map(Tensor::to_vec2::<f32>).transpose()?;
                let rows: Vec<f32> = pulled.into_iter().flatten().take(2).flatten().collect();
                found.push((out.to_vec2::<f32>()?.concat(), rows));
            }
            let [(own, own_slopes), (plain, plain_slopes)] = &found[..] else {
                panic!("two were computed");
            };
            let pairs = own.iter().zip(plain);
            assert!(own_slopes.len() == 8 && plain_slopes.len() == 8);
            for (own, plain) in pairs.chain(own_slopes.iter().zip(plain_slopes)) {
                assert!(
                    (own - plain).abs() <= 1e-5 * plain.abs().max(1.0),
                    "{own}, not {plain}"
                );
            }
        }
        Ok(())
    }
}
