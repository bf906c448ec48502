//! The normal distribution.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// The quantile of 97.5 %: half of a 95 % interval, in standard errors.
pub(crate) const HALF_OF_95: f64 = 1.959_963_984_540_054;

/// The chance of a value above `z`, relative error below 1e-12.
pub(crate) fn above(z: f64) -> f64 {
    erfc(z * FRAC_1_SQRT_2) / 2.0
}

/// The chance of a value at least as far from 0 as `z`.
pub(crate) fn both_tails(z: f64) -> f64 {
    2.0 * above(z.abs())
}

/// The chance of a value at most `z`.
pub(crate) fn cdf(z: f64) -> f64 {
    above(-z)
}

/// The value that is not exceeded with this chance.
pub(crate) fn quantile(chance: f64) -> f64 {
    if !(0.0..=1.0).contains(&chance) {
        return f64::NAN;
    }
    if chance > 0.5 {
        return -quantile(1.0 - chance);
    }
    if chance == 0.0 {
        return f64::NEG_INFINITY;
    }
    let (mut low, mut high) = (-39.0, 0.0);
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if cdf(middle) < chance {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The complementary error function, by its series near 0 and its continued fraction far from it.
fn erfc(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x < 0.0 {
        return 2.0 - erfc(-x);
    }
    let bell = (-x * x).exp();
    if x < 2.5 {
        // Kummer's form, in which all terms are positive.
        let (mut sum, mut term, mut odd) = (0.0, x, 1.0);
        while term > 1e-18 * sum {
            sum += term;
            odd += 2.0;
            term *= 2.0 * x * x / odd;
        }
        return 1.0 - 2.0 / PI.sqrt() * bell * sum;
    }
    // Far out, fewer steps give all digits.
    let steps = (750.0 / (x * x)) as u32 + 8;
    let tail = (1..=steps)
        .rev()
        .fold(x, |tail, k| x + f64::from(k) / 2.0 / tail);
    bell / PI.sqrt() / tail
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of `scipy.stats.norm.sf` and `.ppf`, scipy 1.17.1.
    #[test]
    fn tails_and_quantiles_are_those_of_scipy() {
        for (z, chance) in [
            (0.0, 0.5),
            (0.1, 0.460_172_162_722_971),
            (1.0, 0.158_655_253_931_457_05),
            (1.959_963_984_540_054, 0.025),
            (3.4, 0.000_336_929_265_676_880_7),
            (3.6, 0.000_159_108_590_157_533_64),
            (6.0, 9.865_876_450_376_946e-10),
            (20.0, 2.753_624_118_606_233_4e-89),
            (37.0, 5.725_571_222_523_5e-300),
            (-2.0, 0.977_249_868_051_820_8),
        ] {
            let found = above(z);
            assert!((found / chance - 1.0).abs() < 1e-11, "{z}: {found:e}");
            let back = quantile(1.0 - chance);
            if z < 4.0 {
                assert!((back - z).abs() < 1e-9, "{z}: {back}");
            }
        }
        assert_eq!(quantile(0.0), f64::NEG_INFINITY);
        assert!(quantile(1.5).is_nan() && above(f64::NAN).is_nan());
    }
}
