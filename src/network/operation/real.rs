//! The two kinds of numbers that operations on the CPU compute with.

use crate::network::kernel::Lanes;
#[cfg(not(target_arch = "x86_64"))]
use crate::network::kernel::Plain;
use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, DType, Layout, Result, Storage, Tensor, WithDType, bail};
use ndarray::NdFloat;

/// Single or double precision.
pub(crate) trait Real: WithDType + NdFloat {
    /// Several numbers in the registers of AVX2, where there are any.
    type Wide: Lanes<Number = Self>;
    /// Several numbers in the registers of AVX-512, where there are any.
    type Widest: Lanes<Number = Self>;

    /// The error function.
    fn erf(self) -> Self;
}

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{__m256, __m256d, __m512, __m512d};
#[cfg(not(target_arch = "x86_64"))]
type __m256 = Plain<f32>;
#[cfg(not(target_arch = "x86_64"))]
type __m256d = Plain<f64>;
#[cfg(not(target_arch = "x86_64"))]
type __m512 = Plain<f32>;
#[cfg(not(target_arch = "x86_64"))]
type __m512d = Plain<f64>;

impl Real for f32 {
    type Wide = __m256;
    type Widest = __m512;

    fn erf(self) -> Self {
        candle_core::cpu::erf::erf_f32(self)
    }
}

impl Real for f64 {
    type Wide = __m256d;
    type Widest = __m512d;

    fn erf(self) -> Self {
        candle_core::cpu::erf::erf_f64(self)
    }
}

/// Evaluates an expression with `$T` standing for the numbers of a kind, which must be one of the two.
macro_rules! by_precision {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            candle_core::DType::F32 => {
                type $T = f32;
                $body
            }
            candle_core::DType::F64 => {
                type $T = f64;
                $body
            }
            other => candle_core::bail!("expected a tensor of f32 or f64, got {}", other.as_str()),
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

/// Returns the kind of numbers in a storage.
pub(crate) fn dtype(storage: &CpuStorage) -> DType {
    storage.dtype()
}

/// Looks at the numbers of a contiguous tensor on the CPU.
pub(crate) fn with_numbers<T: Real, R>(
    tensor: &Tensor,
    look: impl FnOnce(&[T]) -> Result<R>,
) -> Result<R> {
    let (storage, layout) = tensor.storage_and_layout();
    match &*storage {
        Storage::Cpu(storage) => look(numbers(storage, layout)?),
        _ => bail!("expected a tensor on the CPU"),
    }
}

/// Computes the gradient of a tensor that gradients reach; what nobody asked for is not computed.
pub(crate) fn asked<T: Real>(
    of: &Tensor,
    compute: impl FnOnce() -> Result<Vec<T>>,
) -> Result<Option<Tensor>> {
    if !of.track_op() {
        return Ok(None);
    }
    Ok(Some(Tensor::from_vec(compute()?, of.shape(), of.device())?))
}
