//! Careless calls of explanations that do not look inside.

#![expect(
    clippy::needless_pass_by_value,
    reason = "a black box is a function of a view"
)]

use super::methods::{smooth, some};
use genolens::attribution::{
    Contributions, ExactShapley, KernelShap, Lime, Masking, References, ShapleySampling, Surrogate,
};
use genolens::ndarray::{Array1, Array2, Array3, ArrayView2, array};
use genolens::network::BlackBox;
use genolens::{Error, Result};
use std::sync::atomic::{AtomicUsize, Ordering};

fn sum(x: ArrayView2<'_, f32>) -> Vec<f64> {
    x.rows()
        .into_iter()
        .map(|row| f64::from(row.sum()))
        .collect()
}

fn told<T>(result: Result<T>) -> String {
    result
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default()
}

fn four() -> Array2<f32> {
    array![[1.0_f32, 2.0, 3.0, 4.0]]
}

fn masked(masking: Masking) -> String {
    told(KernelShap::new().masking(masking).rows(&sum, &four()))
}

#[test]
fn groups_hold_every_column_once() {
    let groups = |groups: &[Vec<usize>]| masked(Masking::new().groups(groups));
    insta::assert_snapshot!(groups(&[vec![0, 1], vec![1, 2, 3]]), @"`groups` is column 1 in group 0 and in group 1, expected every column in one group");
    insta::assert_snapshot!(groups(&[vec![0, 1], vec![3]]), @"`groups` is without column 2, expected every column in one group");
    insta::assert_snapshot!(groups(&[vec![0, 1, 2, 3, 4]]), @"`groups` is 4, expected below 4, the number of columns");
    insta::assert_snapshot!(groups(&[vec![0, 1, 2, 3], vec![]]), @"`groups` is nothing in group 1, expected at least one column");
    insta::assert_snapshot!(groups(&[vec![2, 2, 0, 1, 3]]), @"`groups` is column 2 in group 0 and in group 0, expected every column in one group");
    insta::assert_snapshot!(groups(&[]), @"`groups` is without column 0, expected every column in one group");
    insta::assert_snapshot!(masked(Masking::new().stretches(0)), @"`stretches` is 0, expected at least 1");
    insta::assert_snapshot!(masked(Masking::new().stretches(2).names(&["a"])), @"`names` is 1, expected 2, one for each feature");
    assert_eq!(masked(Masking::new().stretches(usize::MAX)), "");
    let positions = Masking::new().groups(&[vec![0, 10]]);
    insta::assert_snapshot!(told(Lime::new().masking(positions).run(&smooth(), &some())), @"`groups` is 10, expected below 10, the number of positions");
}

#[test]
fn what_stands_in_is_numbers_of_the_right_shape() {
    let background = |rows: Array2<f32>| masked(Masking::new().background(rows));
    insta::assert_snapshot!(background(array![[0.0, f32::NAN, 0.0, 0.0]]), @"`background` is NaN at column 1 of row 0, expected finite numbers");
    insta::assert_snapshot!(background(array![[0.0, 0.0, 0.0]]), @"`background` has shape (1, 3), expected (rows, 4) with 1 to 1000 rows");
    insta::assert_snapshot!(background(Array2::zeros((0, 4))), @"`background` has shape (0, 4), expected (rows, 4) with 1 to 1000 rows");
    insta::assert_snapshot!(background(Array2::zeros((1001, 4))), @"`background` has shape (1001, 4), expected (rows, 4) with 1 to 1000 rows");
    insta::assert_snapshot!(masked(Masking::new().mean(&Array2::zeros((0, 4)))), @"`background` has shape (0, 4), expected (rows, 4) with 1 to 1000 rows");
    insta::assert_snapshot!(masked(Masking::new().references(References::uniform())), @"`references` is set, but stand in for letters of sequences, expected a background, for rows");
    let run = |masking: Masking| told(KernelShap::new().masking(masking).run(&smooth(), &some()));
    insta::assert_snapshot!(run(Masking::new().background(array![[0.0_f32]])), @"`background` is set, but stands in for columns of tables, expected references, for sequences");
    let given = |value: f32| References::given(Array3::from_elem((1, 4, 10), value));
    insta::assert_snapshot!(run(Masking::new().references(given(f32::INFINITY))), @"`references` is inf at position 0 of row 0, expected finite numbers");
    assert_eq!(run(Masking::new().references(given(0.3))), "");
}

#[test]
fn there_must_be_something_to_explain() {
    let rows = |x: Array2<f32>| told(ExactShapley::new().rows(&sum, &x));
    insta::assert_snapshot!(rows(Array2::zeros((0, 3))), @"`x` has shape (0, 3), expected (n, columns) with n and columns at least 1");
    insta::assert_snapshot!(rows(Array2::zeros((3, 0))), @"`x` has shape (3, 0), expected (n, columns) with n and columns at least 1");
    insta::assert_snapshot!(told(ExactShapley::new().rows(&sum, &Array1::<f32>::zeros(3))), @"`x` has shape (3), expected (n, columns) with n and columns at least 1");
    insta::assert_snapshot!(rows(Array2::ones((1, 21))), @"`features` is 21, expected at most 20, as all coalitions of 21 take 2097152 scores: make groups, or draw");
    insta::assert_snapshot!(rows(Array2::ones((1, 5000))), @"`features` is 5000, expected at most 20, as all coalitions of 5000 take 2^5000 scores: make groups, or draw");
    insta::assert_snapshot!(told(KernelShap::new().rows(&sum, &Array2::ones((1, 2001)))), @"`features` is 2001, expected at most 2000: make groups");
    insta::assert_snapshot!(told(Lime::new().rows(&sum, &Array2::ones((1, 2001)))), @"`features` is 2001, expected at most 2000: make groups");
    let many = ShapleySampling::new().samples(10_000_000);
    insta::assert_snapshot!(told(many.rows(&sum, &Array2::ones((1, 50)))), @"`evaluations` is 490000002, expected at most 100000000 for one example");
}

#[test]
fn samples_have_a_beginning_and_an_end() {
    let kernel = |samples| told(KernelShap::new().samples(samples).rows(&sum, &four()));
    insta::assert_snapshot!(kernel(0), @"`samples` is 0, expected 1 to 1000000");
    insta::assert_snapshot!(kernel(2), @"`samples` is 2, expected at least 8, to tell 4 features apart");
    insta::assert_snapshot!(kernel(4), @"`samples` is 4, expected at least 8, to tell 4 features apart");
    insta::assert_snapshot!(kernel(usize::MAX), @"`samples` is 18446744073709551615, expected 1 to 1000000");
    assert_eq!(kernel(8), "");
    let orders = |samples| told(ShapleySampling::new().samples(samples).rows(&sum, &four()));
    insta::assert_snapshot!(orders(0), @"`samples` is 0, expected 1 to 10000000");
    insta::assert_snapshot!(orders(usize::MAX), @"`samples` is 18446744073709551615, expected 1 to 10000000");
    let once = ShapleySampling::new()
        .samples(1)
        .rows(&sum, &four())
        .unwrap();
    assert!(
        once.standard_errors()
            .unwrap()
            .iter()
            .all(|error| error.is_nan())
    );
    let lime = |options: Lime| told(options.rows(&sum, &four()));
    insta::assert_snapshot!(lime(Lime::new().samples(1)), @"`samples` is 1, expected 2 to 1000000");
    insta::assert_snapshot!(lime(Lime::new().samples(usize::MAX)), @"`samples` is 18446744073709551615, expected 2 to 1000000");
    insta::assert_snapshot!(lime(Lime::new().samples(3).surrogate(Surrogate::Ridge(0.0))), @"`samples` is 3, expected at least 8, or a larger penalty, to tell 4 features apart");
    insta::assert_snapshot!(lime(Lime::new().width(0.0)), @"`width` is 0, expected a number above 0");
    insta::assert_snapshot!(lime(Lime::new().width(f64::NAN)), @"`width` is NaN, expected a number above 0");
    insta::assert_snapshot!(lime(Lime::new().width(1e-3)), @"`width` is 0.001, expected so large that coalitions other than that of all features weigh something");
    insta::assert_snapshot!(lime(Lime::new().surrogate(Surrogate::Lasso(-1.0))), @"`surrogate` is -1, expected a penalty of 0 or more");
    insta::assert_snapshot!(lime(Lime::new().surrogate(Surrogate::Ridge(f64::NAN))), @"`surrogate` is NaN, expected a penalty of 0 or more");
    insta::assert_snapshot!(lime(Lime::new().select(0)), @"`select` is 0, expected at least 1");
    assert_eq!(lime(Lime::new().select(usize::MAX)), "");
    insta::assert_snapshot!(lime(Lime::new().batch(0)), @"`batch` is 0, expected at least 1");
    assert_eq!(lime(Lime::new().batch(usize::MAX)), "");
}

fn explained(black_box: &dyn BlackBox) -> Result<Contributions> {
    ShapleySampling::new().rows(
        black_box,
        &array![[1.0_f32, 2.0, 3.0, 4.0], [2.0, 0.5, 1.0, 0.0]],
    )
}

#[test]
fn answers_are_looked_at() {
    let logarithm = |x: ArrayView2<f32>| -> Vec<f64> {
        x.rows()
            .into_iter()
            .map(|row| f64::from(row[1] - 0.1).ln())
            .collect()
    };
    insta::assert_snapshot!(told(explained(&logarithm)), @"`scores` is NaN for row 0 without features 0, 1, 2, 3, expected finite numbers");
    let few = |x: ArrayView2<f32>| -> Vec<f64> { sum(x)[1..].to_vec() };
    insta::assert_snapshot!(told(explained(&few)), @"`scores` has shape (1, 1), expected (2, outputs), one row for each example and at least 1 output");
    let nothing = |x: ArrayView2<f32>| -> Array2<f64> { Array2::zeros((x.nrows(), 0)) };
    insta::assert_snapshot!(told(explained(&nothing)), @"`scores` has shape (2, 0), expected (2, outputs), one row for each example and at least 1 output");
    let failing = |_: ArrayView2<f32>| -> Result<Vec<f64>> {
        Err(Error::value("x", "something else", "this"))
    };
    insta::assert_snapshot!(told(explained(&failing)), @"`x` is this, expected something else");
    let calls = AtomicUsize::new(0);
    let random = |x: ArrayView2<f32>| -> Vec<f64> {
        let call = calls.fetch_add(1, Ordering::SeqCst) as f64;
        sum(x).iter().map(|sum| sum + call).collect()
    };
    insta::assert_snapshot!(told(explained(&random)), @"`score` is 10 and then 11 for row 0, expected the same for the same example");
    let second = |x: ArrayView2<f32>| -> Array2<f32> {
        let sums: Vec<f32> = sum(x)
            .into_iter()
            .flat_map(|v| [v as f32, 7.0 * v as f32])
            .collect();
        Array2::from_shape_vec((sums.len() / 2, 2), sums).unwrap()
    };
    let target = |target| KernelShap::new().target(target).rows(&second, &four());
    assert!((target(1).unwrap().values()[[0, 2]] - 21.0).abs() < 1e-9);
    insta::assert_snapshot!(told(target(2)), @"`target` is 2, expected below 2, the number of outputs");
    insta::assert_snapshot!(told(KernelShap::new().target(2).run(&smooth(), &some())), @"`target` is 2, expected below 2, the number of outputs");
}
