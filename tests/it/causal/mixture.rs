//! MR-Mix beside a direct search, and over many drawn data sets.

use super::properties::{Row, instruments};
use crate::golden::{rows, table};
use genolens::causal::{self, MrMix};
use genolens::random::Seed;
use rand::RngExt;

/// Made by `tests/golden/causal/mixture.py`; places of the highest share agree to 1e-4, where that search is as exact.
#[test]
fn the_highest_share_is_found() {
    let golden = include_str!("../../golden/causal/mixture.tsv");
    for case in 0..2 {
        let data = table(golden, &format!("data{case}"));
        let data: Vec<Row> = data
            .rows()
            .into_iter()
            .map(|r| (r[0], r[1], r[2], r[3]))
            .collect();
        let found = causal::mr_mix(&instruments(&data)).unwrap();
        let expected: f64 = rows(golden, &format!("result{case}"))[0][0]
            .parse()
            .unwrap();
        assert!(
            (found.value() - expected).abs() < 1e-4,
            "{found:?} {expected}"
        );
        assert!(found.standard_error() > 0.0);
    }
}

fn drawn(seed: usize, theta: f64) -> Vec<Row> {
    let mut generator = Seed::new(6).indexed(seed).generator();
    let mut normal = || -> f64 { generator.sample(rand_distr::StandardNormal) };
    (0..60)
        .map(|at| {
            let gamma = 0.1 * normal();
            let direct = if at % 5 < 2 { 0.1 * normal() } else { 0.0 };
            (
                gamma + 0.01 * normal(),
                0.01,
                theta * gamma + direct + 0.01 * normal(),
                0.01,
            )
        })
        .collect()
}

/// Forty per cent of the variants are bad: the effect is found, and its standard errors are as large as it varies, within a third.
#[test]
fn standard_errors_say_how_estimates_vary() {
    let found: Vec<(f64, f64)> = (0..60)
        .map(|seed| causal::mr_mix(&instruments(&drawn(seed, 0.4))).unwrap())
        .map(|found| (found.value(), found.standard_error()))
        .collect();
    let n = found.len() as f64;
    let mean = found.iter().map(|one| one.0).sum::<f64>() / n;
    let sd = (found.iter().map(|one| (one.0 - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let mut errors: Vec<f64> = found
        .iter()
        .map(|one| one.1)
        .filter(|e| e.is_finite())
        .collect();
    errors.sort_by(f64::total_cmp);
    let usual = errors[errors.len() / 2];
    assert!(errors.iter().all(|error| *error > 0.0));
    assert!((mean - 0.4).abs() < 0.03, "{mean}");
    assert!(
        errors.len() == 60 && (0.67..1.5).contains(&(usual / sd)),
        "{usual} {sd} {}",
        errors.len()
    );
}

/// There is a standard error, or none, with no interval and no p-value; never one of 0 or without end.
#[test]
fn standard_errors_are_numbers_or_absent() {
    let mut told = 0;
    for seed in 0..80 {
        let rows = drawn(seed, 0.4);
        for few in [4, 5, 7, 12, 30] {
            let Ok(found) = causal::mr_mix(&instruments(&rows[..few])) else {
                continue;
            };
            let (error, p) = (found.standard_error(), found.p_value());
            let (lower, upper) = found.interval();
            assert!(found.value().is_finite());
            told += 1;
            if error.is_nan() {
                assert!(lower.is_nan() && upper.is_nan() && p.is_nan(), "{found:?}");
            } else {
                assert!(error > 0.0 && error.is_finite(), "{few} {found:?} {error}");
                assert!(lower < upper && (0.0..=1.0).contains(&p), "{found:?}");
            }
        }
    }
    assert!(told >= 80, "{told}");
}

#[test]
fn ranges_and_perfect_fits() {
    let rows = drawn(1, 0.4);
    let scaled: Vec<Row> = rows
        .iter()
        .map(|r| (r.0 / 10.0, r.1 / 10.0, r.2, r.3))
        .collect();
    let plain = causal::mr_mix(&instruments(&rows)).unwrap();
    // The effect is 4: beyond the usual range.
    let message = causal::mr_mix(&instruments(&scaled))
        .unwrap_err()
        .to_string();
    assert!(message.starts_with("`range`"), "{message}");
    let wide = MrMix::new()
        .range(-10.0, 10.0)
        .run(&instruments(&scaled))
        .unwrap();
    assert!((wide.value() / plain.value() / 10.0 - 1.0).abs() < 1e-3);
    assert!((wide.standard_error() / plain.standard_error() / 10.0 - 1.0).abs() < 0.03);
    let exact: Vec<Row> = rows.iter().map(|r| (r.0, r.1, -2.5 * r.0, r.3)).collect();
    let found = causal::mr_mix(&instruments(&exact)).unwrap();
    assert!((found.value() + 2.5).abs() < 1e-10 && found.standard_error() > 0.0);
    assert!(found.valid().unwrap().iter().all(|valid| *valid));
    assert!(
        MrMix::new()
            .range(1.0, 1.0)
            .run(&instruments(&rows))
            .is_err()
    );
    assert!(MrMix::new().steps(1).run(&instruments(&rows)).is_err());
    assert!(causal::mr_mix(&instruments(&rows[..3])).is_err());
}
