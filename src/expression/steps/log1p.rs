//! The logarithm of one plus the values.

use super::super::Cells;
use super::mapped;
use super::not_negative;
use crate::{Error, Result};
use std::f64::consts::E;

/// Takes the natural logarithm of one plus every value.
///
/// The base is kept with the cells ([`Cells::log_base`]), so that later steps know how to go back, and so that it is not taken twice.
///
/// Checked against `scanpy.pp.log1p` (1.11.5).
///
/// # Errors
///
/// Fails when a value is negative or not finite, and when the logarithm was taken before.
///
/// # Examples
///
/// ```
/// use genolens::{expression::{self, Cells}, ndarray::array};
/// # fn main() -> genolens::Result<()> {
/// let cells = Cells::new(array![[0.0_f32, 1.0]], ["a"], ["CD3D", "MS4A1"])?;
/// let logged = expression::log1p(&cells)?;
/// assert_eq!(logged.gene("MS4A1")?[0], 2.0_f32.ln());
/// assert_eq!(logged.log_base(), Some(std::f64::consts::E));
/// # Ok(()) }
/// ```
pub fn log1p(cells: &Cells) -> Result<Cells> {
    Log1p::new().run(cells)
}

/// Takes the logarithm of one plus every value, with options.
#[derive(Clone, Debug, PartialEq)]
pub struct Log1p {
    base: f64,
}

impl Default for Log1p {
    fn default() -> Self {
        Self { base: E }
    }
}

impl Log1p {
    /// Asks for the natural logarithm.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets another base, such as 2.
    pub fn base(mut self, base: f64) -> Self {
        self.base = base;
        self
    }

    /// Takes the logarithm.
    ///
    /// # Errors
    ///
    /// As [`log1p()`], and when the base is not above 1.
    pub fn run(&self, cells: &Cells) -> Result<Cells> {
        if !(self.base > 1.0 && self.base.is_finite()) {
            return Err(Error::value("base", "a number above 1", self.base));
        }
        if let Some(base) = cells.log_base() {
            let base = if base == E {
                "e".into()
            } else {
                base.to_string()
            };
            let got = format!("log1p of base {base} already");
            return Err(Error::value(
                "cells",
                "values of which no logarithm was taken",
                got,
            ));
        }
        not_negative(cells)?;
        // A logarithm to base e keeps its bits when it is multiplied by 1.
        let scale = self.base.ln().recip();
        let values = mapped(cells.values(), |values| logs(values, scale));
        Ok(cells.changed(|data| {
            data.values = values;
            data.log_base = Some(self.base);
        }))
    }
}

/// Takes the logarithm of one plus every value, times a number.
fn logs(values: &mut [f32], scale: f64) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
            #[expect(unsafe_code, reason = "the instructions were found")]
            // SAFETY: the processor has the instructions.
            unsafe {
                return logs_of_eight(values, scale);
            }
        }
        if is_x86_feature_detected!("avx2") {
            #[expect(unsafe_code, reason = "the instructions were found")]
            // SAFETY: the processor has the instructions.
            unsafe {
                return logs_of_four(values, scale);
            }
        }
    }
    logs_as(values, scale);
}

/// The same in wider registers; no product is fused with a sum, so the bits are the same.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq")]
fn logs_of_eight(values: &mut [f32], scale: f64) {
    logs_as(values, scale);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn logs_of_four(values: &mut [f32], scale: f64) {
    logs_as(values, scale);
}

#[expect(
    clippy::inline_always,
    reason = "what is not inlined is not compiled for the wider registers of its caller"
)]
#[inline(always)]
fn logs_as(values: &mut [f32], scale: f64) {
    for value in values {
        *value = (ln_1p(*value) * scale) as f32;
    }
}

/// The logarithm of one plus a number from 0, to 13 digits, without a branch, so that the compiler makes a loop of it wide.
///
/// With `1 + x = 2^k (1 + f)` and `s = f / (2 + f)`, the logarithm is `k ln 2 + 2 (s + s^3 / 3 + s^5 / 5 + ...)`, where `s` is below 0.172.
#[inline(always)]
fn ln_1p(x: f32) -> f64 {
    /// The bits of 1, and of the root of a half, at which exponents begin to count.
    const ONE: u64 = 1.0_f64.to_bits();
    const LEAST: u64 = std::f64::consts::FRAC_1_SQRT_2.to_bits();
    /// A number whose last bits count in ones.
    const WHOLE: f64 = 4_503_599_627_370_496.0;
    let x = f64::from(x);
    let y = 1.0 + x;
    let bits = y.to_bits() + (ONE - LEAST);
    let exponent = f64::from_bits(WHOLE.to_bits() | bits >> 52) - (WHOLE + 1023.0);
    let mantissa = f64::from_bits((bits & ((1 << 52) - 1)) + LEAST);
    // What rounding took from small numbers.
    let lost = if exponent == 0.0 { x - (y - 1.0) } else { 0.0 };
    let f = mantissa - 1.0 + lost;
    let s = f / (2.0 + f);
    let t = s * s;
    let mut series = 0.0;
    for power in [17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        series = series * t + 1.0 / power;
    }
    exponent * std::f64::consts::LN_2 + 2.0 * (s + s * t * series)
}

impl Cells {
    /// Takes the natural logarithm of one plus every value: [`expression::log1p`](log1p()).
    ///
    /// # Errors
    ///
    /// As [`expression::log1p`](log1p()).
    pub fn log1p(&self) -> Result<Self> {
        log1p(self)
    }

    /// Says of which base the logarithm of one plus the values was taken, if it was.
    pub(crate) fn with_log_base(&self, base: Option<f64>) -> Self {
        self.changed(|data| data.log_base = base)
    }
}

#[cfg(test)]
mod tests {
    use super::{ln_1p, logs};

    #[test]
    fn the_logarithm_is_exact_after_rounding() {
        // Every 4,099th single-precision number from 0 to the largest.
        for bits in (0..f32::INFINITY.to_bits()).step_by(4099) {
            let x = f32::from_bits(bits);
            let (found, expected) = (ln_1p(x), f64::from(x).ln_1p());
            assert!(
                (found - expected).abs() <= 2e-14 * expected,
                "{x}: {found}, not {expected}"
            );
            assert_eq!(found as f32, expected as f32, "{x}");
            let mut wide = [x; 5];
            logs(&mut wide, 1.0);
            assert_eq!(wide, [found as f32; 5], "{x}");
        }
    }
}
