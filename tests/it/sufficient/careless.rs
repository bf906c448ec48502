//! What careless callers are told.

#![expect(
    clippy::needless_pass_by_value,
    reason = "a black box is a function of a view"
)]

use genolens::Result;
use genolens::ndarray::{Array1, Array2, Array3, ArrayView2, array};
use genolens::network::{self, ModelOutputs};
use genolens::sequence::Sequences;
use genolens::sufficient::{self, Mask, Score, SufficientSubsets, Threshold};
use std::sync::atomic::{AtomicUsize, Ordering};

fn told<T>(result: Result<T>) -> String {
    result
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default()
}

fn sum(x: ArrayView2<'_, f32>) -> Array1<f64> {
    let rows = x.rows().into_iter();
    rows.map(|row| f64::from(row.sum())).collect()
}

fn x() -> Array2<f32> {
    array![[1.0, 2.0, 3.0], [2.0, 2.0, 0.5]]
}

fn rows(options: &SufficientSubsets) -> String {
    told(options.rows(&sum, &x()))
}

#[test]
fn thresholds_are_reached_and_finite() {
    insta::assert_snapshot!(rows(&SufficientSubsets::new(6.5)), @"`threshold` is 6.5, expected at most 6, the highest score of the 2 examples");
    insta::assert_snapshot!(rows(&SufficientSubsets::new(f64::NAN)), @"`threshold` is NaN, expected a finite number");
    insta::assert_snapshot!(rows(&SufficientSubsets::new(f64::NEG_INFINITY)), @"`threshold` is -inf, expected a finite number");
    let quantile = |share| rows(&SufficientSubsets::new(Threshold::quantile(share)));
    insta::assert_snapshot!(quantile(1.5), @"`quantile` is 1.5, expected from 0 to 1");
    insta::assert_snapshot!(quantile(f64::NAN), @"`quantile` is NaN, expected from 0 to 1");
    assert_eq!(quantile(0.5), "");
    let of = |scores: Array1<f32>| told(Threshold::quantile_of(&scores, 0.5));
    insta::assert_snapshot!(of(array![]), @"`scores` is 0, expected at least 1");
    insta::assert_snapshot!(of(array![1.0, f32::NAN]), @"`scores` is NaN, expected finite numbers");
}

#[test]
fn quantiles_are_those_of_numpy() {
    let scores = array![3.0_f32, 1.0, 4.0, 1.5, 9.0];
    for (share, expected) in [(0.0, 1.0), (0.25, 1.5), (0.9, 7.0), (0.35, 2.1), (1.0, 9.0)] {
        let found = Threshold::quantile_of(&scores, share).unwrap();
        assert!((found.value().unwrap() - expected).abs() < 1e-12, "{share}");
    }
    let found = SufficientSubsets::new(Threshold::quantile(0.5)).rows(&sum, &x());
    let found = found.unwrap();
    assert_eq!(found.threshold(), 5.25);
    assert_eq!(found.counts(), array![1, 0]);
    assert_eq!(Threshold::quantile(0.5).value(), None);
}

#[test]
fn scores_that_are_none_name_the_example_and_what_is_masked() {
    let options = SufficientSubsets::new(1.0);
    let nan = |x: ArrayView2<f32>| -> Vec<f64> {
        let rows = x.rows().into_iter();
        // Only of the second row with its last number masked.
        rows.map(|row| {
            if row[0] == 2.0 && row[2] == 0.0 {
                f64::NAN
            } else {
                4.0 + f64::from(row.sum())
            }
        })
        .collect()
    };
    insta::assert_snapshot!(told(options.rows(&nan, &x())), @"`scores` is NaN for row 1 with feature 2 masked, expected finite numbers");
    let infinite = |x: ArrayView2<f32>| -> Vec<f64> {
        let rows = x.rows().into_iter();
        rows.map(|row| 1.0 / f64::from(row.sum())).collect()
    };
    insta::assert_snapshot!(told(options.rows(&infinite, &x())), @"`scores` is inf for row 0 with everything masked, expected finite numbers");
    let first = |x: ArrayView2<f32>| -> Vec<f64> { vec![f64::NAN; x.nrows()] };
    insta::assert_snapshot!(told(options.rows(&first, &x())), @"`scores` is NaN for row 0, expected finite numbers");
}

#[test]
fn what_depends_on_chance_is_found_out() {
    let calls = AtomicUsize::new(0);
    let noisy = |x: ArrayView2<f32>| -> Array1<f64> {
        let noise = calls.fetch_add(1, Ordering::Relaxed) as f64;
        sum(x) + noise
    };
    let problem = told(SufficientSubsets::new(1.0).rows(&noisy, &x()));
    assert!(
        problem.contains("expected the same for the same example"),
        "{problem}"
    );
    // What depends on the others of its batch is the same when it is asked for alone.
    let relative = |x: ArrayView2<f32>| -> Array1<f64> {
        let sums = sum(x);
        let mean = sums.mean().unwrap_or(0.0);
        sums - mean
    };
    let problem = told(SufficientSubsets::new(0.5).rows(&relative, &x()));
    assert!(
        problem.contains("expected the same for the same example"),
        "{problem}"
    );
}

#[test]
fn options_that_make_no_sense_are_named() {
    let options = SufficientSubsets::new(1.0);
    insta::assert_snapshot!(rows(&options.clone().batch(0)), @"`batch` is 0, expected at least 1");
    insta::assert_snapshot!(rows(&options.clone().most(0)), @"`most` is 0, expected at least 1");
    insta::assert_snapshot!(rows(&options.clone().target(1)), @"`target` is 1, expected below 1, the number of outputs");
    insta::assert_snapshot!(rows(&options.clone().masked(&[3])), @"`masked` is 3, expected below 3, the number of features");
    insta::assert_snapshot!(rows(&options.clone().groups(&[vec![0, 1]])), @"`groups` is without column 2, expected every column in one group");
    insta::assert_snapshot!(rows(&options.clone().groups(&[vec![0, 1], vec![1, 2]])), @"`groups` is column 1 in group 0 and in group 1, expected every column in one group");
    insta::assert_snapshot!(rows(&options.clone().stretches(0)), @"`stretches` is 0, expected at least 1");
    insta::assert_snapshot!(rows(&options.clone().gradient(2)), @"`black_box` is a function without a gradient, expected the outputs of a model");
    insta::assert_snapshot!(rows(&options.clone().score(Score::Softmax)), @"`score` is softmax, which is always 1 for 1 output, expected raw or sigmoid");
}

#[test]
fn masks_fit_what_is_masked() {
    let mask = |mask: Mask| rows(&SufficientSubsets::new(1.0).mask(mask));
    insta::assert_snapshot!(mask(Mask::uniform()), @"`mask` is made of letters, expected a constant, a mean or values, as `x` is not sequences");
    insta::assert_snapshot!(mask(Mask::composition()), @"`mask` is made of letters, expected a constant, a mean or values, as `x` is not sequences");
    insta::assert_snapshot!(mask(Mask::constant(f32::NAN)), @"`mask` is NaN, expected finite numbers");
    insta::assert_snapshot!(mask(Mask::values(&array![1.0_f32, 2.0]).unwrap()), @"`mask` has shape (2), expected (3), or one that can be repeated to it");
    insta::assert_snapshot!(told(Mask::mean(&Array2::<f32>::zeros((0, 3)))), @"`rows` has shape (0, 3), expected (n, ...) with n at least 1");
    assert_eq!(mask(Mask::values(&array![1.0_f32]).unwrap()), "");
    let unknown = Sequences::dna(["NNNN"]).unwrap();
    let options = SufficientSubsets::new(-9.0).mask(Mask::composition());
    insta::assert_snapshot!(told(options.run(&network::deepbind(2), &unknown)), @"`mask` is the composition of sequences without any known letter, expected a known letter");
}

#[test]
fn inputs_have_shapes_that_can_be_masked() {
    let options = SufficientSubsets::new(1.0);
    insta::assert_snapshot!(told(options.rows(&sum, &Array2::<f32>::zeros((0, 3)))), @"`x` has shape (0, 3), expected (n, columns), (n, channels, length) or (n, channels, height, width), each at least 1");
    insta::assert_snapshot!(told(options.rows(&sum, &array![1.0_f32])), @"`x` has shape (1), expected (n, columns), (n, channels, length) or (n, channels, height, width), each at least 1");
    let model = network::deepbind(2);
    let unequal = Sequences::dna(["ACGT", "ACG"]).unwrap();
    insta::assert_snapshot!(told(sufficient::subsets(&model, &unequal, 0.0)), @"`sequence seq2 (number 2)` is 3 long, expected 4 letters as in `seq1`, the first one");
    let none = Sequences::dna([""; 0]).unwrap();
    insta::assert_snapshot!(told(sufficient::subsets(&model, &none, 0.0)), @"`sequences` is empty, expected one sequence or more");
    let other = Array3::<f32>::zeros((1, 3, 20));
    insta::assert_snapshot!(told(options.rows(&ModelOutputs(&model), &other)), @"`x` has shape (1, 3, 20), expected (n, 4, any)");
    let target = SufficientSubsets::new(-9.0).target(3);
    let x = Sequences::dna(["ACGTTACG"]).unwrap();
    insta::assert_snapshot!(told(target.run(&model, &x)), @"`target` is 3, expected below 1, the number of outputs");
}

#[test]
fn subsets_are_looked_up_by_numbers_that_exist() {
    let found = SufficientSubsets::new(1.0).rows(&sum, &x()).unwrap();
    insta::assert_snapshot!(told(found.get(99)), @"`index` is 99, expected below 5, the number of subsets");
    insta::assert_snapshot!(told(found.of(2)), @"`example` is 2, expected below 2, the number of examples");
    insta::assert_snapshot!(told(found.strings()), @"`x` is 3 columns, expected sequences");
    insta::assert_snapshot!(format!("{found:?}"), @"Subsets(n = 5, examples = 2 of 3 columns, threshold = 1)");
    insta::assert_snapshot!(format!("{:?}", found.get(0).unwrap()), @"Subset(example = 0, number = 0, features = [2], score = 3)");
    insta::assert_snapshot!(format!("{:?}", found.get(0).unwrap().selection()), @"Selection(features = 3, score = 6 to 0)");
}
