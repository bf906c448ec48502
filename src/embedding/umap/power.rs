//! Powers of many numbers at once, with additions and products only, so that a compiler computes several abreast.

#![expect(
    clippy::inline_always,
    reason = "what is not inlined is not compiled for the wider registers of its caller"
)]

/// Numbers that are computed abreast.
pub(super) const LANES: usize = 8;

pub(super) type Lanes = [f32; LANES];

/// Computes `x^exponent` for a positive normal number to about six digits; the same bits on every machine.
#[inline(always)]
pub(super) fn power(x: f32, exponent: f32) -> f32 {
    exp2(exponent * log2(x))
}

/// The logarithm of the mantissa between 0.707 and 1.414, as a series of `(m - 1) / (m + 1)`.
#[inline(always)]
fn log2(x: f32) -> f32 {
    const SQRT_HALF: u32 = 0x3f35_04f3;
    let shifted = x.to_bits().wrapping_sub(SQRT_HALF);
    let exponent = (shifted as i32) >> 23;
    let mantissa = f32::from_bits((shifted & 0x007f_ffff).wrapping_add(SQRT_HALF));
    let t = (mantissa - 1.0) / (mantissa + 1.0);
    let s = t * t;
    // 2 / ln 2 times 1, 1/3, 1/5, 1/7.
    let series = 2.885_39 + s * (0.961_796_7 + s * (0.577_078 + s * 0.412_198_6));
    exponent as f32 + t * series
}

/// Two to the power of a number, from the nearest whole number and a series for the rest.
#[inline(always)]
fn exp2(y: f32) -> f32 {
    /// One and a half times 2^23: what is added to it is rounded to a whole number.
    const ROUND: f32 = 12_582_912.0;
    let y = if y > 126.0 { 126.0 } else { y };
    let y = if y < -126.0 { -126.0 } else { y };
    let shifted = y + ROUND;
    let rest = y - (shifted - ROUND);
    let series = 1.0
        + rest
            * (std::f32::consts::LN_2
                + rest
                    * (0.240_226_5
                        + rest * (0.055_504_11 + rest * (0.009_618_13 + rest * 0.001_333_36))));
    f32::from_bits(series.to_bits().wrapping_add(shifted.to_bits() << 23))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_are_right_to_six_digits() {
        for exponent in [0.1_f32, 0.79, 0.895, 1.334, 2.0] {
            for step in -300..120 {
                let x = 1.17_f32.powi(step / 2) * (1.0 + step as f32 * 1e-3).abs().max(0.1);
                let exact = f64::from(x).powf(f64::from(exponent));
                let off = f64::from(power(x, exponent)) / exact - 1.0;
                assert!(off.abs() < 1e-5, "{x}^{exponent} is off by {off}");
            }
        }
    }
}
