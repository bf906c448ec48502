//! Noise that sets numbers to zero.

use super::real::{Real, by_precision, dtype, numbers};
use crate::network::is_ours;
use crate::random::Seed;
use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, WithDType};
use rand_chacha::rand_core::Rng;
use rayon::prelude::*;

/// What is silenced: decided for every example by itself, so that neither batches nor threads matter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Silence {
    /// The probability to become zero.
    pub(crate) rate: f64,
    pub(crate) seed: Seed,
    /// The place of the first example among all examples.
    pub(crate) first: usize,
}

/// Silences numbers of `(n, ...)` and divides the rest by the probability to be left.
pub(crate) fn silence(x: &Tensor, silence: Silence) -> Result<Tensor> {
    if is_ours(x.device()) {
        return x.contiguous()?.apply_op1(silence);
    }
    // The same noise as on the CPU.
    by_precision!(x.dtype(), T => {
        let mut mask: Vec<T> = vec![T::from_f64(1.0); x.elem_count()];
        let size = mask.len() / x.dim(0)?.max(1);
        silence.apply(&mut mask, size);
        x * Tensor::from_vec(mask, x.shape(), x.device())?
    })
}

impl Silence {
    fn apply<T: Real>(&self, x: &mut [T], size: usize) {
        // Random bits below this number silence.
        let bound = (self.rate * 4_294_967_296.0) as u64;
        let kept = T::from_f64(1.0 / (1.0 - self.rate));
        x.par_chunks_mut(size.max(1))
            .enumerate()
            .for_each(|(example, x)| {
                let mut generator = self.seed.indexed(self.first + example).generator();
                for x in x {
                    *x = if u64::from(generator.next_u32()) < bound {
                        T::zero()
                    } else {
                        *x * kept
                    };
                }
            });
    }
}

impl CustomOp1 for Silence {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let dims = layout.shape().dims();
        let size = dims.iter().skip(1).product();
        let out = by_precision!(dtype(x), T => {
            let mut out = numbers::<T>(x, layout)?.to_vec();
            self.apply(&mut out, size);
            T::to_cpu_storage_owned(out)
        });
        Ok((out, layout.shape().clone()))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        // The same numbers are silenced once more; nothing was kept.
        Ok(Some(gradient.contiguous()?.apply_op1_no_bwd(self)?))
    }
}
