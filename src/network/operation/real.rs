//! The two kinds of numbers that operations on the CPU compute with.

use candle_core::{CpuStorage, Layout, Result, WithDType, bail};
use ndarray::NdFloat;

/// Single or double precision.
pub(crate) trait Real: WithDType + NdFloat {
    /// The error function.
    fn erf(self) -> Self;
}

impl Real for f32 {
    fn erf(self) -> Self {
        candle_core::cpu::erf::erf_f32(self)
    }
}

impl Real for f64 {
    fn erf(self) -> Self {
        candle_core::cpu::erf::erf_f64(self)
    }
}

/// Evaluates an expression with `$T` standing for the type of the numbers in a storage on the CPU.
macro_rules! by_precision {
    ($storage:expr, $T:ident => $body:expr) => {
        match $storage {
            candle_core::CpuStorage::F32(_) => {
                type $T = f32;
                $body
            }
            candle_core::CpuStorage::F64(_) => {
                type $T = f64;
                $body
            }
            _ => candle_core::bail!("expected a tensor of f32 or f64"),
        }
    };
}

pub(crate) use by_precision;

/// Returns the numbers behind a contiguous tensor.
pub(crate) fn numbers<'a, T: Real>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [T]> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&storage.as_slice::<T>()?[start..end]),
        None => bail!(
            "expected a contiguous tensor, got strides {:?}",
            layout.stride()
        ),
    }
}
