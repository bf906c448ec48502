//! Calibrators against scikit-learn (`tests/golden/calibration/make.py`), by their properties, and on examples that they have not seen.

use super::reliability::{golden, single};
use genolens::calibration::{
    Binning, Calibrate, Isotonic, Method, PriorCorrection, Recalibrate, Spacing, beta, calibrate,
    histogram_binning, isotonic, platt, temperature,
};
use genolens::ndarray::{Array1, Array2, Axis, array};
use genolens::random::Seed;
use genolens::training::{Split, auroc};
use proptest::prelude::*;
use rand::RngExt;

const METHODS: [Method; 5] = [
    Method::Temperature,
    Method::Platt,
    Method::Isotonic,
    Method::Histogram,
    Method::Beta,
];

fn number(frame: &genolens::polars::prelude::DataFrame, name: &str) -> f64 {
    frame.column(name).unwrap().f64().unwrap().get(0).unwrap()
}

#[test]
fn curves_are_those_of_scikit_learn() {
    for case in ["sure", "rare"] {
        let (scores, labels) = (
            single(&format!("{case}.scores")),
            single(&format!("{case}.labels")),
        );
        let near = |found: f64, quantity: &str, at: usize, off: f64| {
            let expected = golden(&format!("{case}.{quantity}"))[[0, at]];
            assert!(
                (found - expected).abs() < off,
                "{case} {quantity} {at}: {found}, expected {expected}"
            );
        };
        // Minimisers there stop at a gradient of about 1e-6 (Platt) and 1e-8 (temperature).
        let found = platt(&scores, &labels).unwrap().parameters().unwrap();
        near(-number(&found, "a"), "platt", 0, 1e-5);
        near(-number(&found, "b"), "platt", 1, 1e-5);
        let found = temperature(&scores, &labels).unwrap().parameters().unwrap();
        near(number(&found, "temperature"), "temperature", 0, 1e-6);
        let found = beta(&scores, &labels).unwrap().parameters().unwrap();
        for (at, name) in ["a", "b", "c"].into_iter().enumerate() {
            near(number(&found, name), "beta", at, 1e-4);
        }
        let curve = golden(&format!("{case}.isotonic"));
        let double =
            |of: &Array1<f32>| of.iter().map(|&value| f64::from(value)).collect::<Vec<_>>();
        let found = Isotonic::fit(&double(&scores), &double(&labels)).unwrap();
        for (place, height) in curve.row(0).iter().zip(curve.row(1)) {
            assert!((found.at(*place) - height).abs() < 1e-12);
        }
        // A calibrator keeps half an example back, and is the same otherwise.
        let half = 0.5 / scores.len() as f64;
        let calibrator = isotonic(&scores, &labels).unwrap();
        let (place, height) = (curve[[0, 20]], curve[[1, 20]]);
        assert!((calibrator.at(0, place).unwrap() - height.clamp(half, 1.0 - half)).abs() < 1e-12);
    }
    let (scores, labels) = (
        golden("classes.scores").mapv(|score| score as f32),
        single("classes.labels"),
    );
    let found = number(
        &temperature(&scores, &labels).unwrap().parameters().unwrap(),
        "temperature",
    );
    assert!((found - golden("classes.temperature")[[0, 0]]).abs() < 1e-6);
}

/// The fixture of libsvm, which stops at A -0.2026135 and B 0.6523631, a little before the optimum.
#[test]
fn three_examples_have_their_line() {
    let found = platt(&array![5.0_f32, -4.0, 1.0], &array![1.0_f32, 0.0, 0.0])
        .unwrap()
        .parameters()
        .unwrap();
    let (a, b) = (number(&found, "a"), number(&found, "b"));
    assert!((a - 0.202_614_49).abs() < 1e-8 && (b + 0.652_366_64).abs() < 1e-8);
    assert!((a - 0.202_613_5).abs() < 1e-5 && (b + 0.652_363_1).abs() < 1e-5);
    // The line does not change when scores are a hundred times as large.
    let large = platt(
        &array![500.0_f32, -400.0, 100.0],
        &array![1.0_f32, 0.0, 0.0],
    )
    .unwrap()
    .parameters()
    .unwrap();
    assert!((number(&large, "a") * 100.0 - a).abs() < 1e-8);
}

#[test]
fn a_histogram_holds_shares_by_counting() {
    // Eight scores in four bins of two.
    let scores = array![0.0_f32, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];
    let labels = array![0.0_f32, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0];
    let calibrator = Calibrate::new()
        .method(Method::Histogram)
        .bins(4)
        .run(&scores, &labels)
        .unwrap();
    let found: Vec<f64> = [-9.0, 1.0, 2.0, 3.5, 5.0, 7.0, 99.0]
        .iter()
        .map(|&z| calibrator.at(0, z).unwrap())
        .collect();
    assert_eq!(found, [0.0625, 0.0625, 0.5, 0.5, 0.5, 0.9375, 0.9375]);
}

/// Scores of which the truth is known: the log-odds times `slope` plus `shift`, with ties and some far out.
fn drawn(n: usize, (slope, shift): (f64, f64), seed: u64) -> (Array1<f32>, Array1<f32>) {
    let mut generator = Seed::new(seed).generator();
    let pairs = (0..n).map(|_| {
        let odds: f64 = generator.random_range(-5.0..2.0);
        let happens = generator.random::<f64>() < 1.0 / (1.0 + (-odds).exp());
        ((slope * odds + shift) as f32, f32::from(u8::from(happens)))
    });
    let (scores, labels): (Vec<f32>, Vec<f32>) = pairs.unzip();
    (scores.into(), labels.into())
}

/// C1: temperature is 1 for a model that means what it says, within 2 %.
#[test]
fn a_calibrated_model_stays_as_it_is() {
    let (scores, labels) = drawn(200_000, (1.0, 0.0), 3);
    let found = number(
        &temperature(&scores, &labels).unwrap().parameters().unwrap(),
        "temperature",
    );
    assert!((found - 1.0).abs() < 0.02, "{found}");
}

/// A head like those of DeepSEA: too many events by a factor, and too sure. Errors shrink at least fivefold on other examples, and the
/// order of examples stays.
#[test]
fn a_shifted_base_rate_is_mended_on_other_examples() {
    let ((held, held_labels), (test, test_labels)) =
        (drawn(20_000, (2.0, 3.0), 5), drawn(20_000, (2.0, 3.0), 6));
    let bins = Binning::new().spacing(Spacing::EqualMass);
    for method in [Method::Platt, Method::Isotonic, Method::Beta] {
        let calibrator = Calibrate::new()
            .method(method)
            .run(&held, &held_labels)
            .unwrap();
        let assessment = calibrator.assess_with(bins, &test, &test_labels).unwrap();
        let (before, after) = (assessment.before().ece(), assessment.after().ece());
        assert!(after < before / 5.0, "{method}: {before} {after}");
        assert!(assessment.after().log_loss() < assessment.before().log_loss());
        let chances = calibrator.apply(&test).unwrap().remove_axis(Axis(1));
        let (raw, now) = (
            auroc(&test, &test_labels).unwrap(),
            auroc(&chances, &test_labels).unwrap(),
        );
        // An isotonic curve makes ties.
        assert!((raw - now).abs() < 1e-3, "{method}: {raw} {now}");
    }
    // One temperature cannot.
    let cold = temperature(&held, &held_labels)
        .unwrap()
        .assess_with(bins, &test, &test_labels)
        .unwrap();
    assert!(cold.after().ece() > 0.1);
}

#[test]
fn several_tasks_have_a_curve_each_and_classes_sum_to_one() {
    let (first, second) = (drawn(800, (2.0, 1.0), 7), drawn(800, (0.5, -1.0), 8));
    let both = |a: &Array1<f32>, b: &Array1<f32>| {
        genolens::ndarray::stack(Axis(1), &[a.view(), b.view()]).unwrap()
    };
    let (scores, mut labels) = (both(&first.0, &second.0), both(&first.1, &second.1));
    for method in METHODS {
        let fit = Calibrate::new().method(method);
        let together = fit.run(&scores, &labels).unwrap().apply(&scores).unwrap();
        let alone = fit
            .run(&second.0, &second.1)
            .unwrap()
            .apply(&second.0)
            .unwrap();
        assert_eq!(together.column(1), alone.column(0));
    }
    labels[[3, 1]] = f32::NAN;
    assert!(calibrate(&scores, &labels).is_ok());
    let (scores, labels) = (
        golden("classes.scores").mapv(|score| score as f32),
        single("classes.labels"),
    );
    let top = |row: genolens::ndarray::ArrayView1<'_, f32>| {
        (0..4).max_by(|&a, &b| row[a].total_cmp(&row[b])).unwrap()
    };
    for method in METHODS {
        let calibrator = Calibrate::new()
            .method(method)
            .run(&scores, &labels)
            .unwrap();
        let shares = calibrator.apply(&scores).unwrap();
        assert!(
            shares
                .rows()
                .into_iter()
                .all(|row| (row.sum() - 1.0).abs() < 1e-6 && row.iter().all(|share| *share >= 0.0))
        );
        if method == Method::Temperature {
            assert!((0..90).all(|row| top(shares.row(row)) == top(scores.row(row))));
        }
    }
}

#[test]
fn probabilities_teach_the_same_as_their_scores() {
    let (scores, labels) = drawn(500, (1.5, 0.5), 9);
    let chances = scores.mapv(|score| 1.0 / (1.0 + (-score).exp()));
    for method in METHODS {
        let raw = Calibrate::new()
            .method(method)
            .run(&scores, &labels)
            .unwrap()
            .apply(&scores)
            .unwrap();
        let read = Calibrate::new()
            .method(method)
            .probabilities(true)
            .run(&chances, &labels)
            .unwrap();
        let found = read.apply(&chances).unwrap();
        let off = (&raw - &found)
            .iter()
            .fold(0.0_f32, |most, off| most.max(off.abs()));
        assert!(off < 1e-5, "{method}: {off}");
        assert!(
            read.apply(&array![0.0_f32, 1.0])
                .unwrap()
                .iter()
                .all(|chance| (0.0..=1.0).contains(chance))
        );
    }
}

#[test]
fn halves_are_kept_apart() {
    let (scores, labels) = drawn(1000, (2.0, 2.0), 10);
    let found = Recalibrate::new()
        .method(Method::Isotonic)
        .share(0.3)
        .run(&scores, &labels)
        .unwrap();
    assert_eq!(
        (found.split().train().len(), found.calibrator().examples()),
        (700, 700)
    );
    assert_eq!(found.assessment().after().get(0).unwrap().examples(), 300);
    let rows: Vec<usize> = (0..1000).collect();
    let split = Split::new(&rows[..400], &rows[400..]).unwrap();
    let by_hand = Calibrate::new()
        .run(
            &scores.select(Axis(0), &rows[..400]),
            &labels.select(Axis(0), &rows[..400]),
        )
        .unwrap();
    assert_eq!(
        Recalibrate::new()
            .split(&split)
            .run(&scores, &labels)
            .unwrap()
            .calibrator(),
        by_hand
    );
    // Scores that are shared are told, and all of them refused.
    let mixed = by_hand.assess(&scores, &labels).unwrap();
    assert!(mixed.shared() >= 400);
    assert!(
        by_hand
            .assess(
                &scores.select(Axis(0), &rows[..400]),
                &labels.select(Axis(0), &rows[..400])
            )
            .is_err()
    );
}

/// C6: a forecast of the old base rate becomes the new one; corrections compose and invert.
#[test]
fn corrections_of_base_rates_compose() {
    let of = |from: f64, to: f64| PriorCorrection::tasks(&[from], &[to]).unwrap();
    assert!((of(0.01, 0.05).at(0, 0.01).unwrap() - 0.05).abs() < 1e-12);
    for chance in [0.0, 1e-9, 0.2, 0.7, 1.0] {
        let once = of(0.01, 0.3).at(0, chance).unwrap();
        let twice = of(0.05, 0.3)
            .at(0, of(0.01, 0.05).at(0, chance).unwrap())
            .unwrap();
        assert!((once - twice).abs() < 1e-12);
        assert!((of(0.01, 0.3).inverse().at(0, once).unwrap() - chance).abs() < 1e-12);
    }
    // Two classes are one task; what `apply` returns has single precision, which 1e-7 is.
    let classes = PriorCorrection::classes(&[0.99, 0.01], &[0.95, 0.05]).unwrap();
    let shares = classes
        .apply(&array![[0.75_f32, 0.25], [0.5, 0.5]])
        .unwrap();
    for (row, chance) in [0.25, 0.5].into_iter().enumerate() {
        assert!((f64::from(shares[[row, 1]]) - of(0.01, 0.05).at(0, chance).unwrap()).abs() < 1e-7);
    }
}

proptest! {
    /// C2: pooling rises, keeps the weighted mean, and changes nothing a second time; any other rising curve is farther away.
    #[test]
    fn pooling_is_a_projection(points in prop::collection::vec((0_u8..30, -50_i16..50, 1_u8..5), 1..40), shift in -3.0_f64..3.0) {
        let x: Vec<f64> = points.iter().map(|point| f64::from(point.0)).collect();
        let y: Vec<f64> = points.iter().map(|point| f64::from(point.1) / 8.0).collect();
        let weights: Vec<f64> = points.iter().map(|point| f64::from(point.2)).collect();
        let curve = Isotonic::fit_weighted(&x, &y, &weights).unwrap();
        let heights = curve.y().to_vec();
        prop_assert!(heights.windows(2).all(|pair| pair[0] <= pair[1]));
        let fitted: Vec<f64> = x.iter().map(|&place| curve.at(place)).collect();
        let sum = |of: &[f64]| of.iter().zip(&weights).map(|(value, weight)| value * weight).sum::<f64>();
        // The weighted mean, of numbers up to 6.25.
        let total: f64 = weights.iter().sum();
        prop_assert!((sum(&fitted) - sum(&y)).abs() / total < 1e-12);
        let again = Isotonic::fit_weighted(&x, &fitted, &weights).unwrap();
        prop_assert!(again.y().iter().zip(&heights).all(|(a, b)| (a - b).abs() < 1e-12));
        let loss = |at: &dyn Fn(f64) -> f64| -> f64 { (0..x.len()).map(|i| weights[i] * (at(x[i]) - y[i]).powi(2)).sum() };
        let best = loss(&|place| curve.at(place));
        prop_assert!(best <= loss(&|place| curve.at(place) + shift) + 1e-9);
        prop_assert!(best <= loss(&|place| shift + 0.1 * place) + 1e-9);
    }

    /// C1: the curves of temperature, isotonic and beta never fall; that of Platt goes the way in which labels go with scores. To the last
    /// bit, but for beta, whose two logarithms are rounded apart.
    #[test]
    fn curves_never_fall(seed in 0_u64..500) {
        let (scores, labels) = drawn(60, (1.5, 0.5), seed);
        prop_assume!(labels.iter().any(|label| *label == 0.0) && labels.iter().any(|label| *label == 1.0));
        let mean = (scores.mean().unwrap(), labels.mean().unwrap());
        let together: f32 = scores.iter().zip(&labels).map(|(z, y)| (z - mean.0) * (y - mean.1)).sum();
        for method in [Method::Temperature, Method::Isotonic, Method::Beta, Method::Platt] {
            let calibrator = Calibrate::new().method(method).run(&scores, &labels).unwrap();
            let heights: Vec<f64> = (-40..40).map(|z| calibrator.at(0, f64::from(z) / 4.0).unwrap()).collect();
            let slack = if method == Method::Beta { f64::EPSILON } else { 0.0 };
            let rises = |pair: &[f64]| pair[0] <= pair[1] + slack;
            let falls = |pair: &[f64]| pair[0] >= pair[1];
            if method == Method::Platt && together < 0.0 {
                prop_assert!(heights.windows(2).all(falls));
            } else {
                prop_assert!(heights.windows(2).all(rises), "{method}");
            }
            prop_assert!(heights.iter().all(|height| (0.0..=1.0).contains(height)));
        }
    }
}

/// C1 for bins, which are monotone just where the shares of events in them are: a head whose bins rise, and one of which one falls.
#[test]
fn bins_rise_where_their_shares_do() {
    let heights = |labels: &[f32]| -> Vec<f64> {
        let scores: Array1<f32> = (0..labels.len()).map(|score| score as f32).collect();
        let labels = Array1::from(labels.to_vec());
        let found = Calibrate::new().method(Method::Histogram).bins(3);
        let found = found.run(&scores, &labels).unwrap();
        (-4..60)
            .map(|z| found.at(0, f64::from(z) / 4.0).unwrap())
            .collect()
    };
    let rises = |heights: &[f64]| heights.windows(2).all(|pair| pair[0] <= pair[1]);
    assert!(rises(&heights(&[
        0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0
    ])));
    assert!(!rises(&heights(&[
        0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0
    ])));
    // And where there is much to learn from.
    let (scores, labels) = drawn(20_000, (1.5, 0.5), 11);
    let found = histogram_binning(&scores, &labels).unwrap();
    let heights: Vec<f64> = (-40..40)
        .map(|z| found.at(0, f64::from(z) / 4.0).unwrap())
        .collect();
    assert!(rises(&heights), "{heights:?}");
}

/// The functions are what the builder with that method gives.
#[test]
fn functions_are_their_methods() {
    let (scores, labels) = drawn(300, (1.5, 0.5), 12);
    let of = |method: Method| {
        Calibrate::new()
            .method(method)
            .run(&scores, &labels)
            .unwrap()
    };
    let found = histogram_binning(&scores, &labels).unwrap();
    assert_eq!(found, of(Method::Histogram));
    assert_ne!(found, of(Method::Isotonic));
    assert_eq!(isotonic(&scores, &labels).unwrap(), of(Method::Isotonic));
    assert_eq!(
        temperature(&scores, &labels).unwrap(),
        of(Method::Temperature)
    );
    assert_eq!(platt(&scores, &labels).unwrap(), of(Method::Platt));
    assert_eq!(beta(&scores, &labels).unwrap(), of(Method::Beta));
    assert_eq!(calibrate(&scores, &labels).unwrap(), of(Method::Platt));
}

/// Scores that tell the classes apart, and such that know nothing, have a temperature at the limit, and say so.
#[test]
fn a_temperature_has_limits() {
    let labels = array![0.0_f32, 0.0, 1.0, 1.0];
    let apart = temperature(&array![-2.0_f32, -1.0, 1.0, 3.0], &labels).unwrap();
    insta::assert_snapshot!(apart, @"
    temperature of 1 task, fitted on 4 examples, temperature 0.0100
    task 0: temperature is at its limit: scores tell the classes apart without an error
    ");
    let backwards = temperature(&array![2.0_f32, 1.0, -1.0, -3.0], &labels).unwrap();
    insta::assert_snapshot!(backwards, @"
    temperature of 1 task, fitted on 4 examples, temperature 100.0000
    task 0: temperature is at its limit: scores do not tell the classes apart
    ");
    insta::assert_snapshot!(platt(&array![2.0_f32, 1.0, -1.0, -3.0], &labels).unwrap(), @"
    Platt of 1 task, fitted on 4 examples, a -0.5386, b -0.1113
    task 0: falls: events had the lower scores among the examples it was fitted on
    ");
    let many = Array2::from_shape_fn((6, 3), |(row, column)| ((row * 5 + column * 7) % 11) as f32);
    insta::assert_snapshot!(temperature(&many, &array![0.0_f32, 1.0, 2.0, 0.0, 1.0, 2.0]).unwrap(), @"
    temperature of 3 classes, fitted on 6 examples, temperature 100.0000
    temperature is at its limit: scores do not tell the classes apart
    ");
}
