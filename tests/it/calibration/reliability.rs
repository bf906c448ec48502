//! Reliability against scikit-learn and netcal (`tests/golden/calibration/make.py`), by hand, and by its identities.

use crate::golden::table;
use genolens::calibration::{Binning, Edges, Spacing, reliability};
use genolens::ndarray::{Array1, Array2, array};
use genolens::training::{brier, log_loss};
use proptest::prelude::*;

const GOLDEN: &str = include_str!("../../golden/calibration/classes.tsv");

pub(super) fn golden(name: &str) -> Array2<f64> {
    table(GOLDEN, name)
}

pub(super) fn single(name: &str) -> Array1<f32> {
    golden(name).row(0).mapv(|value| value as f32)
}

fn near(found: f64, expected: f64, off: f64) {
    assert!(
        (found - expected).abs() <= off,
        "{found}, expected {expected}"
    );
}

/// Edges are rounded to single precision here, which moves none of these forecasts to another bin.
#[test]
fn bins_are_those_of_scikit_learn_and_netcal() {
    for case in ["sure", "rare"] {
        let (chances, labels) = (
            single(&format!("{case}.probabilities")),
            single(&format!("{case}.labels")),
        );
        for (spacing, name) in [
            (Spacing::EqualWidth, "uniform"),
            (Spacing::EqualMass, "quantile"),
        ] {
            let found = Binning::new()
                .bins(10)
                .spacing(spacing)
                .run(&chances, &labels)
                .unwrap()
                .get(0)
                .unwrap();
            let expected = golden(&format!("{case}.{name}"));
            let filled: Vec<usize> = (0..found.len())
                .filter(|&bin| found.counts()[bin] > 0.0)
                .collect();
            assert_eq!(filled.len(), expected.ncols());
            for (column, &bin) in filled.iter().enumerate() {
                near(found.forecast()[bin], expected[[0, column]], 1e-12);
                near(found.observed()[bin], expected[[1, column]], 1e-12);
            }
        }
        let found = Binning::new()
            .bins(10)
            .edges(Edges::Above)
            .run(&chances, &labels)
            .unwrap();
        let expected = golden(&format!("{case}.netcal"));
        near(found.ece(), expected[[0, 0]], 1e-12);
        near(found.mce(), expected[[0, 1]], 1e-12);
        near(found.ace(), expected[[0, 2]], 1e-12);
        let losses = golden(&format!("{case}.losses"));
        near(found.brier(), losses[[0, 0]], 1e-12);
        near(found.log_loss(), losses[[0, 1]], 1e-12);
        // The two metrics of training are the same.
        near(found.brier(), brier(&chances, &labels).unwrap(), 1e-12);
        near(
            found.log_loss(),
            log_loss(&chances, &labels).unwrap(),
            1e-12,
        );
    }
}

#[test]
fn classes_are_those_of_netcal() {
    let chances = golden("classes.probabilities").mapv(|share| share as f32);
    let labels = single("classes.labels");
    let found = Binning::new()
        .edges(Edges::Above)
        .run(&chances, &labels)
        .unwrap();
    let expected = golden("classes.netcal");
    near(found.ece(), expected[[0, 0]], 1e-12);
    near(found.mce(), expected[[0, 1]], 1e-12);
    near(found.ace(), expected[[0, 2]], 1e-12);
    // The shares of scikit-learn are made to sum to 1 exactly first.
    near(found.brier(), golden("classes.losses")[[0, 0]], 1e-7);
    near(found.log_loss(), golden("classes.losses")[[0, 1]], 1e-7);
    assert_eq!((found.len(), found.top().unwrap().examples()), (4, 90));
    let one = Binning::new()
        .edges(Edges::Above)
        .run(
            &chances.column(2).to_owned(),
            &labels.mapv(|class| f32::from(u8::from(class == 2.0))),
        )
        .unwrap();
    assert_eq!(found.get(2).unwrap(), one.get(0).unwrap());
    let mean = (0..4)
        .map(|class| found.get(class).unwrap().ece())
        .sum::<f64>()
        / 4.0;
    near(found.classwise_ece(), mean, 1e-15);
}

/// The one fixture that tells both rules apart: 1/6 by scikit-learn's, 0.2333 by netcal's.
#[test]
fn a_forecast_on_an_edge_goes_where_it_should() {
    let (confidence, correct) = (array![0.4_f32, 0.5, 0.6], array![1.0_f32, 0.0, 1.0]);
    let of = |edges: Edges| {
        Binning::new()
            .bins(2)
            .edges(edges)
            .run(&confidence, &correct)
            .unwrap()
            .ece()
    };
    // C3, 1e-12: 1/6 and 7/30 of the forecasts that were given, which are 0.4 and 0.6 to single precision.
    let [low, high] = [0.4_f32, 0.6].map(f64::from);
    let below = ((f64::midpoint(low, 0.5) - 0.5).abs() * 2.0 + (1.0 - high)) / 3.0;
    let above = ((1.0 - low) + (0.5 - f64::midpoint(0.5, high)).abs() * 2.0) / 3.0;
    near(of(Edges::Below), below, 1e-12);
    near(of(Edges::Above), above, 1e-12);
    near(below, 1.0 / 6.0, 1e-7);
    near(above, 7.0 / 30.0, 1e-7);
    // 0 is in the first bin, 1 in the last, and 0.2 on the edge that is written 0.2.
    let ends = array![0.0_f32, 0.2, 1.0];
    for (edges, counts) in [
        (Edges::Below, [2.0, 0.0, 0.0, 0.0, 1.0]),
        (Edges::Above, [1.0, 1.0, 0.0, 0.0, 1.0]),
    ] {
        let found = Binning::new()
            .bins(5)
            .edges(edges)
            .run(&ends, &correct)
            .unwrap()
            .get(0)
            .unwrap();
        assert_eq!(found.counts().to_vec(), counts);
    }
}

#[test]
fn rare_events_need_other_bins_than_those_of_equal_width() {
    // A model that says 4 % for half of the examples and 2 % for the others, where 1 % and 5 % are right.
    let chances = Array1::from_shape_fn(2000, |i| if i % 2 == 0 { 0.04_f32 } else { 0.02 });
    let labels = Array1::from_shape_fn(2000, |i| {
        let happens = if i % 2 == 0 {
            i % 200 == 0
        } else {
            i % 40 == 1
        };
        f32::from(u8::from(happens))
    });
    let of = |spacing: Spacing| {
        Binning::new()
            .spacing(spacing)
            .run(&chances, &labels)
            .unwrap()
            .ece()
    };
    let [high, low] = [0.04_f32, 0.02].map(f64::from);
    near(
        of(Spacing::EqualWidth),
        (f64::midpoint(high, low) - 0.03).abs(),
        1e-12,
    );
    let apart = f64::midpoint(high - 0.01, 0.05 - low);
    near(of(Spacing::EqualMass), apart, 1e-12);
    near(of(Spacing::LogOdds), apart, 1e-12);
}

#[test]
fn a_missing_label_is_left_out() {
    let chances = array![[0.2_f32, 0.9], [0.7, 0.1], [0.4, 0.3]];
    let labels = array![[0.0_f32, f32::NAN], [1.0, 0.0], [1.0, 1.0]];
    let both = reliability(&chances, &labels).unwrap();
    assert_eq!(both.get(1).unwrap().examples(), 2);
    let alone = reliability(&array![0.1_f32, 0.3], &array![0.0_f32, 1.0]).unwrap();
    assert_eq!(both.get(1).unwrap(), alone.get(0).unwrap());
    assert_eq!(both.to_frame().unwrap().shape(), (2, 10));
    assert_eq!(both.get(0).unwrap().to_frame().unwrap().shape(), (15, 7));
}

#[test]
fn a_wrong_certainty_is_an_infinite_surprise_and_a_right_one_none() {
    let of = |label: f32| {
        reliability(&array![1.0_f32, 0.0], &array![label, 1.0 - label])
            .unwrap()
            .log_loss()
    };
    assert_eq!((of(1.0), of(0.0)), (0.0, f64::INFINITY));
}

proptest! {
    /// C3 and C4: the error is a share, and the Brier score is the sum of its parts, of which the last is 0 where forecasts of a bin agree.
    #[test]
    fn errors_are_shares_and_parts_sum_up(pairs in prop::collection::vec((0_u8..=64, any::<bool>()), 1..80), bins in 1_usize..20) {
        let chances: Array1<f32> = pairs.iter().map(|pair| f32::from(pair.0) / 64.0).collect();
        let labels: Array1<f32> = pairs.iter().map(|pair| f32::from(u8::from(pair.1))).collect();
        for spacing in [Spacing::EqualWidth, Spacing::EqualMass, Spacing::LogOdds] {
            let found = Binning::new().bins(bins).spacing(spacing).run(&chances, &labels).unwrap();
            prop_assert!((0.0..=1.0).contains(&found.ece()));
            prop_assert!(found.ece() <= found.mce() + 1e-12 && found.ace() <= found.mce() + 1e-12);
            let diagram = found.get(0).unwrap();
            prop_assert_eq!(diagram.examples(), pairs.len());
            prop_assert!((0..diagram.len()).all(|bin| diagram.counts()[bin] == 0.0 || (diagram.low()[bin] <= diagram.observed()[bin] + 1e-12 && diagram.observed()[bin] <= diagram.high()[bin] + 1e-12)));
        }
        // One bin for each of 65 forecasts: all of a bin are the same.
        let diagram = Binning::new().bins(128).run(&chances, &labels).unwrap().get(0).unwrap();
        prop_assert!(diagram.brier().within().abs() < 1e-12);
        let plain = chances.iter().zip(&labels).map(|(p, y)| f64::from(p - y).powi(2)).sum::<f64>() / pairs.len() as f64;
        prop_assert!((diagram.brier().score() - plain).abs() < 1e-12);
        // Forecasts that are the shares of events have no error: shares of 64 are exact in single precision.
        let share = chances[0];
        let events = (64.0 * share) as usize;
        let labels = Array1::from_shape_fn(64, |row| f32::from(u8::from(row < events)));
        let flat = reliability(&Array1::from_elem(64, share), &labels).unwrap();
        prop_assert!(flat.ece() < 1e-12 && flat.mce() < 1e-12);
    }
}
