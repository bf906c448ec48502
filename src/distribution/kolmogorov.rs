//! The largest difference of two empirical distributions, where both samples are of one distribution.

use std::f64::consts::PI;

/// Pairs of examples up to which the chance is counted, not approximated.
const EXACT: usize = 4_000_000;

/// The chance that two samples of one continuous distribution, of these sizes, differ at least so much: `distance` is the largest
/// difference of their shares times both sizes, a whole number.
///
/// All orders of the two samples are as likely; what is counted is the share of those whose path leaves the band around the diagonal.
/// With ties the chance is too large rather than too small. For large samples it is Kolmogorov's limit.
pub(crate) fn two_samples(distance: usize, (first, second): (usize, usize)) -> f64 {
    if first == 0 || second == 0 {
        return f64::NAN;
    }
    if distance == 0 {
        return 1.0;
    }
    let pairs = first.saturating_mul(second);
    if pairs > EXACT {
        let (first, second) = (first as f64, second as f64);
        let size = (first * second / (first + second)).sqrt();
        return limit(size * distance as f64 / (first * second));
    }
    // Shares of the paths to a point that have been outside: the last step came from below with chance i / (i + j).
    let outside = |i: usize, j: usize| (i * second).abs_diff(j * first) >= distance;
    let mut row = vec![0.0_f64; second + 1];
    for i in 0..=first {
        for j in 0..=second {
            row[j] = if outside(i, j) {
                1.0
            } else {
                let before = if j > 0 { row[j - 1] } else { 0.0 };
                // With i = 0 the path came along this row.
                (i as f64 * row[j] + j as f64 * before) / (i + j).max(1) as f64
            };
        }
    }
    row[second]
}

/// The chance that the supremum of a Brownian bridge exceeds `x` (Kolmogorov 1933).
pub(crate) fn limit(x: f64) -> f64 {
    if x.is_nan() || x <= 0.0 {
        return if x.is_nan() { x } else { 1.0 };
    }
    if x < 1.0 {
        let terms =
            (1..20).map(|k| (-f64::from(2 * k - 1).powi(2) * PI * PI / (8.0 * x * x)).exp());
        return 1.0 - (2.0 * PI).sqrt() / x * terms.sum::<f64>();
    }
    let terms = (1..20).map(|k| {
        let sign = if k % 2 == 1 { 2.0 } else { -2.0 };
        sign * (-2.0 * f64::from(k * k) * x * x).exp()
    });
    terms.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of `scipy.stats.kstwobign.sf` and of `scipy.stats.ks_2samp(method="exact")`, scipy 1.17.1.
    #[test]
    fn chances_are_those_of_scipy() {
        for (x, chance) in KOLMOGOROV {
            assert!((limit(x) / chance - 1.0).abs() < 1e-12, "{x}: {}", limit(x));
        }
        for (distance, sizes, chance) in TWO_SAMPLES {
            let found = two_samples(distance, sizes);
            assert!(
                (found / chance - 1.0).abs() < 1e-12,
                "{distance} {sizes:?}: {found}"
            );
        }
        assert!(two_samples(1, (0, 5)).is_nan() && limit(f64::NAN).is_nan());
        assert_eq!((two_samples(0, (3, 5)), limit(0.0)), (1.0, 1.0));
    }

    /// The count and the limit agree where both are possible.
    #[test]
    fn large_samples_reach_the_limit() {
        let (n, m) = (2000, 1999);
        let distance = n * m / 25;
        let counted = two_samples(distance, (n, m));
        let size = (n as f64 * m as f64 / (n + m) as f64).sqrt();
        assert!((limit(size / 25.0) / counted - 1.0).abs() < 0.05);
    }

    const KOLMOGOROV: [(f64, f64); 7] = [
        (0.3, 0.999_990_694_198_665_5),
        (0.5, 0.963_945_243_664_875_1),
        (0.9, 0.392_730_707_940_654_3),
        (1.0, 0.269_999_671_677_354_56),
        (1.36, 0.049_485_876_755_377_876),
        (2.0, 0.000_670_925_255_779_695_3),
        (4.0, 2.532_833_109_818_835e-14),
    ];
    const TWO_SAMPLES: [(usize, (usize, usize), f64); 7] = [
        (12, (3, 5), 0.142_857_142_857_142_88),
        (24, (8, 8), 0.660_139_860_139_859_9),
        (168, (20, 13), 0.001_310_059_256_086_242_4),
        (1010, (50, 70), 0.012_310_442_070_896_353),
        (9100, (200, 150), 1.918_476_029_220_166e-7),
        (8400, (300, 300), 0.146_606_890_470_756_34),
        (2360, (40, 60), 5.965_270_133_641_463e-27),
    ];
}
