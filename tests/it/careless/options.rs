//! Options that make no sense are named as the user wrote them.

use genolens::Result;
use genolens::ndarray::{Array1, Array3, array};
use genolens::network::{Architecture, Network};
use genolens::training::{Bootstrap, Fit, KFold, LearningCurve, Measure, Metric, hold_out_groups};

fn told<T>(result: Result<T>) -> String {
    result
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default()
}

fn network() -> Network {
    let layers = Architecture::sequences(4).convolution(4, 5).relu();
    layers.global_max_pool().dense(1).build().unwrap()
}

fn examples() -> (Array3<f32>, Array1<f32>) {
    let x = Array3::from_shape_fn((20, 4, 12), |(i, c, p)| {
        f32::from(u8::from((i * 7 + p * 3 + p * p * i) % 4 == c))
    });
    (x, Array1::from_shape_fn(20, |i| (i % 2) as f32))
}

#[test]
fn resamples_have_an_end() {
    let (_, labels) = examples();
    let bootstrap = Bootstrap::new().resamples(usize::MAX);
    let found = bootstrap.run(Metric::Auroc, &labels, &labels);
    insta::assert_snapshot!(told(found), @"`resamples` is 18446744073709551615, expected at most 10000000");
}

#[test]
fn a_metric_is_measured_once() {
    let labels = array![1.0_f32, 0.0];
    let measure = Measure::new().metrics(&[Metric::Auroc, Metric::Brier, Metric::Auroc]);
    insta::assert_snapshot!(told(measure.run(&labels, &labels)), @"`metrics` is auroc twice, expected each metric once");
}

#[test]
fn a_learning_curve_names_its_options() {
    let (x, labels) = examples();
    let curve = LearningCurve::new().sizes(&[8]);
    let run = |curve: LearningCurve| told(curve.run(&network(), &x, &labels));
    insta::assert_snapshot!(run(curve.clone().repeats(usize::MAX)), @"`repeats` is 18446744073709551615, expected at most 1000000");
    insta::assert_snapshot!(run(curve.test(f64::NAN)), @"`test` is NaN, expected above 0 to below 1");
}

#[test]
fn rows_to_train_on_are_called_rows() {
    let (x, labels) = examples();
    let run = |rows: &[usize]| told(Fit::new().rows(rows).run(&network(), &x, &labels));
    insta::assert_snapshot!(run(&[]), @"`rows` is none, expected at least 1");
    insta::assert_snapshot!(run(&[20]), @"`rows` is 20, expected rows below 20, the number of examples");
}

#[test]
fn too_few_groups_are_named() {
    let one = vec!["chr1".to_owned(); 4];
    insta::assert_snapshot!(told(KFold::new(2).run_groups(&one)), @"`groups` is 1, expected at least 2");
    insta::assert_snapshot!(told(hold_out_groups(&[], &["chr1"])), @"`groups` is empty, expected the name of a group for every example");
}
