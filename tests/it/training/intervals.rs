//! Intervals: against the definition of `DeLong` and scipy's bootstrap, and how often they hold the truth.

use crate::golden::table;
use genolens::ndarray::{Array1, array};
use genolens::training::{
    Bootstrap, DeLong, Ends, Interpolation, Metric, auroc, compare_auroc, delong, pearson,
};
use proptest::prelude::*;
use std::time::{Duration, Instant};

const GOLDEN: &str = include_str!("../../golden/training/metrics.tsv");

fn golden(name: &str) -> Vec<f64> {
    table(GOLDEN, name).row(0).to_vec()
}

fn row(name: &str) -> Array1<f32> {
    golden(name).into_iter().map(|value| value as f32).collect()
}

/// Two numbers that look random and normal, from a place and a seed.
fn normal(seed: usize, place: usize) -> (f64, f64) {
    let mix = |mut x: u64| {
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    };
    let uniform = |stream: u64| {
        let state = mix(seed as u64 * 2 + stream + 1).wrapping_add(place as u64);
        (mix(state.wrapping_mul(0x9e37_79b9_7f4a_7c15)) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let (radius, angle) = (
        (-2.0 * (1.0 - uniform(0)).ln()).sqrt(),
        std::f64::consts::TAU * uniform(1),
    );
    (radius * angle.cos(), radius * angle.sin())
}

/// Scores of so many positives and negatives, the positives higher by `shift`.
fn drawn(seed: usize, (ones, zeros): (usize, usize), shift: f64) -> (Array1<f32>, Array1<f32>) {
    let n = ones + zeros;
    let labels = Array1::from_shape_fn(n, |i| f32::from(u8::from(i < ones)));
    let scores = Array1::from_shape_fn(n, |i| {
        (normal(seed, i).0 + shift * f64::from(labels[i])) as f32
    });
    (scores, labels)
}

#[test]
fn delong_is_its_definition_by_pairs() {
    for case in ["tied", "rare", "fine", "backwards"] {
        let read = |quantity: &str| row(&format!("{case}.{quantity}"));
        let of = |quantity: &str| golden(&format!("{case}.{quantity}"));
        let (scores, others, labels) = (read("scores"), read("others"), read("labels"));
        let z = 1.959_963_984_540_054;
        for (scores, at) in [(&scores, 0), (&others, 1)] {
            let found = delong(scores, &labels).unwrap();
            let (area, variance) = (of("areas")[at], of("variances")[at]);
            assert!((found.estimate() - area).abs() < 1e-12);
            let low = (area - z * variance.sqrt()).max(0.0);
            let high = (area + z * variance.sqrt()).min(1.0);
            assert!((found.low() - low).abs() < 1e-10, "{case}: {found}, {low}");
            assert!(
                (found.high() - high).abs() < 1e-10,
                "{case}: {found}, {high}"
            );
        }
        let found = compare_auroc(&scores, &others, &labels).unwrap();
        let [difference, error, z_value, p] = of("compared")[..] else {
            panic!("four numbers");
        };
        assert!((found.difference().estimate() - difference).abs() < 1e-12);
        assert!((found.difference().low() - (difference - z * error)).abs() < 1e-10);
        assert!((found.z() / z_value - 1.0).abs() < 1e-9, "{case}: {found}");
        assert!((found.p() / p - 1.0).abs() < 1e-8, "{case}: {found}");
        assert_eq!(found.first(), delong(&scores, &labels).unwrap());
        let back = compare_auroc(&others, &scores, &labels).unwrap();
        assert!((back.z() + found.z()).abs() < 1e-9 && (back.p() - found.p()).abs() < 1e-12);
    }
}

proptest! {
    #[test]
    fn intervals_depend_on_ranks_only(seed in 0_usize..1000, ones in 3_usize..30, zeros in 3_usize..30) {
        let (scores, labels) = drawn(seed, (ones, zeros), 0.5);
        let bent = scores.mapv(f32::exp);
        let (plain, same) = (delong(&scores, &labels).unwrap(), delong(&bent, &labels).unwrap());
        prop_assert!(plain == same || !plain.is_known());
        let alike = compare_auroc(&scores, &bent, &labels).unwrap();
        prop_assert_eq!((alike.z(), alike.p()), (0.0, 1.0));
        // The other way round: the mirror image.
        let mirror = delong(&-&scores, &labels).unwrap();
        if plain.is_known() {
            prop_assert!((mirror.low() + plain.high() - 1.0).abs() < 1e-9);
            let logit = DeLong::new().logit(true).run(&scores, &labels).unwrap();
            prop_assert!(0.0 < logit.low() && logit.contains(plain.estimate()) && logit.high() < 1.0);
        }
    }
}

/// The variance of the area and of a difference, from all pairs of a positive and a negative.
fn by_pairs(ones: &[f32], zeros: &[f32]) -> Vec<Vec<f64>> {
    let pair = |one: f32, zero: f32| {
        f64::from(u8::from(one > zero)) + 0.5 * f64::from(u8::from(one == zero))
    };
    ones.iter()
        .map(|&one| zeros.iter().map(|&zero| pair(one, zero)).collect())
        .collect()
}

fn variance_of_pairs(pairs: &[Vec<f64>]) -> f64 {
    let (m, n) = (pairs.len(), pairs[0].len());
    let rows: Vec<f64> = pairs
        .iter()
        .map(|row| row.iter().sum::<f64>() / n as f64)
        .collect();
    let columns: Vec<f64> = (0..n)
        .map(|j| pairs.iter().map(|row| row[j]).sum::<f64>() / m as f64)
        .collect();
    let part = |of: &[f64]| {
        let mean = of.iter().sum::<f64>() / of.len() as f64;
        let squares: f64 = of.iter().map(|value| (value - mean).powi(2)).sum();
        squares / (of.len() as f64 - 1.0) / of.len() as f64
    };
    part(&rows) + part(&columns)
}

proptest! {
    #[test]
    fn variances_are_those_of_all_pairs(
        cells in proptest::collection::vec((-3_i8..4, -3_i8..4), 8..40),
        ones in 2_usize..6,
    ) {
        let n = cells.len();
        let labels = Array1::from_shape_fn(n, |i| f32::from(u8::from(i < ones)));
        let first = Array1::from_shape_fn(n, |i| f32::from(cells[i].0));
        let second = Array1::from_shape_fn(n, |i| f32::from(cells[i].1));
        let split = |of: &Array1<f32>| by_pairs(&of.to_vec()[..ones], &of.to_vec()[ones..]);
        let (a, b) = (split(&first), split(&second));
        let gaps: Vec<Vec<f64>> = a.iter().zip(&b)
            .map(|(a, b)| a.iter().zip(b).map(|(a, b)| a - b).collect())
            .collect();
        let found = compare_auroc(&first, &second, &labels).unwrap();
        let z = 1.959_963_984_540_054;
        let difference = found.difference();
        if difference.is_known() {
            let width = z * variance_of_pairs(&gaps).sqrt();
            prop_assert!((difference.high() - difference.estimate() - width).abs() < 1e-10);
        } else {
            prop_assert!(variance_of_pairs(&gaps) < 1e-20);
        }
        let (area, width) = (found.first(), z * variance_of_pairs(&a).sqrt());
        if area.is_known() {
            prop_assert!((area.high() - (area.estimate() + width).min(1.0)).abs() < 1e-10);
        }
    }
}

/// The area of normal scores that are 1 apart is that of the normal distribution at the root of one half.
#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let truth = 0.760_249_938_906_523_2;
    let trials = 1000;
    let (mut plain, mut logit, mut higher) = (0, 0, 0);
    for seed in 0..trials {
        let (scores, labels) = drawn(seed, (40, 60), 1.0);
        let interval = delong(&scores, &labels).unwrap();
        plain += usize::from(interval.contains(truth));
        let interval = DeLong::new().logit(true).run(&scores, &labels).unwrap();
        logit += usize::from(interval.contains(truth));
        higher += usize::from(interval.estimate() > truth);
    }
    // Four standard errors of a share of 0.95 in 1000 are 0.028.
    assert!((920..=980).contains(&plain), "{plain}");
    assert!((920..=980).contains(&logit), "{logit}");
    assert!((430..=570).contains(&higher), "{higher}");
}

/// Two equally good models: small p-values are as rare as they say; and two different ones are told apart.
#[test]
fn p_values_are_even_where_models_are_alike() {
    let trials = 1000;
    let below = |chance: f64, gain: f64| {
        let small = (0..trials).filter(|&seed| {
            let (first, labels) = drawn(seed, (50, 50), 1.0);
            let second = Array1::from_shape_fn(100, |i| {
                let noise = (normal(seed, i).0 + normal(seed, i).1) / 2_f64.sqrt();
                (noise + gain * f64::from(labels[i])) as f32
            });
            compare_auroc(&first, &second, &labels).unwrap().p() < chance
        });
        small.count()
    };
    let (few, many) = (below(0.05, 1.0), below(0.5, 1.0));
    assert!((22..=78).contains(&few), "{few}");
    assert!((436..=564).contains(&many), "{many}");
    assert!(below(0.05, 2.5) > 800);
}

#[test]
fn bootstrap_intervals_hold_the_truth_as_often_as_they_say() {
    let truth = 0.760_249_938_906_523_2;
    let trials = 300;
    for ends in [Ends::Percentile, Ends::Bca] {
        let bootstrap = Bootstrap::new().resamples(400).ends(ends);
        let held = (0..trials).filter(|&seed| {
            let (scores, labels) = drawn(seed, (40, 60), 1.0);
            let interval = bootstrap
                .seed(seed as u64)
                .run(Metric::Auroc, &scores, &labels);
            interval.unwrap().contains(truth)
        });
        // Four standard errors of a share of 0.94 in 300 are 0.055.
        let held = held.count();
        assert!((265..=298).contains(&held), "{ends:?}: {held}");
    }
}

#[test]
fn bootstrap_intervals_are_those_of_scipy() {
    let (scores, others, labels) = (row("fine.scores"), row("fine.others"), row("fine.labels"));
    let bootstrap = Bootstrap::new().resamples(20_000);
    let check = |metric: Metric, labels: &Array1<f32>, name: &str| {
        let mut centers = Vec::new();
        for (ends, method) in [(Ends::Percentile, "percentile"), (Ends::Bca, "BCa")] {
            let found = bootstrap.ends(ends).run(metric, &scores, labels).unwrap();
            let [low, high, error] = golden(&format!("bootstrap.{name}.{method}"))[..] else {
                panic!("three numbers");
            };
            // An end read from 20,000 resamples is off by 0.02 standard errors, on both sides.
            let near = |a: f64, b: f64| (a - b).abs() < 0.1 * error;
            assert!(
                near(found.low(), low) && near(found.high(), high),
                "{name} {method}: {found}, {low} {high}"
            );
            centers.push(f64::midpoint(found.low(), found.high()) / error);
        }
        // The correction can be seen.
        assert!(
            (centers[0] - centers[1]).abs() > 0.03,
            "{name}: {centers:?}"
        );
    };
    check(Metric::Auroc, &labels, "auroc");
    check(Metric::Pearson, &others, "pearson");
}

#[test]
fn a_bootstrap_is_the_same_for_any_number_of_threads() {
    let (scores, labels) = drawn(5, (30, 50), 0.8);
    for metric in [
        Metric::Auroc,
        Metric::Auprc(Interpolation::Step),
        Metric::Spearman,
    ] {
        for ends in [Ends::Percentile, Ends::Bca] {
            let bootstrap = Bootstrap::new().resamples(200).ends(ends).seed(3);
            let run = || bootstrap.run(metric, &scores, &labels).unwrap();
            let on = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
                pool.build().unwrap().install(run)
            };
            let alone = on(1);
            assert_eq!(alone, on(3));
            assert_ne!(
                alone,
                bootstrap.seed(4).run(metric, &scores, &labels).unwrap()
            );
            assert!(alone.low() < alone.estimate() && alone.estimate() < alone.high());
        }
    }
}

/// Counting an example twice is having it twice: every metric by counts against the same metric of drawn arrays.
#[test]
fn a_metric_of_counts_is_the_metric_of_drawn_examples() {
    let (scores, labels) = drawn(6, (25, 35), 0.8);
    let grid = scores.mapv(|score| (score * 2.0).round() / 2.0);
    let shares = scores.mapv(|score| 1.0 / (1.0 + (-score).exp()));
    let bootstrap = Bootstrap::new().resamples(60).ends(Ends::Bca);
    for metric in [
        Metric::Auroc,
        Metric::Auprc(Interpolation::Step),
        Metric::Auprc(Interpolation::DavisGoadrich),
        Metric::Auprg,
        Metric::Pearson,
        Metric::Spearman,
        Metric::Accuracy,
        Metric::Brier,
        Metric::LogLoss,
    ] {
        let scores = match metric {
            Metric::Accuracy | Metric::Brier | Metric::LogLoss => &shares,
            _ => &grid,
        };
        let counted = bootstrap.run(metric, scores, &labels).unwrap();
        let own = |scores: &Array1<f32>, labels: &Array1<f32>| metric.value(scores, labels);
        let drawn = bootstrap.run_with(&own, scores, &labels).unwrap();
        for (a, b) in [
            (counted.estimate(), drawn.estimate()),
            (counted.low(), drawn.low()),
            (counted.high(), drawn.high()),
        ] {
            assert!((a - b).abs() < 1e-10, "{metric}: {counted}, {drawn}");
        }
    }
}

#[test]
fn a_paired_difference_is_surer_than_two_intervals() {
    let (first, labels) = drawn(8, (150, 150), 1.0);
    // Nearly the same scores, a little worse.
    let second = Array1::from_shape_fn(300, |i| first[i] + 0.6 * normal(9, i).0 as f32);
    let bootstrap = Bootstrap::new().resamples(1000);
    let difference = bootstrap
        .difference(Metric::Auroc, (&first, &second), &labels)
        .unwrap();
    let test = compare_auroc(&first, &second, &labels)
        .unwrap()
        .difference();
    assert_eq!(
        difference.estimate(),
        auroc(&first, &labels).unwrap() - auroc(&second, &labels).unwrap()
    );
    let width = |of: &genolens::training::Interval| of.high() - of.low();
    assert!(
        (width(&difference) / width(&test) - 1.0).abs() < 0.15,
        "{difference}, {test}"
    );
    let alone = bootstrap.run(Metric::Auroc, &second, &labels).unwrap();
    assert!(width(&difference) < 0.8 * width(&alone));
}

#[test]
fn where_nothing_is_known_nothing_is_said() {
    let labels = array![0.0_f32, 0.0, 0.0, 1.0, 1.0];
    let perfect = array![0.1_f32, 0.2, 0.3, 0.4, 0.5];
    let found = delong(&perfect, &labels).unwrap();
    assert!(found.estimate() == 1.0 && !found.is_known() && found.low().is_nan());
    insta::assert_snapshot!(found, @"1.0000 (no interval)");
    let found = Bootstrap::new()
        .run(Metric::Auroc, &perfect, &labels)
        .unwrap();
    assert!(!found.is_known());
    // One positive: its variance is unknown.
    let single = delong(
        &array![0.3_f32, 0.2, 0.1, 0.25, 0.9],
        &array![1.0_f32, 0.0, 0.0, 0.0, 0.0],
    );
    assert!(!single.unwrap().is_known());
    let worst = compare_auroc(&perfect, &-&perfect, &labels).unwrap();
    assert!(worst.difference().estimate() == 1.0 && worst.z().is_nan() && worst.p().is_nan());
}

#[test]
fn a_million_scores_take_a_moment() {
    let n = 1_000_000;
    let labels = Array1::from_shape_fn(n, |i| f32::from(u8::from(i % 3 == 0)));
    let scores = Array1::from_shape_fn(n, |i| normal(1, i).0 as f32 + 0.2 * labels[i]);
    let start = Instant::now();
    let interval = delong(&scores, &labels).unwrap();
    let took = start.elapsed();
    assert!(interval.low() > 0.5 && interval.high() - interval.low() < 0.01);
    // A tenth of this on an idle machine.
    assert!(took < Duration::from_secs(4), "{took:?}");
}

#[test]
fn what_makes_no_sense_is_named() {
    let (scores, labels) = (array![0.5_f32, 0.2, 0.7], array![0.0_f32, 1.0, 1.0]);
    insta::assert_snapshot!(DeLong::new().level(1.0).run(&scores, &labels).unwrap_err(), @"`level` is 1, expected above 0 to below 1, such as 0.95");
    insta::assert_snapshot!(compare_auroc(&scores, &array![0.1_f32], &labels).unwrap_err(), @"`second` has shape (1), expected 3 numbers, one per label");
    insta::assert_snapshot!(compare_auroc(&(&scores * f32::NAN), &scores, &labels).unwrap_err(), @"`first` is NaN at position 0, expected all numbers");
    let bootstrap = Bootstrap::new();
    insta::assert_snapshot!(bootstrap.resamples(3).run(Metric::Auroc, &scores, &labels).unwrap_err(), @"`resamples` is 3, expected at least 20");
    insta::assert_snapshot!(bootstrap.difference(Metric::Brier, (&scores, &(&scores * 2.0)), &labels).unwrap_err(), @"`second` is 1.4 at position 2, expected probabilities 0 to 1, as `network::probabilities` gives them");
    // Of two examples half of the resamples have no correlation.
    let two = (array![0.5_f32, 0.2], array![0.3_f32, 0.4]);
    assert!(pearson(&two.0, &two.1).is_ok());
    insta::assert_snapshot!(bootstrap.seed(1).resamples(40).run(Metric::Pearson, &two.0, &two.1).unwrap_err(), @"`resamples` is without a metric in 20 of 40, expected examples of which nearly all resamples have one; take more examples");
}
