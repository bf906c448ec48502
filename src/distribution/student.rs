//! Student's t distribution, also far out.

use std::f64::consts::PI;

/// The chance of a value at least as far from 0 as `t`, for any number of degrees of freedom above 0.
///
/// It is the incomplete beta function at `freedom / (freedom + t²)` with parameters `freedom / 2` and `1 / 2`, as a continued fraction, so
/// that small chances keep their digits.
pub(crate) fn both_tails(t: f64, freedom: f64) -> f64 {
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

/// The distance from 0 that is exceeded with chance `1 - level`.
pub(crate) fn quantile(level: f64, freedom: f64) -> f64 {
    if !(freedom > 0.0 && (0.0..1.0).contains(&level)) {
        return f64::NAN;
    }
    let (mut low, mut high) = (0.0, 1.0);
    while both_tails(high, freedom) > 1.0 - level && high < f64::MAX / 4.0 {
        high *= 2.0;
    }
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if both_tails(middle, freedom) > 1.0 - level {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of `2 * scipy.stats.t.sf` and of `scipy.stats.t.ppf`, scipy 1.17.1.
    #[test]
    fn tails_and_quantiles_are_those_of_scipy() {
        for (t, freedom, chance) in [
            (0.1, 1.0, 0.936_548_965_138_893),
            (3.0, 1.0, 0.204_832_764_699_133_45),
            (1.5, 2.0, 0.272_393_124_891_001_1),
            (-1.5, 2.0, 0.272_393_124_891_001_1),
            (3.0, 1.5, 0.133_547_754_254_9),
            (-1.5, 2.25, 0.258_943_260_684_6),
            (2.0, 7.7, 0.081_907_403_996_80),
            (12.0, 30.3, 4.836_335_966_645_9e-13),
            (5.5, 80.01, 4.417_383_416_771_2e-7),
            (37.0, 19_999.7, 6.395_864_829_765_6e-290),
            (2.0, 7.0, 0.085_619_328_562_976_05),
            (12.0, 30.0, 5.580_185_415_199_261e-13),
            (0.5, 999.0, 0.617_185_190_930_289_5),
            (25.0, 999.0, 1.599_384_287_489_172e-107),
            (30.0, 5000.0, 5.691_658_117_861_631e-182),
        ] {
            let found = both_tails(t, freedom);
            assert!(
                (found / chance - 1.0).abs() < 1e-9,
                "{t} {freedom}: {found}"
            );
        }
        for (level, freedom, t) in [
            (0.95, 1.0, 12.706_204_736_174_694),
            (0.95, 2.0, 4.302_652_729_749_462),
            (0.95, 3.0, 3.182_446_305_284_263_3),
            (0.9, 4.0, 2.131_846_786_326_649),
            (0.99, 9.0, 3.249_835_541_592_141),
            (0.95, 19.0, 2.093_024_054_408_308_7),
            (0.95, 50.0, 2.008_559_112_100_761),
            (0.95, 999.0, 1.962_341_461_133_449_3),
        ] {
            let found = quantile(level, freedom);
            assert!((found / t - 1.0).abs() < 1e-9, "{freedom}: {found}");
        }
        assert!(quantile(0.95, 0.0).is_nan());
        assert_eq!(both_tails(f64::INFINITY, 3.0), 0.0);
        assert!((both_tails(0.0, 3.0) - 1.0).abs() < 1e-15);
        assert!(both_tails(1.0, 0.0).is_nan() && both_tails(f64::NAN, 3.0).is_nan());
    }
}
