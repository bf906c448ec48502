//! A pull of every unit of the code towards silence.

use crate::Result;
use crate::network::{Shape, UserLayer};
use crate::random::Seed;
use candle_core::{CpuStorage, CustomOp1, Layout, Tensor, bail};

/// Adds `weight * mean over cells of sum |code|` to what training makes small, by its gradient: the numbers themselves pass unchanged.
#[derive(Debug)]
pub(super) struct Sparsity(pub(super) f64);

impl UserLayer for Sparsity {
    fn name(&self) -> &'static str {
        "sparsity"
    }

    fn output(&self, input: Shape) -> Result<Shape, String> {
        Ok(input)
    }

    fn forward(&self, _: &[Tensor], x: &Tensor) -> Result<Tensor> {
        Ok(x.clone())
    }

    fn train(&self, _: &[Tensor], x: &Tensor, _: Seed) -> Result<Tensor> {
        let weight = self.0 / x.dim(0)? as f64;
        Ok(x.contiguous()?.apply_op1(Pull(weight))?)
    }

    fn is_linear(&self) -> bool {
        true
    }
}

struct Pull(f64);

impl CustomOp1 for Pull {
    fn name(&self) -> &'static str {
        "sparsity"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        layout: &Layout,
    ) -> candle_core::Result<(CpuStorage, candle_core::Shape)> {
        match (x, layout.contiguous_offsets()) {
            (CpuStorage::F32(values), Some((start, end))) => {
                let same = CpuStorage::F32(values[start..end].to_vec());
                Ok((same, layout.shape().clone()))
            }
            _ => bail!("expected a contiguous tensor of f32"),
        }
    }

    fn bwd(
        &self,
        x: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> candle_core::Result<Option<Tensor>> {
        Ok(Some((gradient + x.sign()?.affine(self.0, 0.0)?)?))
    }
}
