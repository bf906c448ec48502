//! The gamma function: its logarithm, the slope of that, and how both differ between two arguments.

use std::f64::consts::TAU;
use std::sync::LazyLock;

/// From here on Stirling's series is exact to the last digits.
const LARGE: f64 = 15.0;

/// The logarithm of the gamma function, by Stirling's series for large arguments and back from there.
pub(crate) fn ln_gamma(mut a: f64) -> f64 {
    let mut product = 1.0;
    while a < LARGE {
        product *= a;
        a += 1.0;
    }
    (a - 0.5) * a.ln() - a + TAU.ln() / 2.0 + rest(a) - f64::ln(product)
}

/// The derivative of [`ln_gamma`].
pub(crate) fn digamma(mut a: f64) -> f64 {
    let mut sum = 0.0;
    while a < LARGE {
        sum += 1.0 / a;
        a += 1.0;
    }
    a.ln() - slope_of_rest(a) - sum
}

/// How much [`ln_gamma`] rises from `a` by a step, less `step * ln(a)`: where `a` is large both are large, and nearly the same.
pub(crate) fn rise(a: f64, step: f64) -> f64 {
    if is_short(step) && a > 1e-12 {
        return factors(step).map(|i| 1.0 + i / a).product::<f64>().ln();
    }
    if a < LARGE {
        return ln_gamma(a + step) - ln_gamma(a) - step * a.ln();
    }
    (a + step - 0.5) * (step / a).ln_1p() - step + rest(a + step) - rest(a)
}

/// How much [`digamma`] rises from `a` by a step, less `step / a`.
pub(crate) fn rise_of_slope(a: f64, step: f64) -> f64 {
    if is_short(step) {
        return factors(step).map(|i| -i / (a + i)).sum::<f64>() / a;
    }
    if a < LARGE {
        return digamma(a + step) - digamma(a) - step / a;
    }
    let part = step / a;
    part.ln_1p() - part - slope_of_rest(a + step) + slope_of_rest(a)
}

/// Computes [`rise`] and [`rise_of_slope`] together.
pub(crate) fn rises(a: f64, step: f64) -> (f64, f64) {
    if !is_short(step) || a <= 1e-12 {
        return (rise(a, step), rise_of_slope(a, step));
    }
    // The product of the factors `1 + i u`, and its slope by `u`.
    let u = 1.0 / a;
    let (mut product, mut slope) = (1.0, 0.0);
    for i in factors(step) {
        let factor = 1.0 + i * u;
        slope = slope * factor + product * i;
        product *= factor;
    }
    (f64::ln(product), -u * u * slope / product)
}

/// The logarithm of the factorial of a whole number.
pub(crate) fn ln_factorial(number: f64) -> f64 {
    static SMALL: LazyLock<Vec<f64>> =
        LazyLock::new(|| (0..1024).map(|n| ln_gamma(f64::from(n) + 1.0)).collect());
    let known = SMALL.get(number as usize);
    known.map_or_else(|| ln_gamma(number + 1.0), |&known| known)
}

/// A step over few whole numbers, which can be taken one by one.
fn is_short(step: f64) -> bool {
    step <= 16.0 && step.fract() == 0.0
}

/// What is added to `a` in the factors by which the gamma function rises, but the first, which is `a` itself.
fn factors(step: f64) -> impl Iterator<Item = f64> {
    (1..step as u32).map(f64::from)
}

/// What Stirling's series adds.
fn rest(a: f64) -> f64 {
    let u = 1.0 / (a * a);
    (1.0 / 12.0 - u * (1.0 / 360.0 - u * (1.0 / 1260.0 - u * (1.0 / 1680.0 - u / 1188.0)))) / a
}

/// What its derivative takes away from the logarithm (Abramowitz and Stegun 6.3.18).
fn slope_of_rest(a: f64) -> f64 {
    let u = 1.0 / (a * a);
    0.5 / a
        + u * (1.0 / 12.0
            - u * (1.0 / 120.0 - u * (1.0 / 252.0 - u * (1.0 / 240.0 - u * (1.0 / 132.0)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_differences() {
        for a in [1e-3, 0.4, 1.0, 7.5, 14.9, 15.1, 300.0] {
            let step = 1e-5 * a;
            let slope = (ln_gamma(a + step) - ln_gamma(a - step)) / (2.0 * step);
            assert!(
                (digamma(a) - slope).abs() < 1e-6 * slope.abs().max(1.0),
                "{a}"
            );
        }
        // Minus Euler's constant.
        assert!((digamma(1.0) + 0.577_215_664_901_532_9).abs() < 1e-13);
    }

    #[test]
    fn rises_are_products() {
        for a in [0.2, 3.0, 14.0, 20.0, 1e6, 1e12] {
            let (mut product, mut sum) = (0.0, 0.0);
            for step in 1..50 {
                let last = f64::from(step - 1);
                product += (last / a).ln_1p();
                sum -= last / (a * (a + last));
                let step = f64::from(step);
                assert!((rise(a, step) - product).abs() < 1e-11, "{a} {step}");
                let both = rises(a, step);
                assert!((both.0 - product).abs() < 1e-11, "{a} {step}");
                assert!(
                    (both.1 - sum).abs() < 1e-11 * sum.abs().max(1e-6),
                    "{a} {step}"
                );
                assert!(
                    (rise_of_slope(a, step) - sum).abs() < 1e-11 * sum.abs().max(1e-6),
                    "{a} {step}"
                );
            }
        }
    }
}
