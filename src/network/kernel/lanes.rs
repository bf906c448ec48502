//! A few numbers at once, with the widest instructions that the processor has.
//!
//! A piece of [`Work`] is written once over [`Lanes`]; [`run`] compiles it for AVX-512, for AVX2 with fused multiply-add and for any
//! processor, and chooses when the program runs.
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
    /// Registers that a row of eights is a multiple of.
    type Narrow: Lanes<Number = Self::Number>;
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
    if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
        // SAFETY: the processor has just said that it has them.
        return unsafe { widest(work) };
    }
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

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
unsafe fn widest<T: Real, W: Work<T>>(work: W) -> W::Output {
    // SAFETY: this function is only called where the processor has AVX-512, and with it AVX2 and FMA.
    unsafe { work.run::<T::Widest>() }
}

/// Eight numbers without special instructions.
#[derive(Clone, Copy)]
pub(crate) struct Plain<T>([T; 8]);

impl<T: Real> Lanes for Plain<T> {
    type Number = T;
    type Narrow = Self;
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
        __m256, __m256d, __m512, __m512d, __mmask8, __mmask16, _CMP_NLE_UQ, _CMP_ORD_Q,
        _mm256_add_pd, _mm256_add_ps, _mm256_and_pd, _mm256_and_ps, _mm256_blendv_pd,
        _mm256_blendv_ps, _mm256_cmp_pd, _mm256_cmp_ps, _mm256_fmadd_pd, _mm256_fmadd_ps,
        _mm256_loadu_pd, _mm256_loadu_ps, _mm256_set1_pd, _mm256_set1_ps, _mm256_storeu_pd,
        _mm256_storeu_ps, _mm512_add_pd, _mm512_add_ps, _mm512_cmp_pd_mask, _mm512_cmp_ps_mask,
        _mm512_fmadd_pd, _mm512_fmadd_ps, _mm512_loadu_pd, _mm512_loadu_ps, _mm512_mask_blend_pd,
        _mm512_mask_blend_ps, _mm512_set1_pd, _mm512_set1_ps, _mm512_storeu_pd, _mm512_storeu_ps,
    };

    use std::ops::BitAnd;

    macro_rules! lanes {
        ($wide:ident, $narrow:ident, $number:ident, $count:literal, $load:ident, $store:ident, $splat:ident, $add:ident, $fma:ident, $better:ident, $choose:ident) => {
            impl Lanes for $wide {
                type Number = $number;
                type Narrow = $narrow;
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
                        let better = $better(self, largest.0);
                        largest.0 = $choose(largest.0, self, better);
                        largest.1 = $choose(largest.1, here, better);
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

    /// Where a number is greater or none, and the old one is a number.
    macro_rules! better {
        ($name:ident, $wide:ident, $mask:ident, $cmp:ident, $and:expr) => {
            #[inline(always)]
            unsafe fn $name(new: $wide, old: $wide) -> $mask {
                // SAFETY: the caller promises the instructions.
                unsafe { $and($cmp::<_CMP_NLE_UQ>(new, old), $cmp::<_CMP_ORD_Q>(old, old)) }
            }
        };
    }

    better!(better_8, __m256, __m256, _mm256_cmp_ps, _mm256_and_ps);
    better!(better_4, __m256d, __m256d, _mm256_cmp_pd, _mm256_and_pd);
    better!(
        better_16,
        __m512,
        __mmask16,
        _mm512_cmp_ps_mask,
        __mmask16::bitand
    );
    better!(
        better_8d,
        __m512d,
        __mmask8,
        _mm512_cmp_pd_mask,
        __mmask8::bitand
    );

    /// The arguments of `_mm512_mask_blend` in the order of `_mm256_blendv`.
    macro_rules! choose {
        ($name:ident, $wide:ident, $mask:ident, $blend:ident) => {
            #[inline(always)]
            unsafe fn $name(old: $wide, new: $wide, mask: $mask) -> $wide {
                // SAFETY: the caller promises the instructions.
                unsafe { $blend(mask, old, new) }
            }
        };
    }

    choose!(choose_16, __m512, __mmask16, _mm512_mask_blend_ps);
    choose!(choose_8d, __m512d, __mmask8, _mm512_mask_blend_pd);

    lanes!(
        __m256,
        __m256,
        f32,
        8,
        _mm256_loadu_ps,
        _mm256_storeu_ps,
        _mm256_set1_ps,
        _mm256_add_ps,
        _mm256_fmadd_ps,
        better_8,
        _mm256_blendv_ps
    );
    lanes!(
        __m256d,
        __m256d,
        f64,
        4,
        _mm256_loadu_pd,
        _mm256_storeu_pd,
        _mm256_set1_pd,
        _mm256_add_pd,
        _mm256_fmadd_pd,
        better_4,
        _mm256_blendv_pd
    );
    lanes!(
        __m512,
        __m256,
        f32,
        16,
        _mm512_loadu_ps,
        _mm512_storeu_ps,
        _mm512_set1_ps,
        _mm512_add_ps,
        _mm512_fmadd_ps,
        better_16,
        choose_16
    );
    lanes!(
        __m512d,
        __m256d,
        f64,
        8,
        _mm512_loadu_pd,
        _mm512_storeu_pd,
        _mm512_set1_pd,
        _mm512_add_pd,
        _mm512_fmadd_pd,
        better_8d,
        choose_8d
    );
}
