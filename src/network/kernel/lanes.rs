//! A few numbers at once, with the widest instructions that the processor has.
//!
//! A piece of [`Work`] is written once over [`Lanes`]; [`run`] compiles it for AVX2 with fused multiply-add and for any processor, and
//! chooses when the program runs.
#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of its caller"
)]
#![expect(
    unsafe_code,
    reason = "vector instructions and unchecked loads in the innermost loops"
)]

use crate::network::operation::Real;

/// As many numbers as fit into a register.
///
/// # Safety
///
/// Pointers must be valid for [`COUNT`](Self::COUNT) numbers, and the processor must have the instructions of the type.
pub(crate) trait Lanes: Copy {
    type Number: Real;
    const COUNT: usize;

    unsafe fn load(from: *const Self::Number) -> Self;
    unsafe fn store(self, to: *mut Self::Number);
    unsafe fn splat(value: Self::Number) -> Self;
    unsafe fn add(self, other: Self) -> Self;
    /// Computes `self * factor + rest`.
    unsafe fn mul_add(self, factor: Self, rest: Self) -> Self;
    /// Keeps the largest number and where it was; a number that is not one stays.
    unsafe fn keep_largest(self, here: Self, largest: &mut (Self, Self));
    unsafe fn sum(self) -> Self::Number;
}

/// Work that can be done with registers of any width.
pub(crate) trait Work<T: Real> {
    type Output;

    /// # Safety
    ///
    /// The processor must have the instructions of `V`.
    unsafe fn run<V: Lanes<Number = T>>(self) -> Self::Output;
}

/// Does a piece of work with the widest registers.
pub(crate) fn run<T: Real, W: Work<T>>(work: W) -> W::Output {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
        // SAFETY: the processor has just said that it has them.
        return unsafe { wide(work) };
    }
    // SAFETY: plain numbers need no special instructions.
    unsafe { work.run::<Plain<T>>() }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
unsafe fn wide<T: Real, W: Work<T>>(work: W) -> W::Output {
    // SAFETY: this function is only called where the processor has AVX2 and FMA.
    unsafe { work.run::<T::Wide>() }
}

/// Eight numbers without special instructions.
#[derive(Clone, Copy)]
pub(crate) struct Plain<T>([T; 8]);

impl<T: Real> Lanes for Plain<T> {
    type Number = T;
    const COUNT: usize = 8;

    #[inline(always)]
    unsafe fn load(from: *const T) -> Self {
        // SAFETY: the caller promises eight numbers; an array needs no other alignment than its numbers.
        Self(unsafe { *from.cast::<[T; 8]>() })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut T) {
        // SAFETY: as above.
        unsafe { *to.cast::<[T; 8]>() = self.0 };
    }

    #[inline(always)]
    unsafe fn splat(value: T) -> Self {
        Self([value; 8])
    }

    #[inline(always)]
    unsafe fn add(mut self, other: Self) -> Self {
        for (own, other) in self.0.iter_mut().zip(other.0) {
            *own += other;
        }
        self
    }

    #[inline(always)]
    unsafe fn mul_add(mut self, factor: Self, rest: Self) -> Self {
        for ((own, factor), rest) in self.0.iter_mut().zip(factor.0).zip(rest.0) {
            *own = *own * factor + rest;
        }
        self
    }

    #[inline(always)]
    unsafe fn keep_largest(self, here: Self, largest: &mut (Self, Self)) {
        for i in 0..8 {
            let best = largest.0.0[i];
            let better = self.0[i] > best || self.0[i].is_nan();
            if better && !best.is_nan() {
                largest.0.0[i] = self.0[i];
                largest.1.0[i] = here.0[i];
            }
        }
    }

    #[inline(always)]
    unsafe fn sum(self) -> T {
        let [a, b, c, d, e, f, g, h] = self.0;
        ((a + b) + (c + d)) + ((e + f) + (g + h))
    }
}

#[cfg(target_arch = "x86_64")]
mod avx {
    use super::Lanes;
    use std::arch::x86_64::{
        __m256, __m256d, _CMP_NLE_UQ, _CMP_ORD_Q, _mm256_add_pd, _mm256_add_ps, _mm256_and_pd,
        _mm256_and_ps, _mm256_blendv_pd, _mm256_blendv_ps, _mm256_cmp_pd, _mm256_cmp_ps,
        _mm256_fmadd_pd, _mm256_fmadd_ps, _mm256_loadu_pd, _mm256_loadu_ps, _mm256_set1_pd,
        _mm256_set1_ps, _mm256_storeu_pd, _mm256_storeu_ps,
    };

    macro_rules! lanes {
        ($wide:ident, $number:ident, $count:literal, $load:ident, $store:ident, $splat:ident, $add:ident, $fma:ident, $cmp:ident, $and:ident, $blend:ident) => {
            impl Lanes for $wide {
                type Number = $number;
                const COUNT: usize = $count;

                #[inline(always)]
                unsafe fn load(from: *const $number) -> Self {
                    // SAFETY: the caller promises the numbers and the instructions.
                    unsafe { $load(from) }
                }

                #[inline(always)]
                unsafe fn store(self, to: *mut $number) {
                    // SAFETY: the caller promises the numbers and the instructions.
                    unsafe { $store(to, self) }
                }

                #[inline(always)]
                unsafe fn splat(value: $number) -> Self {
                    // SAFETY: the caller promises the instructions, here and below.
                    unsafe { $splat(value) }
                }

                #[inline(always)]
                unsafe fn add(self, other: Self) -> Self {
                    // SAFETY: as above.
                    unsafe { $add(self, other) }
                }

                #[inline(always)]
                unsafe fn mul_add(self, factor: Self, rest: Self) -> Self {
                    // SAFETY: as above.
                    unsafe { $fma(self, factor, rest) }
                }

                #[inline(always)]
                unsafe fn keep_largest(self, here: Self, largest: &mut (Self, Self)) {
                    // SAFETY: as above.
                    unsafe {
                        let better = $cmp::<_CMP_NLE_UQ>(self, largest.0);
                        let better = $and(better, $cmp::<_CMP_ORD_Q>(largest.0, largest.0));
                        largest.0 = $blend(largest.0, self, better);
                        largest.1 = $blend(largest.1, here, better);
                    }
                }

                #[inline(always)]
                unsafe fn sum(self) -> $number {
                    let mut each = [0.0; $count];
                    // SAFETY: the array holds as many numbers as the register.
                    unsafe { self.store(each.as_mut_ptr()) };
                    let mut half = $count / 2;
                    while half > 0 {
                        for i in 0..half {
                            each[i] += each[i + half];
                        }
                        half /= 2;
                    }
                    each[0]
                }
            }
        };
    }

    lanes!(
        __m256,
        f32,
        8,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_set1_ps,
        _mm256_add_ps,
        _mm256_fmadd_ps,
        _mm256_cmp_ps,
        _mm256_and_ps,
        _mm256_blendv_ps
    );
    lanes!(
        __m256d,
        f64,
        4,
        _mm256_loadu_pd,
        _mm256_storeu_pd,
        _mm256_set1_pd,
        _mm256_add_pd,
        _mm256_fmadd_pd,
        _mm256_cmp_pd,
        _mm256_and_pd,
        _mm256_blendv_pd
    );
}
