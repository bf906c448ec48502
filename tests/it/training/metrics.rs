//! Metrics against the packages that define them, made by `tests/golden/training/metrics.py`, and against plain counting.

use crate::golden::{assert_near, table};
use genolens::ndarray::{Array1, Array2, Array3, array};
use genolens::training::{
    Auprc, Interpolation, JensenShannon, Loss, Metric, accuracy, auprc, auprg, auroc, brier,
    jensen_shannon, log_loss, pearson, precision_recall_gain, spearman,
};
use proptest::prelude::*;

const GOLDEN: &str = include_str!("../../golden/training/metrics.tsv");

fn golden(name: &str) -> Vec<f64> {
    table(GOLDEN, name).row(0).to_vec()
}

fn row(name: &str) -> Array1<f32> {
    golden(name).into_iter().map(|value| value as f32).collect()
}

fn davis_goadrich(scores: &Array1<f32>, labels: &Array1<f32>) -> f64 {
    let auprc = Auprc::new().interpolation(Interpolation::DavisGoadrich);
    auprc.run(scores, labels).unwrap()
}

#[test]
fn metrics_are_those_of_the_packages_that_define_them() {
    for case in ["tied", "rare", "fine", "backwards"] {
        let of = |quantity: &str| golden(&format!("{case}.{quantity}"));
        let read = |quantity: &str| row(&format!("{case}.{quantity}"));
        let (scores, others, labels) = (read("scores"), read("others"), read("labels"));
        let near = |found: f64, quantity: &str, at: usize| {
            let expected = of(quantity)[at];
            // Scores were single precision here and double there.
            let off = (found - expected).abs();
            assert!(off < 1e-7, "{case} {quantity}: {found}, {expected}");
        };
        let exact = |found: f64, quantity: &str, at: usize| {
            let expected = of(quantity)[at];
            let off = (found - expected).abs();
            assert!(off < 1e-12, "{case} {quantity}: {found}, {expected}");
        };
        exact(auroc(&scores, &labels).unwrap(), "areas", 0);
        exact(auroc(&others, &labels).unwrap(), "areas", 1);
        exact(davis_goadrich(&scores, &labels), "davis_goadrich", 0);
        exact(auprg(&scores, &labels).unwrap(), "auprg", 0);
        exact(accuracy(&scores, &labels).unwrap(), "accuracy", 0);
        exact(spearman(&scores, &labels).unwrap(), "spearman", 0);
        exact(spearman(&scores, &others).unwrap(), "spearman", 1);
        near(pearson(&scores, &labels).unwrap(), "pearson", 0);
        near(pearson(&scores, &others).unwrap(), "pearson", 1);
        near(brier(&scores, &labels).unwrap(), "brier", 0);
        near(log_loss(&scores, &labels).unwrap(), "log_loss", 0);
    }
}

#[test]
fn divergences_of_profiles_are_those_of_scipy() {
    let single = |name: &str| table(GOLDEN, name).mapv(|value| value as f32);
    let (predicted, counts) = (single("profiles.predicted"), single("profiles.counts"));
    let distances = table(GOLDEN, "profiles.distance");
    let column = |at: usize| {
        distances
            .column(at)
            .to_owned()
            .insert_axis(genolens::ndarray::Axis(1))
    };
    let distance = JensenShannon::new().distance(true);
    assert_near(
        &distance.run(&predicted, &counts).unwrap(),
        &column(0),
        1e-9,
    );
    assert_near(
        &distance.base(2.0).run(&predicted, &counts).unwrap(),
        &column(1),
        1e-9,
    );
    let squares = column(0).mapv(|value| value * value);
    let plain = jensen_shannon(&predicted, &counts).unwrap();
    assert_near(&plain, &squares, 1e-9);
    assert!(plain[[0, 0]] < 1e-15 && (plain[[1, 0]] - 2_f64.ln()).abs() < 1e-12);
    // Raw scores, whatever is added to all of them, and strands as rows.
    let scores = predicted.mapv(|share| (share + 1e-3).ln() + 5.0);
    let shares = predicted.mapv(|share| share + 1e-3);
    let from_scores = JensenShannon::new()
        .scores(true)
        .run(&scores, &counts)
        .unwrap();
    assert_near(
        &from_scores,
        &jensen_shannon(&shares, &counts).unwrap(),
        1e-5,
    );
    let strands = |of: &Array2<f32>| of.to_shape((3, 2, 20)).unwrap().into_owned();
    let both: Array3<f32> = strands(&predicted);
    let found = jensen_shannon(&both, &strands(&counts)).unwrap();
    assert_eq!(found.dim(), (3, 2));
    assert_eq!(found, plain.to_shape((3, 2)).unwrap());
}

#[test]
fn an_empty_profile_is_told() {
    let (p, q) = (
        array![[0.5_f32, 0.5], [1.0, 0.0]],
        array![[1.0_f32, 2.0], [0.0, 0.0]],
    );
    insta::assert_snapshot!(jensen_shannon(&p, &q).unwrap_err(), @"`counts` is 0 everywhere in row 1, expected above 0 somewhere in every profile, or `allow_empty(true)` for NaN there");
    let allowed = JensenShannon::new().allow_empty(true).run(&p, &q).unwrap();
    assert!(allowed[[0, 0]].is_finite() && allowed[[1, 0]].is_nan());
    insta::assert_snapshot!(jensen_shannon(&(&p - 0.7), &q).unwrap_err(), @"`predicted` is -0.19999999 in row 0, expected finite and at least 0, or raw scores with `scores(true)`");
    insta::assert_snapshot!(jensen_shannon(&p, &(&q * f32::NAN)).unwrap_err(), @"`counts` is NaN in row 0, expected finite and at least 0");
    insta::assert_snapshot!(jensen_shannon(&p, &array![[1.0_f32, 2.0]]).unwrap_err(), @"`predicted` has shape (2, 2), expected (1, 2) as the counts");
    insta::assert_snapshot!(jensen_shannon(&array![1.0_f32], &array![1.0_f32]).unwrap_err(), @"`counts` has shape (1), expected (n, positions) or (n, strands, positions)");
    insta::assert_snapshot!(JensenShannon::new().base(1.0).run(&p, &q).unwrap_err(), @"`base` is 1, expected above 1, such as 2");
    insta::assert_snapshot!(JensenShannon::new().scores(true).run(&(&p / 0.0), &q).unwrap_err(), @"`predicted` is inf in row 0, expected finite");
}

/// Davis and Goadrich's own example: 5 true and 5 false positives, then 10 and 30, of 20 and 2000.
#[test]
fn a_straight_line_between_precisions_would_be_too_high() {
    let counts = [(5, 5), (5, 25), (10, 1970)];
    let (mut scores, mut labels) = (Vec::new(), Vec::new());
    for (at, (ones, zeros)) in counts.into_iter().enumerate() {
        scores.extend(vec![-(at as f32); ones + zeros]);
        labels.extend((0..ones + zeros).map(|i| f32::from(u8::from(i < ones))));
    }
    let (scores, labels) = (Array1::from(scores), Array1::from(labels));
    let right = davis_goadrich(&scores, &labels);
    // Their table: precision 0.375, 0.318, 0.286 and 0.265 at the recalls between 0.25 and 0.5.
    let table = [0.5, 6.0 / 16.0, 7.0 / 22.0, 8.0 / 28.0, 9.0 / 34.0, 0.25];
    let piece: f64 = table
        .windows(2)
        .map(|pair| f64::midpoint(pair[0], pair[1]) * 0.05)
        .sum();
    let last: f64 = (0..10_000)
        .map(|i| {
            let x = 10.0 * (f64::from(i) + 0.5) / 10_000.0;
            (10.0 + x) / (40.0 + x + 197.0 * x) / 20.0 * 10.0 / 10_000.0
        })
        .sum();
    let expected = 0.25 * 0.5 + piece + last;
    assert!((right - expected).abs() < 2e-3, "{right}, {expected}");
    let line = 0.25 * 0.5 + 0.25 * f64::midpoint(0.5, 0.25) + 0.5 * f64::midpoint(0.25, 0.01);
    assert!(right + 0.03 < line);
    let steps = auprc(&scores, &labels).unwrap();
    assert!((steps - (0.25 * 0.5 + 0.25 * 0.25 + 0.5 * 20.0 / 2020.0)).abs() < 1e-12);
}

/// Gains by their definition in precision and recall, on a fine grid of mixtures of neighbouring thresholds.
fn counted_gain_area(scores: &[f32], labels: &[f32]) -> f64 {
    let (n, ones) = (labels.len() as f64, labels.iter().sum::<f32>());
    let share = f64::from(ones) / n;
    let mut thresholds = scores.to_vec();
    thresholds.sort_by(|a, b| b.total_cmp(a));
    thresholds.dedup();
    let mut corners = vec![(0.0, 0.0)];
    for threshold in thresholds {
        let of = |class: f32| {
            let pairs = scores.iter().zip(labels);
            pairs
                .filter(|(s, l)| **s >= threshold && **l == class)
                .count() as f64
        };
        corners.push((of(1.0), of(0.0)));
    }
    let gain = |value: f64| (value - share) / ((1.0 - share) * value);
    let mut area = 0.0;
    for pair in corners.windows(2) {
        let ((t0, f0), (t1, f1)) = (pair[0], pair[1]);
        // From where recall is the share of positives.
        let start = f64::from(ones) * share;
        if t1 < start || t1 == 0.0 {
            continue;
        }
        let from = if t0 < start {
            (start - t0) / (t1 - t0)
        } else {
            0.0
        };
        let mut before = None;
        for k in 0..=50 {
            let x = from + (1.0 - from) * f64::from(k) / 50.0;
            let (t, f) = (t0 + x * (t1 - t0), f0 + x * (f1 - f0));
            let now = (gain(t / f64::from(ones)), gain(t / (t + f)));
            if let Some((r, p)) = before {
                area += (now.0 - r) * f64::midpoint(p, now.1);
            }
            before = Some(now);
        }
    }
    area
}

fn labelled() -> impl Strategy<Value = (Vec<f32>, Vec<f32>)> {
    let pair = (-4_i8..5, 0_u8..2);
    proptest::collection::vec(pair, 4..40)
        .prop_map(|pairs| {
            let scores = pairs.iter().map(|pair| f32::from(pair.0) / 4.0).collect();
            let labels = pairs.iter().map(|pair| f32::from(pair.1)).collect();
            (scores, labels)
        })
        .prop_filter("both classes", |(_, labels): &(Vec<f32>, Vec<f32>)| {
            labels.contains(&0.0) && labels.contains(&1.0)
        })
}

proptest! {
    #[test]
    fn areas_are_what_counting_gives((scores, labels) in labelled()) {
        let (mut sum, mut precisions) = (0.0, 0.0);
        let ones = labels.iter().filter(|&&label| label == 1.0).count();
        for (_, a) in scores.iter().enumerate().filter(|(i, _)| labels[*i] == 1.0) {
            for (_, b) in scores.iter().enumerate().filter(|(j, _)| labels[*j] == 0.0) {
                sum += if a > b { 1.0 } else if a == b { 0.5 } else { 0.0 };
            }
            // The precision at the score of this positive.
            let above = |class: f32| {
                let pairs = scores.iter().zip(&labels);
                pairs.filter(|(s, l)| *s >= a && **l == class).count() as f64
            };
            precisions += above(1.0) / (above(1.0) + above(0.0));
        }
        let pairs = (ones * (labels.len() - ones)) as f64;
        let (scores, labels) = (Array1::from(scores), Array1::from(labels));
        let area = auroc(&scores, &labels).unwrap();
        prop_assert!((area - sum / pairs).abs() < 1e-12);
        let average = auprc(&scores, &labels).unwrap();
        prop_assert!((average - precisions / ones as f64).abs() < 1e-12);
        let gains = auprg(&scores, &labels).unwrap();
        let (plain, truth) = (scores.to_vec(), labels.to_vec());
        prop_assert!((gains - counted_gain_area(&plain, &truth)).abs() < 1e-9);
        let curve = precision_recall_gain(&scores, &labels).unwrap();
        prop_assert_eq!(curve.area(), gains);
        prop_assert_eq!(curve.x()[0], 0.0);
        let last = curve.len() - 1;
        prop_assert!((curve.x()[last] - 1.0).abs() < 1e-12 && curve.y()[last].abs() < 1e-12);
    }

    #[test]
    fn ranks_are_all_that_counts((scores, labels) in labelled(), others in proptest::collection::vec(-3_i8..4, 40)) {
        let n = labels.len();
        let (scores, labels) = (Array1::from(scores), Array1::from(labels));
        let bent = scores.mapv(|score| (3.0 * score).exp() - 100.0);
        for metric in [Metric::Auroc, Metric::Auprc(Interpolation::Step), Metric::Auprc(Interpolation::DavisGoadrich), Metric::Auprg] {
            prop_assert_eq!(metric.value(&scores, &labels).unwrap(), metric.value(&bent, &labels).unwrap());
        }
        let flipped = labels.mapv(|label| 1.0 - label);
        let area = auroc(&scores, &labels).unwrap();
        prop_assert!((area + auroc(&scores, &flipped).unwrap() - 1.0).abs() < 1e-12);
        prop_assert!((area + auroc(&-&scores, &labels).unwrap() - 1.0).abs() < 1e-12);
        let others: Array1<f32> = others[..n].iter().map(|&other| f32::from(other)).collect();
        let varies = |of: &Array1<f32>| of.iter().any(|value| *value != of[0]);
        prop_assume!(varies(&scores) && varies(&others));
        let found = spearman(&scores, &others).unwrap();
        prop_assert_eq!(found, spearman(&bent, &others).unwrap());
        prop_assert!((found - spearman(&others, &scores).unwrap()).abs() < 1e-12);
        let (forth, back) = (pearson(&scores, &others).unwrap(), pearson(&others, &scores).unwrap());
        prop_assert!((forth - back).abs() < 1e-12);
        // Ranks by counting: one more than how many are lower, and half of the other equal ones.
        let ranks = |of: &Array1<f32>| -> Array1<f32> {
            of.iter().map(|a| {
                let lower = of.iter().filter(|b| *b < a).count() as f32;
                let equal = of.iter().filter(|b| *b == a).count() as f32;
                lower + f32::midpoint(equal, 1.0)
            }).collect()
        };
        prop_assert!((found - pearson(&ranks(&scores), &ranks(&others)).unwrap()).abs() < 1e-12);
    }

    #[test]
    fn the_curve_of_mixtures_lies_between_steps_and_chance((scores, labels) in labelled()) {
        let (scores, labels) = (Array1::from(scores), Array1::from(labels));
        let area = davis_goadrich(&scores, &labels);
        let tied = Array1::zeros(labels.len());
        let share = labels.mean().unwrap();
        prop_assert!((davis_goadrich(&tied, &labels) - f64::from(share)).abs() < 1e-6);
        prop_assert!(area > 0.0 && area <= 1.0 + 1e-12);
        prop_assert!(auprg(&tied, &labels).unwrap().abs() < 1e-9);
    }
}

/// The loss of raw scores and that of their probabilities are one.
#[test]
fn log_loss_is_binary_cross_entropy() {
    let raw = Array1::from_shape_fn(50, |i| (i as f32 * 1.7).sin() * 4.0);
    let labels = Array1::from_shape_fn(50, |i| f32::from(u8::from(i % 3 == 0)));
    let shares = raw.mapv(|score| 1.0 / (1.0 + (-score).exp()));
    let loss = Loss::BinaryCrossEntropy.value(&raw, &labels).unwrap();
    assert!((log_loss(&shares, &labels).unwrap() - loss).abs() < 1e-6);
    let sure = log_loss(&array![1.0_f32, 1.0], &array![1.0_f32, 0.0]).unwrap();
    assert_eq!(sure, f64::INFINITY);
}

#[test]
fn what_makes_no_sense_is_named() {
    let labels = array![0.0_f32, 1.0, 1.0];
    let scores = array![0.5_f32, 0.2, 0.7];
    let wrong = |metric: Metric, scores: &Array1<f32>, labels: &Array1<f32>| {
        metric.value(scores, labels).unwrap_err().to_string()
    };
    insta::assert_snapshot!(wrong(Metric::Auroc, &array![0.5, 0.2], &labels), @"`scores` has shape (2), expected 3 numbers, one per label");
    insta::assert_snapshot!(wrong(Metric::Auprg, &array![0.5, f32::NAN, 0.1], &labels), @"`scores` is NaN at position 1, expected all numbers");
    insta::assert_snapshot!(wrong(Metric::Auprg, &scores, &array![0.0, 1.0, 1.5]), @"`labels` is 1.5, expected only 0 and 1");
    insta::assert_snapshot!(wrong(Metric::Auprc(Interpolation::DavisGoadrich), &scores, &array![1.0, 1.0, 1.0]), @"`labels` is 3 ones, 0 zeros, expected both 0 and 1");
    insta::assert_snapshot!(wrong(Metric::Brier, &(&scores * 2.0), &labels), @"`scores` is 1.4 at position 2, expected probabilities 0 to 1, as `network::probabilities` gives them");
    insta::assert_snapshot!(wrong(Metric::Accuracy, &scores, &(&labels * 2.0)), @"`labels` is 2, expected only 0 and 1");
    insta::assert_snapshot!(wrong(Metric::LogLoss, &Array1::zeros(0), &Array1::zeros(0)), @"`labels` has shape (0), expected (n), n at least 1");
    insta::assert_snapshot!(wrong(Metric::Pearson, &Array1::ones(3), &labels), @"`scores` is 1 everywhere, expected at least two different numbers, or there is no correlation");
    insta::assert_snapshot!(wrong(Metric::Spearman, &scores, &Array1::zeros(3)), @"`labels` is 0 everywhere, expected at least two different numbers, or there is no correlation");
    insta::assert_snapshot!(wrong(Metric::Pearson, &scores, &(&labels / 0.0)), @"`labels` is NaN at position 0, expected finite");
    insta::assert_snapshot!(wrong(Metric::Pearson, &array![1.0], &array![1.0]), @"`labels` has shape (1), expected (n), n at least 2");
    insta::assert_snapshot!(auroc(&Array2::zeros((3, 2)), &Array2::zeros((3, 2))).unwrap_err(), @"`labels` has shape (3, 2), expected (n) or (n, 1), one task; `measure` takes several");
}
