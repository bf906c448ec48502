//! Exponentials and logarithms without branches and tables: inside a plain loop a processor takes several at a time.
#![expect(
    clippy::inline_always,
    reason = "only what is inlined is compiled for the instructions of its caller"
)]

use std::f64::consts::{FRAC_1_SQRT_2, LOG2_E};

/// Added to a small number, it leaves the nearest whole one in the lowest bits.
const SHIFT: f64 = 6_755_399_441_055_744.0;

/// The logarithm of 2 in two parts, of which the first times a small whole number is exact.
const LN_2: (f64, f64) = (0.693_147_180_369_123_8, 1.908_214_929_270_587_7e-10);

/// Computes `exp(x)` and `exp(x) - 1`, which keeps its digits where `x` is small; `x` counts as at least -708 and at most 709.
#[inline(always)]
pub(crate) fn exp_and_rest(x: f64) -> (f64, f64) {
    // What is not a number stays none.
    let x = if x < -708.0 { -708.0 } else { x };
    let x = if x > 709.0 { 709.0 } else { x };
    let shifted = x * LOG2_E + SHIFT;
    let whole = shifted - SHIFT;
    let r = (x - whole * LN_2.0) - whole * LN_2.1;
    // Taylor's series, of which the next term is below 2e-16 for |r| < 0.35.
    let mut series = 1.0 / 479_001_600.0;
    for divisor in [
        39_916_800.0,
        3_628_800.0,
        362_880.0,
        40_320.0,
        5_040.0,
        720.0,
        120.0,
        24.0,
        6.0,
        2.0,
    ] {
        series = series * r + 1.0 / divisor;
    }
    let rest = r + r * r * series;
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    (power + power * rest, power * rest + (power - 1.0))
}

/// Computes `exp(x)`; `x` counts as at least -708 and at most 709.
#[inline(always)]
pub(crate) fn exp(x: f64) -> f64 {
    exp_and_rest(x).0
}

/// Computes the logarithm of a number from the smallest with all its digits, 2e-308, on; what is not finite has none.
#[inline(always)]
pub(crate) fn ln(x: f64) -> f64 {
    // What makes the mantissa begin at the root of a half.
    let shifted = x.to_bits().wrapping_sub(FRAC_1_SQRT_2.to_bits());
    let exponent = ((shifted as i64) >> 52) as u64;
    let m = f64::from_bits(x.to_bits().wrapping_sub(exponent << 52));
    let exponent = f64::from_bits(exponent.wrapping_add(SHIFT.to_bits())) - SHIFT;
    let s = (m - 1.0) / (m + 1.0);
    let z = s * s;
    let mut series = 1.0 / 19.0;
    for divisor in [17.0, 15.0, 13.0, 11.0, 9.0, 7.0, 5.0, 3.0] {
        series = series * z + 1.0 / divisor;
    }
    // Its bits alone do not tell that a number is none.
    exponent * LN_2.0 + (2.0 * s + (2.0 * s * z * series + exponent * LN_2.1)) + 0.0 * x
}

/// Computes `ln(1 + x)` for `x` above -0.9, with all digits where `x` is small.
#[inline(always)]
pub(crate) fn ln_1p(x: f64) -> f64 {
    let sum = 1.0 + x;
    ln(sum) + lost(x, sum)
}

/// What the logarithm of `sum`, which is `1 + x` rounded, lacks of that of `1 + x`.
#[inline(always)]
pub(crate) fn lost(x: f64, sum: f64) -> f64 {
    (x - (sum - 1.0)) / sum
}

#[cfg(test)]
mod tests {
    use super::{exp, exp_and_rest, ln, ln_1p};

    fn near(found: f64, expected: f64, of: f64) {
        let most = 4e-15 * expected.abs();
        assert!((found - expected).abs() <= most, "{of}: {found} {expected}");
    }

    /// Against the functions of the system, within 4e-15 of the value.
    #[test]
    fn digits_are_those_of_the_system() {
        for step in -70_000..70_000 {
            let x = f64::from(step) / 100.0;
            near(exp(x), x.exp(), x);
            near(exp_and_rest(x).1, x.exp_m1(), x);
            let positive = x.exp();
            near(ln(positive), positive.ln(), positive);
            near(ln_1p(positive), positive.ln_1p(), positive);
        }
        for step in 1..900 {
            let x = -f64::from(step) / 1000.0;
            near(ln_1p(x), x.ln_1p(), x);
            near(ln(1.0 + x), (1.0 + x).ln(), x);
            let small = x * 1e-12;
            near(exp_and_rest(small).1, small.exp_m1(), small);
            near(ln_1p(small), small.ln_1p(), small);
        }
    }

    #[test]
    fn what_is_beyond_ends_at_the_bounds() {
        assert_eq!(exp(f64::INFINITY), exp(709.0));
        assert_eq!(exp(-1e300), exp(-708.0));
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(ln(1.0), 0.0);
        assert_eq!(ln_1p(0.0), 0.0);
    }

    #[test]
    fn what_is_not_a_number_stays_none() {
        let (power, rest) = exp_and_rest(f64::NAN);
        assert!(power.is_nan() && rest.is_nan());
        assert!(ln(f64::NAN).is_nan() && ln_1p(f64::NAN).is_nan());
    }
}
