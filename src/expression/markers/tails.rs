//! Chances far out in the tails of Student's t and of the normal distribution.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// The chance of a value at least as far from 0 as `t`, for any number of degrees of freedom above 0.
///
/// It is the incomplete beta function at `freedom / (freedom + t²)` with parameters `freedom / 2` and `1 / 2`, as a continued fraction, so
/// that small chances keep their digits.
pub(super) fn student(t: f64, freedom: f64) -> f64 {
    let square = t * t;
    if t.is_nan() || freedom.is_nan() || freedom <= 0.0 {
        return f64::NAN;
    }
    if square.is_infinite() {
        return 0.0;
    }
    let a = freedom / 2.0;
    let (x, rest) = (freedom / (freedom + square), square / (freedom + square));
    // x^a as an exponential: a is large where x is near 1.
    let power = (-a * (square / freedom).ln_1p()).exp() * rest.sqrt() * gamma_ratio(a) / PI.sqrt();
    if x < (a + 1.0) / (a + 2.5) {
        power * fraction(x, a, 0.5) / a
    } else {
        1.0 - power * fraction(rest, 0.5, a) / 0.5
    }
}

/// The chance of a value at least as far from 0 as `z`.
pub(super) fn normal(z: f64) -> f64 {
    erfc(z.abs() * FRAC_1_SQRT_2)
}

/// The gamma function at `a + 1/2` over that at `a`, by its series for large `a` (Abramowitz and Stegun 6.1.49) and back from there.
fn gamma_ratio(mut a: f64) -> f64 {
    let mut ratio = 1.0;
    while a < 40.0 {
        ratio *= a / (a + 0.5);
        a += 1.0;
    }
    let u = 1.0 / a;
    let series = 1.0 - u / 8.0 + u.powi(2) / 128.0 + 5.0 * u.powi(3) / 1024.0
        - 21.0 * u.powi(4) / 32768.0
        - 399.0 * u.powi(5) / 262_144.0
        + 869.0 * u.powi(6) / 4_194_304.0;
    ratio * a.sqrt() * series
}

/// The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8), by Lentz's method.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut sum = d;
    for m in 1..10_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut step = 1.0;
        for term in [even, odd] {
            d = 1.0 / away(1.0 + term * d);
            c = away(1.0 + term / c);
            step = d * c;
            sum *= step;
        }
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    sum
}

/// The complementary error function from 0, by its series near 0 and its continued fraction far from it.
fn erfc(x: f64) -> f64 {
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
    let tail = (1..=120)
        .rev()
        .fold(x, |tail, k| x + f64::from(k) / 2.0 / tail);
    bell / PI.sqrt() / tail
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of `2 * scipy.stats.t.sf` and `2 * scipy.stats.norm.sf`, scipy 1.14.1.
    #[test]
    fn tails_are_those_of_scipy() {
        for (t, freedom, chance) in STUDENT {
            let found = student(t, freedom);
            assert!(
                (found / chance - 1.0).abs() < 1e-10,
                "{t} {freedom}: {found:e}"
            );
        }
        for (z, chance) in NORMAL {
            let found = normal(z);
            assert!((found / chance - 1.0).abs() < 1e-11, "{z}: {found:e}");
        }
        assert_eq!(student(f64::INFINITY, 3.0), 0.0);
        assert!(student(f64::NAN, 3.0).is_nan() && student(1.0, 0.0).is_nan());
    }

    const STUDENT: [(f64, f64, f64); 10] = [
        (0.1, 1.0, 0.936_548_965_138_8),
        (3.0, 1.5, 0.133_547_754_254_9),
        (-1.5, 2.25, 0.258_943_260_684_6),
        (2.0, 7.7, 0.081_907_403_996_80),
        (12.0, 30.3, 4.836_335_966_645_9e-13),
        (0.5, 999.4, 0.617_185_146_865_2),
        (25.0, 998.6, 1.632_168_902_733_1e-107),
        (30.0, 5000.5, 5.673_188_286_805_4e-182),
        (5.5, 80.01, 4.417_383_416_771_2e-7),
        (37.0, 19_999.7, 6.395_864_829_765_6e-290),
    ];

    const NORMAL: [(f64, f64); 8] = [
        (0.0, 1.0),
        (0.1, 0.920_344_325_445_9),
        (1.0, 0.317_310_507_862_9),
        (3.4, 0.000_673_858_531_353_7),
        (3.6, 0.000_318_217_180_315_0),
        (6.0, 1.973_175_290_075_3e-9),
        (-20.0, 5.507_248_237_212_3e-89),
        (37.0, 1.145_114_244_504_7e-299),
    ];
}
