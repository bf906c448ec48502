//! Forecasts of numbers against the uncertainty toolbox (`tests/golden/calibration/forecasts.py`), and on examples that they have not seen.

use crate::golden::table;
use genolens::calibration::{
    ConformalIntervals, Forecast, Isotonic, Proportions, QuantileCalibration, RecalibrateForecast,
    VarianceScaling, recalibrate_forecast,
};
use genolens::ndarray::{Array1, Array2, Axis};
use genolens::random::Seed;
use genolens::training::Split;
use rand::RngExt;
use rand_distr::StandardNormal;

const GOLDEN: &str = include_str!("../../golden/calibration/forecasts.tsv");

/// The toolbox computes in double precision from numbers that single precision holds to seven digits.
#[test]
fn scores_are_those_of_the_uncertainty_toolbox() {
    for case in ["fixture", "drawn"] {
        let read = |name: &str| -> Array1<f32> {
            table(GOLDEN, &format!("{case}.{name}"))
                .row(0)
                .mapv(|value| value as f32)
        };
        let quality = Forecast::new(&read("mean"), &read("spread"))
            .unwrap()
            .assess(&read("truth"))
            .unwrap();
        let expected = table(GOLDEN, &format!("{case}.scores")).row(0).to_vec();
        let found = [
            quality.mace(Proportions::Interval),
            quality.mace(Proportions::Quantile),
            quality.rmsce(Proportions::Interval),
            quality.rmsce(Proportions::Quantile),
            quality.area(Proportions::Interval),
            quality.area(Proportions::Quantile),
            quality.sharpness(),
            quality.log_loss(),
            quality.crps(),
            quality.check_score(),
            quality.interval_score(),
        ];
        for (at, (found, expected)) in found.into_iter().zip(expected).enumerate() {
            assert!(
                (found - expected).abs() < 1e-6 * expected.abs().max(1.0),
                "{case} {at}: {found}, expected {expected}"
            );
        }
        assert_eq!(quality.to_frame().unwrap().shape(), (100, 3));
    }
}

/// Examples whose spread is known; the forecast has this part of it and is off by this many spreads.
fn drawn(n: usize, (part, bias): (f64, f64), seed: u64) -> (Forecast, Array1<f32>) {
    let mut generator = Seed::new(seed).generator();
    let (mut mean, mut spread, mut truth) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..n {
        let (middle, reach) = (
            generator.random_range(-3.0..3.0),
            generator.random_range(0.5..2.0),
        );
        let noise: f64 = generator.sample(StandardNormal);
        mean.push((middle + bias * reach) as f32);
        spread.push((part * reach) as f32);
        truth.push((middle + reach * noise) as f32);
    }
    (
        Forecast::new(&Array1::from(mean), &Array1::from(spread)).unwrap(),
        truth.into(),
    )
}

#[test]
fn quantiles_are_mended_on_other_examples() {
    let ((held, held_truth), (test, truth)) =
        (drawn(5000, (0.4, 0.5), 1), drawn(5000, (0.4, 0.5), 2));
    let before = test.assess(&truth).unwrap().mace(Proportions::Quantile);
    let calibration = QuantileCalibration::fit(&held, &held_truth).unwrap();
    let mut off = 0.0;
    for percent in 1..100 {
        let level = f64::from(percent) / 100.0;
        let quantile = calibration.quantile(&test, level).unwrap();
        let below = quantile
            .iter()
            .zip(&truth)
            .filter(|(quantile, truth)| f64::from(**truth) <= **quantile)
            .count();
        off += (below as f64 / 5000.0 - level).abs() / 99.0;
    }
    assert!(before > 0.15 && off < 0.01, "{before} {off}");
    let coverage = calibration
        .intervals(&test, 0.9)
        .unwrap()
        .coverage(&truth)
        .unwrap();
    assert!((coverage - 0.9).abs() < 0.02, "{coverage}");
    // Levels that 5000 examples cannot tell are refused, and nothing is infinite.
    assert!(calibration.quantile(&test, 1e-5).is_err());
    assert!(
        calibration
            .quantile(&test, 1.1e-4)
            .unwrap()
            .iter()
            .all(|value| value.is_finite())
    );
}

#[test]
fn one_factor_mends_the_spread() {
    let ((held, held_truth), (test, truth)) =
        (drawn(5000, (0.4, 0.0), 3), drawn(5000, (0.4, 0.0), 4));
    let scaling = VarianceScaling::fit(&held, &held_truth).unwrap();
    assert!((scaling.factors()[0] - 2.5).abs() < 0.06);
    let (before, after) = (
        test.assess(&truth).unwrap(),
        scaling.apply(&test).unwrap().assess(&truth).unwrap(),
    );
    assert!(before.mace(Proportions::Interval) > 0.15 && after.mace(Proportions::Interval) < 0.01);
    assert!(after.log_loss() < before.log_loss() && after.crps() < before.crps());
}

/// Every output has its own curve.
#[test]
fn outputs_do_not_teach_each_other() {
    let truth = Array2::from_shape_fn((200, 2), |(row, output)| {
        (row as f32 - 99.5) / if output == 0 { 20.0 } else { 100.0 }
    });
    let (mean, spread) = (
        Array2::<f32>::zeros((200, 2)),
        Array2::<f32>::ones((200, 2)),
    );
    let both = Forecast::new(&mean, &spread).unwrap();
    let calibration = QuantileCalibration::fit(&both, &truth).unwrap();
    let wide = calibration.intervals(&both, 0.8).unwrap();
    assert!((wide.coverage(&truth).unwrap() - 0.8).abs() < 0.01);
    assert!(wide.high()[[0, 0]] > 4.0 * wide.high()[[0, 1]]);
    let factors = VarianceScaling::fit(&both, &truth).unwrap().factors();
    assert!((factors[0] / factors[1] - 5.0).abs() < 1e-6);
}

/// The toolbox's own test of recalibration: a hundred forecasts, a curve from shares inside intervals to their levels, and back. It learns
/// and judges on the same examples, as its test does, so that it shows that curves and levels are the same, and nothing of others.
#[test]
fn levels_are_mended_as_by_the_uncertainty_toolbox() {
    let mean = Array1::from_shape_fn(100, |row| (f64::from(row as u32) / 100.0) as f32);
    let spread = Array1::from_shape_fn(100, |row| (f64::from(row as u32 + 1) / 20.0) as f32);
    let truth = Array1::from_shape_fn(100, |row| (f64::from(row as u32) / 100.0 + 0.5) as f32);
    let forecast = Forecast::new(&mean, &spread).unwrap();
    let quality = forecast.assess(&truth).unwrap();
    let (levels, observed) = (quality.levels(), quality.observed(Proportions::Interval));
    assert!((quality.mace(Proportions::Interval) - 0.242_060_606).abs() < 1e-6);
    assert!((quality.rmsce(Proportions::Interval) - 0.287_414_189).abs() < 1e-6);
    assert!((quality.area(Proportions::Interval) - 0.244_261_397).abs() < 1e-6);
    let curve = Isotonic::fit(&observed.to_vec(), &levels.to_vec()).unwrap();
    let gaps: Vec<f64> = levels
        .iter()
        .map(|&level| {
            let taken = curve.at(level);
            // The interval of level 0 is a point, and that of 1 holds everything.
            let inside = if taken <= 0.0 {
                0.0
            } else if taken >= 1.0 {
                1.0
            } else {
                let intervals = forecast.intervals(taken).unwrap();
                intervals.coverage(&truth).unwrap()
            };
            inside - level
        })
        .collect();
    let mace = gaps.iter().map(|gap| gap.abs()).sum::<f64>() / 100.0;
    let rmsce = (gaps.iter().map(|gap| gap * gap).sum::<f64>() / 100.0).sqrt();
    assert!((mace - 0.003_035_354).abs() < 1e-6, "{mace}");
    assert!((rmsce - 0.003_981_861).abs() < 1e-6, "{rmsce}");
}

/// What is learned on one half is what the three ways learn there, and the judgement is that of the other half alone.
#[test]
fn halves_of_forecasts_are_kept_apart() {
    let (forecast, truth) = drawn(2000, (0.4, 0.5), 7);
    let found = recalibrate_forecast(&forecast, &truth).unwrap();
    let split = found.split();
    assert_eq!((split.train().len(), split.test().len()), (1000, 1000));
    let mut rows = [split.train(), split.test()].concat();
    rows.sort_unstable();
    assert!(rows.into_iter().eq(0..2000));
    let part = |rows: &[usize]| {
        let [mean, spread] = [forecast.mean(), forecast.spread()]
            .map(|of| of.select(Axis(0), rows).mapv(|value| value as f32));
        let truth = truth.select(Axis(0), rows);
        (Forecast::new(&mean, &spread).unwrap(), truth)
    };
    let ((held, held_truth), (test, test_truth)) = (part(split.train()), part(split.test()));
    let scaling = VarianceScaling::fit(&held, &held_truth).unwrap();
    let quantiles = QuantileCalibration::fit(&held, &held_truth).unwrap();
    let conformal = ConformalIntervals::scaled(&held, &held_truth, 0.9).unwrap();
    assert_eq!(found.scaling(), scaling);
    assert_eq!(found.quantiles(), quantiles);
    assert_eq!(found.conformal(), conformal);
    assert_eq!(found.before(), test.assess(&test_truth).unwrap());
    let scaled = scaling.apply(&test).unwrap();
    assert_eq!(found.after(), scaled.assess(&test_truth).unwrap());
    let inside = conformal.of(&test).unwrap().coverage(&test_truth).unwrap();
    assert_eq!(found.coverage(), inside);
    // The mean difference over 99 levels, by the public quantiles and intervals.
    let (mut below, mut between) = (0.0, 0.0);
    for percent in 1..100 {
        let level = f64::from(percent) / 100.0;
        let quantile = quantiles.quantile(&test, level).unwrap();
        let under = test_truth.iter().zip(&quantile);
        let under = under
            .filter(|(truth, end)| f64::from(**truth) <= **end)
            .count();
        below += (under as f64 / 1000.0 - level).abs() / 99.0;
        let intervals = quantiles.intervals(&test, level).unwrap();
        between += (intervals.coverage(&test_truth).unwrap() - level).abs() / 99.0;
    }
    assert!((found.quantile_mace(Proportions::Quantile) - below).abs() < 1e-9);
    assert!((found.quantile_mace(Proportions::Interval) - between).abs() < 1e-9);
    // A bias of half a spread is nothing that a factor could mend.
    assert!(
        below < 0.03 && found.before().mace(Proportions::Quantile) > 0.15,
        "{found}"
    );
    assert!(found.after().log_loss() < found.before().log_loss());
    assert!((inside - 0.9).abs() < 0.04);
    // The other half, and another seed.
    let other = Split::new(split.test(), split.train()).unwrap();
    let other = RecalibrateForecast::new()
        .split(&other)
        .run(&forecast, &truth)
        .unwrap();
    assert_eq!(other.before(), held.assess(&held_truth).unwrap());
    let seeded = RecalibrateForecast::new().seed(1).share(0.25).coverage(0.5);
    let seeded = seeded.run(&forecast, &truth).unwrap();
    assert_eq!(seeded.split().test().len(), 500);
    assert!((seeded.coverage() - 0.5).abs() < 0.08, "{seeded}");
    insta::assert_snapshot!(found, @"
    learned from 1000 examples, on 1000 others:
    as forecast   MACE 0.1992 of quantiles, 0.2637 of intervals, CRPS 0.8659, log loss 3.8472
    scaled        MACE 0.1307 of quantiles, 0.0134 of intervals, CRPS 0.7662, log loss 1.6690
    by quantiles  MACE 0.0128 of quantiles, 0.0177 of intervals
    conformal     0.9030 inside at level 0.9, mean width 4.5837
    ");
}
