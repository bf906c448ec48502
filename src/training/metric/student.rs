//! Student's t distribution with a whole number of degrees of freedom.

use std::f64::consts::{FRAC_2_PI, PI};

/// The chance of a value between `-t` and `t`, by the finite sums for whole degrees of freedom.
fn within(t: f64, freedom: usize) -> f64 {
    let angle = (t / (freedom as f64).sqrt()).atan();
    let (sine, cosine) = angle.sin_cos();
    let odd = freedom % 2 == 1;
    let (mut term, mut sum) = (if odd { cosine } else { 1.0 }, 0.0);
    let mut k = if odd { 3 } else { 2 };
    while k <= freedom {
        sum += term;
        term *= cosine * cosine * (k - 1) as f64 / k as f64;
        k += 2;
    }
    if odd {
        FRAC_2_PI * (angle + sine * sum)
    } else {
        sine * sum
    }
}

/// The value whose distance from 0 is exceeded with chance `1 - level`.
pub(crate) fn quantile(level: f64, freedom: usize) -> f64 {
    if freedom == 0 || !(0.0..1.0).contains(&level) {
        return f64::NAN;
    }
    // In the angle, which has an end where t has none.
    let (mut low, mut high) = (0.0, PI / 2.0);
    let scale = (freedom as f64).sqrt();
    for _ in 0..80 {
        let middle = f64::midpoint(low, high);
        if within(scale * f64::tan(middle), freedom) < level {
            low = middle;
        } else {
            high = middle;
        }
    }
    scale * f64::midpoint(low, high).tan()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of `scipy.stats.t.ppf`, scipy 1.17.1.
    #[test]
    fn quantiles_are_those_of_scipy() {
        for (level, freedom, t) in [
            (0.95, 1, 12.706_204_736_174_705),
            (0.95, 2, 4.302_652_729_749_464),
            (0.95, 3, 3.182_446_305_284_263_3),
            (0.9, 4, 2.131_846_786_326_649),
            (0.99, 9, 3.249_835_541_592_141),
            (0.95, 50, 2.008_559_112_100_761),
        ] {
            let found = quantile(level, freedom);
            assert!((found / t - 1.0).abs() < 1e-9, "{freedom}: {found}");
        }
        assert!(quantile(0.95, 0).is_nan());
    }
}
