//! Forecasts of numbers against the uncertainty toolbox (`tests/golden/calibration/forecasts.py`), and on examples that they have not seen.

use crate::golden::table;
use genolens::calibration::{Forecast, Proportions, QuantileCalibration, VarianceScaling};
use genolens::ndarray::{Array1, Array2};
use genolens::random::Seed;
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
