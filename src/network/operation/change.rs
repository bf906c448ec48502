//! Numbers of a tensor on the CPU, written where they are.

use candle_core::{CpuStorage, InplaceOp1, Layout, Result, Tensor, bail};
use std::cell::RefCell;

/// Lets `write` have the numbers of a contiguous tensor of single precision on the CPU.
pub(crate) fn change(tensor: &Tensor, write: impl FnOnce(&mut [f32])) -> Result<()> {
    tensor.inplace_op1(&Change(RefCell::new(Some(write))))
}

struct Change<F>(RefCell<Option<F>>);

impl<F: FnOnce(&mut [f32])> InplaceOp1 for Change<F> {
    fn name(&self) -> &'static str {
        "change"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let CpuStorage::F32(values) = storage else {
            bail!("expected a tensor of f32");
        };
        let Some((start, end)) = layout.contiguous_offsets() else {
            bail!("expected a contiguous tensor");
        };
        if let Some(write) = self.0.take() {
            write(&mut values[start..end]);
        }
        Ok(())
    }
}
