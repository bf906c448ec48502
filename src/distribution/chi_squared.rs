//! The chi-squared distribution, also far out.

use super::gamma::ln_gamma;
use super::normal;

/// The chance of a value above `x`, for any number of degrees of freedom above 0, so that small chances keep their digits.
///
/// It is the upper incomplete gamma function at `x / 2` with parameter `freedom / 2`.
pub(crate) fn above(x: f64, freedom: f64) -> f64 {
    if x.is_nan() || freedom.is_nan() || freedom <= 0.0 {
        return f64::NAN;
    }
    if x <= 0.0 {
        return 1.0;
    }
    if x.is_infinite() {
        return 0.0;
    }
    if freedom == 1.0 {
        return normal::both_tails(x.sqrt());
    }
    let (a, half) = (freedom / 2.0, x / 2.0);
    // half^a exp(-half) / gamma(a), with nothing that overflows.
    let front = (a * half.ln() - half - ln_gamma(a)).exp();
    if half < a + 1.0 {
        1.0 - front * series(a, half)
    } else {
        front * fraction(a, half)
    }
}

/// The value that is exceeded with chance `1 - level`.
pub(crate) fn quantile(level: f64, freedom: f64) -> f64 {
    if !(freedom > 0.0 && (0.0..1.0).contains(&level)) {
        return f64::NAN;
    }
    let (mut low, mut high) = (0.0, freedom.max(1.0));
    while above(high, freedom) > 1.0 - level && high < f64::MAX / 4.0 {
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if above(middle, freedom) > 1.0 - level {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The series of the lower incomplete gamma function (Abramowitz and Stegun 6.5.29).
fn series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
    while term > sum * 1e-17 {
        n += 1.0;
        term *= x / n;
        sum += term;
    }
    sum
}

/// The continued fraction of the upper one (Abramowitz and Stegun 6.5.31), by Lentz's method.
fn fraction(a: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / away(b);
    let mut value = d;
    for i in 1..100_000 {
        let i = f64::from(i);
        let term = -i * (i - a);
        b += 2.0;
        d = 1.0 / away(term * d + b);
        c = away(b + term / c);
        let step = d * c;
        value *= step;
        if (step - 1.0).abs() < 1e-16 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of `scipy.stats.chi2.sf` and `.ppf`; see `tests/golden/causal/chi_squared.py`.
    #[test]
    fn tails_and_quantiles_are_those_of_scipy() {
        let golden = include_str!("../../tests/golden/causal/chi_squared.tsv");
        let mut rows = 0;
        for line in golden.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let number = |at: usize| cells[at].parse::<f64>().unwrap_or(f64::NAN);
            let (freedom, argument, expected) = (number(1), number(2), number(3));
            let found = match cells[0] {
                "above" => above(argument, freedom),
                _ => quantile(argument, freedom),
            };
            assert!((found / expected - 1.0).abs() < 1e-10, "{line}: {found:e}");
            rows += 1;
        }
        assert!(rows > 50, "{rows}");
        assert_eq!((above(0.0, 3.0), above(f64::INFINITY, 3.0)), (1.0, 0.0));
        assert!(above(1.0, 0.0).is_nan() && quantile(1.5, 2.0).is_nan());
    }
}
