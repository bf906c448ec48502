//! Results with a backward pass that a rule gives.

use candle_core::{
    CpuStorage, CustomOp1, CustomOp2, DType, Layout, Result, Shape, Storage, Tensor, WithDType,
    bail,
};

type Back1 = Box<dyn Fn(&Tensor, &Tensor, &Tensor) -> Result<Tensor> + Send + Sync>;
type Back2 = Box<dyn Fn(&Tensor, &Tensor, &Tensor) -> Result<(Tensor, Tensor)> + Send + Sync>;

/// Returns `out`, computed from `x` before, such that `back` of `x`, `out` and what comes back is handed on.
pub(crate) fn ruled(
    x: &Tensor,
    out: &Tensor,
    back: impl Fn(&Tensor, &Tensor, &Tensor) -> Result<Tensor> + Send + Sync + 'static,
) -> Result<Tensor> {
    let (out, back) = (out.detach().contiguous()?, Box::new(back));
    x.contiguous()?.apply_op1(Ruled1 { out, back })
}

/// The same for two inputs; `back` is told these and what comes back.
pub(crate) fn ruled_pair(
    (a, b): (&Tensor, &Tensor),
    out: &Tensor,
    back: impl Fn(&Tensor, &Tensor, &Tensor) -> Result<(Tensor, Tensor)> + Send + Sync + 'static,
) -> Result<Tensor> {
    let (out, back) = (out.detach().contiguous()?, Box::new(back));
    a.contiguous()?
        .apply_op2(&b.contiguous()?, Ruled2 { out, back })
}

struct Ruled1 {
    out: Tensor,
    back: Back1,
}

struct Ruled2 {
    out: Tensor,
    back: Back2,
}

fn copied(out: &Tensor) -> Result<(CpuStorage, Shape)> {
    let (storage, layout) = out.storage_and_layout();
    let (Storage::Cpu(storage), Some((start, end))) = (&*storage, layout.contiguous_offsets())
    else {
        bail!("expected a contiguous tensor on the CPU");
    };
    let copy = match out.dtype() {
        DType::F32 => f32::to_cpu_storage_owned(storage.as_slice()?[start..end].to_vec()),
        DType::F64 => f64::to_cpu_storage_owned(storage.as_slice()?[start..end].to_vec()),
        other => bail!("expected a tensor of f32 or f64, got {}", other.as_str()),
    };
    Ok((copy, out.shape().clone()))
}

impl CustomOp1 for Ruled1 {
    fn name(&self) -> &'static str {
        "rule"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        copied(&self.out)
    }

    fn bwd(&self, x: &Tensor, out: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        let (x, out) = (x.detach(), out.detach());
        Ok(Some((self.back)(&x, &out, &gradient.contiguous()?)?))
    }
}

impl CustomOp2 for Ruled2 {
    fn name(&self) -> &'static str {
        "rule for two"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        copied(&self.out)
    }

    fn bwd(
        &self,
        a: &Tensor,
        b: &Tensor,
        _: &Tensor,
        gradient: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let (for_a, for_b) = (self.back)(&a.detach(), &b.detach(), &gradient.contiguous()?)?;
        Ok((Some(for_a), Some(for_b)))
    }
}
