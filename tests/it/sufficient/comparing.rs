//! Subsets beside attributions and other models.

#![expect(
    clippy::needless_pass_by_value,
    reason = "functions of a batch take a view of it"
)]

use super::subsets_of::{Site, site_subsets};
use crate::alone::{Stop, is_alone};
use genolens::ndarray::{Array1, Array2, ArrayView2, array};
use genolens::network::{self, deepbind};
use genolens::progress;
use genolens::random::Seed;
use genolens::sequence::{Sequences, dinucleotide_shuffle};
use genolens::sufficient::{
    CrossSufficiency, InsertionDeletion, Perturbation, RankedSubsets, SufficientSubsets, Threshold,
    Until, cross_sufficiency, insertion_deletion, perturbation, ranked_subsets,
};
use proptest::prelude::*;

const WEIGHTS: [f64; 5] = [0.5, 4.0, -1.0, 2.0, 1.0];

fn linear(x: ArrayView2<'_, f32>) -> Array1<f64> {
    let rows = x.rows().into_iter();
    rows.map(|row| {
        row.iter()
            .zip(WEIGHTS)
            .map(|(&x, w)| f64::from(x) * w)
            .sum()
    })
    .collect()
}

fn linear_x() -> Array2<f32> {
    array![
        [1.0, 1.0, 1.0, 1.0, 1.0],
        [2.0, 0.0, 0.0, 2.0, 1.0],
        [0.0, 0.5, 0.0, 0.0, 0.0]
    ]
}

fn peaks() -> Sequences {
    let site = Sequences::dna(["TTTTACCGGAAGTTTTTTTT", "TTTTTTTTTACTTCCGGTTT"]).unwrap();
    let other = dinucleotide_shuffle(&site, Seed::new(3));
    site.concat(&other).unwrap()
}

#[test]
fn subsets_convince_their_own_model_and_not_every_other() {
    let found = site_subsets(&peaks());
    let own = cross_sufficiency(&Site, &found).unwrap();
    assert_eq!(
        (own.share(), own.whole_share(), own.mean()),
        (1.0, 1.0, 6.0)
    );
    assert_eq!(own.scores(), &own.own());
    assert_eq!(own.whole()[0], found.scores()[0]);
    let alone = network::predict(
        &deepbind(3),
        &found
            .alone()
            .into_dimensionality::<genolens::ndarray::Ix3>()
            .unwrap(),
    );
    let alone = alone.unwrap().column(0).mapv(f64::from);
    let other = CrossSufficiency::new()
        .threshold(0.2)
        .run(&deepbind(3), &found)
        .unwrap();
    assert!(
        (other.scores() - &alone)
            .iter()
            .all(|apart| apart.abs() < 1e-6)
    );
    assert_eq!(other.threshold(), 0.2);
    assert_eq!(other.table().unwrap().height(), found.len());
    insta::assert_snapshot!(format!("{own:?}"), @"CrossScores(n = 2, mean = 6.000, 100 % reach 5.9)");
}

#[test]
fn curves_begin_and_end_where_everything_is_masked_or_nothing() {
    let found = SufficientSubsets::new(3.0)
        .rows(&linear, &linear_x())
        .unwrap();
    let contributions = &linear_x() * &Array1::from(WEIGHTS.map(|w| w as f32).to_vec());
    let curves = InsertionDeletion::new()
        .rows(&linear, &found, &contributions)
        .unwrap();
    assert_eq!(curves.shares().to_vec(), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
    // The largest contribution first: 4, 2, 1, 0.5, -1.
    assert_eq!(
        curves.insertion().row(0).to_vec(),
        [0.0, 4.0, 6.0, 7.0, 7.5, 6.5]
    );
    assert_eq!(
        curves.deletion().row(0).to_vec(),
        [6.5, 2.5, 0.5, -0.5, -1.0, 0.0]
    );
    let area = 0.2 * (0.0 / 2.0 + 4.0 + 6.0 + 7.0 + 7.5 + 6.5 / 2.0);
    assert!((curves.insertion_area()[0] - area).abs() < 1e-12);
    let area = 0.2 * (6.5 / 2.0 + 2.5 + 0.5 - 0.5 - 1.0);
    assert!((curves.deletion_area()[0] - area).abs() < 1e-12);
    // No other order reveals more of a sum, or leaves less.
    let upside_down = -&contributions;
    let other = InsertionDeletion::new()
        .rows(&linear, &found, &upside_down)
        .unwrap();
    for example in 0..3 {
        assert!(other.insertion_area()[example] <= curves.insertion_area()[example]);
        assert!(other.deletion_area()[example] >= curves.deletion_area()[example]);
    }
    let two = InsertionDeletion::new()
        .steps(2)
        .rows(&linear, &found, &contributions)
        .unwrap();
    assert_eq!(two.shares().to_vec(), [0.0, 0.4, 1.0]);
    assert_eq!(two.insertion().row(0).to_vec(), [0.0, 6.0, 6.5]);
    assert_eq!(two.table().unwrap().height(), 3);
    insta::assert_snapshot!(format!("{two:?}"), @"InsertionDeletionCurves(n = 3, area 3.6167 as features are revealed, 1.2167 as they are masked)");
}

#[test]
fn a_masked_feature_costs_its_contribution() {
    let found = SufficientSubsets::new(3.0)
        .rows(&linear, &linear_x())
        .unwrap();
    let options = Perturbation::new().batch(2);
    let costs = options.rows(&linear, &found).unwrap();
    assert_eq!(costs.examples(), [0, 1]);
    assert_eq!(costs.drops().row(0).to_vec(), WEIGHTS.to_vec());
    assert_eq!(costs.drops().row(1).to_vec(), [1.0, 0.0, 0.0, 4.0, 1.0]);
    // One feature is enough for each of the two, and what is left is not.
    assert_eq!(
        costs.is_inside().row(0).to_vec(),
        [false, true, false, false, false]
    );
    assert_eq!(costs.inside().to_vec(), [4.0, 4.0]);
    assert_eq!(
        costs.outside().to_vec(),
        [0.5, -1.0, 2.0, 1.0, 1.0, 0.0, 0.0, 1.0]
    );
    insta::assert_snapshot!(costs.table().unwrap(), @r"
    shape: (2, 3)
    ┌─────────┬────────┬─────────┐
    │ example ┆ inside ┆ outside │
    │ ---     ┆ ---    ┆ ---     │
    │ u32     ┆ f64    ┆ f64     │
    ╞═════════╪════════╪═════════╡
    │ 0       ┆ 4.0    ┆ 0.625   │
    │ 1       ┆ 4.0    ┆ 0.5     │
    └─────────┴────────┴─────────┘
    ");
    insta::assert_snapshot!(format!("{costs:?}"), @"InsideOutside(examples = 2, a masked feature costs 4.0000 inside, 0.5625 outside)");
}

#[test]
fn ranked_features_are_taken_until_they_are_enough() {
    let found = SufficientSubsets::new(3.0)
        .rows(&linear, &linear_x())
        .unwrap();
    let wrong = array![
        [5.0_f32, 1.0, 4.0, 3.0, 2.0],
        [1.0, 2.0, 3.0, 4.0, 5.0],
        [0.0; 5]
    ];
    let ranked = RankedSubsets::new().rows(&linear, &found, &wrong).unwrap();
    // 0.5, then -1, then 2, then 1, then 4; and 1, then 4.
    assert_eq!(ranked.sizes().to_vec(), [5, 2]);
    assert_eq!(ranked.get(1).unwrap().features(), [3, 4]);
    assert_eq!(ranked.get(1).unwrap().score(), 5.0);
    assert_eq!(ranked.threshold(), found.threshold());
    // Contributions of a sum are taken until they add up.
    let contributions = &linear_x() * &Array1::from(WEIGHTS.map(|w| w as f32).to_vec());
    let sum = RankedSubsets::new().until(Until::Sum);
    let sum = sum.rows(&linear, &found, &contributions).unwrap();
    assert_eq!(sum.sizes().to_vec(), [1, 1]);
    // Half of what they are: more are thought to be needed.
    let half = contributions.mapv(|x| x / 2.0);
    let sum = RankedSubsets::new().until(Until::Sum);
    let sum = sum.rows(&linear, &found, &half).unwrap();
    assert_eq!(sum.sizes().to_vec(), [2, 3]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Of a sum of contributions of one sign, ranked by what they are, the sufficient subset is the shortest prefix.
    #[test]
    fn sums_have_the_same_subsets_by_both_ways(values in prop::collection::vec(0..9_u8, 2..12), share in 0.05..1.0_f64) {
        let x = Array2::from_shape_fn((1, values.len()), |(_, at)| f32::from(values[at]));
        let sum = |x: ArrayView2<'_, f32>| -> Array1<f64> {
            x.rows().into_iter().map(|row| f64::from(row.sum())).collect()
        };
        let total = f64::from(x.sum());
        prop_assume!(total > 0.0);
        let threshold = (share * total).max(0.5);
        prop_assume!(threshold <= total);
        let found = SufficientSubsets::new(threshold).rows(&sum, &x).unwrap();
        let ranked = RankedSubsets::new().rows(&sum, &found, &x).unwrap();
        let (own, other) = (found.get(0).unwrap(), ranked.get(0).unwrap());
        prop_assert_eq!(own.features(), other.features());
        prop_assert!(other.score() >= threshold);
    }
}

#[test]
fn models_are_asked_as_black_boxes_are() {
    let model = deepbind(4);
    let found = SufficientSubsets::new(Threshold::quantile(0.4))
        .run(&model, &peaks())
        .unwrap();
    let scores = Array2::from_shape_fn((4, 20), |(i, j)| ((i * 7 + j * 3) % 11) as f32);
    let ranked = ranked_subsets(&model, &found, &scores).unwrap();
    let examples = found.counts().iter().filter(|&&count| count > 0).count();
    assert_eq!(ranked.len(), examples);
    for at in 0..ranked.len() {
        assert!(ranked.get(at).unwrap().score() >= found.threshold());
    }
    // They reach the threshold as whole examples, too.
    assert_eq!(cross_sufficiency(&model, &ranked).unwrap().share(), 1.0);
    let curves = insertion_deletion(&model, &found, &scores).unwrap();
    for example in 0..4 {
        let (first, last) = (
            curves.insertion()[[example, 0]],
            curves.insertion()[[example, 20]],
        );
        assert!((first - found.base()).abs() < 1e-5);
        assert!((last - found.scores()[example]).abs() < 1e-5);
        assert!((curves.deletion()[[example, 0]] - last).abs() < 1e-5);
        assert!((curves.deletion()[[example, 20]] - first).abs() < 1e-5);
    }
    assert_eq!(perturbation(&model, &found).unwrap().len(), examples);
}

#[test]
fn careless_calls_are_told_what_is_wrong() {
    let found = SufficientSubsets::new(3.0)
        .rows(&linear, &linear_x())
        .unwrap();
    let none = found.select(&[]).unwrap();
    let scores = Array2::<f32>::zeros((3, 5));
    let narrow = Array2::<f32>::zeros((3, 4));
    let nan = Array2::<f32>::from_elem((3, 5), f32::NAN);
    let ranked = RankedSubsets::new();
    insta::assert_snapshot!(ranked.rows(&linear, &found, &narrow).unwrap_err(), @"`scores` has shape (3, 4), expected (3, 5), one score for each feature of each example");
    insta::assert_snapshot!(ranked.rows(&linear, &found, &nan).unwrap_err(), @"`scores` is NaN for feature 0 of example 0, expected finite numbers");
    let broken = |_: ArrayView2<'_, f32>| vec![f64::NAN; 1];
    insta::assert_snapshot!(CrossSufficiency::new().rows(&broken, &found).unwrap_err(), @"`scores` has shape (1, 1), expected (2, outputs), one row for each example and at least 1 output");
    let lost = |x: ArrayView2<'_, f32>| vec![f64::NAN; x.nrows()];
    insta::assert_snapshot!(CrossSufficiency::new().rows(&lost, &found).unwrap_err(), @"`scores` is NaN for example 0 with 0 features masked, expected finite numbers");
    insta::assert_snapshot!(CrossSufficiency::new().target(1).rows(&linear, &found).unwrap_err(), @"`target` is 1, expected below 1, the number of outputs");
    insta::assert_snapshot!(CrossSufficiency::new().batch(0).rows(&linear, &found).unwrap_err(), @"`batch` is 0, expected at least 1");
    let curves = InsertionDeletion::new();
    insta::assert_snapshot!(curves.clone().steps(0).rows(&linear, &found, &scores).unwrap_err(), @"`steps` is 0, expected at least 1");
    insta::assert_snapshot!(Perturbation::new().rows(&linear, &none).unwrap_err(), @"`subsets` is empty, expected a subset of one example or more");
    assert!(
        CrossSufficiency::new()
            .rows(&linear, &none)
            .unwrap()
            .is_empty()
    );
    assert!(ranked.rows(&linear, &none, &scores).unwrap().is_empty());
}

#[test]
fn comparisons_stop_when_asked() {
    if !is_alone("sufficient::comparing::comparisons_stop_when_asked") {
        return;
    }
    let found = SufficientSubsets::new(3.0)
        .rows(&linear, &linear_x())
        .unwrap();
    let scores = Array2::<f32>::zeros((3, 5));
    for task in [
        "cross sufficiency",
        "perturbation",
        "ranked subsets",
        "insertion and deletion",
    ] {
        progress::watch(Stop { task, after: 1 });
        let error = match task {
            "cross sufficiency" => CrossSufficiency::new().rows(&linear, &found).err(),
            "perturbation" => Perturbation::new().rows(&linear, &found).err(),
            "ranked subsets" => RankedSubsets::new().rows(&linear, &found, &scores).err(),
            _ => InsertionDeletion::new()
                .rows(&linear, &found, &scores)
                .err(),
        };
        assert!(error.unwrap().is_interrupted(), "{task}");
    }
    progress::watch(Stop {
        task: "none",
        after: 1,
    });
    assert_eq!(
        CrossSufficiency::new()
            .rows(&linear, &found)
            .unwrap()
            .share(),
        1.0
    );
}
