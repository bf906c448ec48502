//! Careless calls, and what they are told.

use genolens::ndarray::{Array2, array};
use genolens::network::Architecture;
use genolens::shift::{
    ClassifierTest, KolmogorovSmirnov, Mmd, PriorMethod, PriorShift, WeightMethod, Weighting,
    kolmogorov_smirnov, mmd,
};
use genolens::simulate;
use genolens::training::{Fit, Loss};
use std::fmt::Write as _;

#[test]
fn messages_of_tests_name_what_is_wrong() {
    let (a, b) = (simulate::normal((12, 2), 1), simulate::normal((12, 2), 2));
    let mut holed = a.clone();
    holed[[3, 1]] = f32::NAN;
    let narrow = Array2::<f32>::zeros((12, 1));
    let mut found = String::new();
    let mut note = |error: genolens::Error| {
        let _ = writeln!(found, "{error}");
    };
    note(kolmogorov_smirnov(&a, &narrow).unwrap_err());
    note(kolmogorov_smirnov(&holed, &b).unwrap_err());
    note(kolmogorov_smirnov(&a, &Array2::<f32>::zeros((1, 2))).unwrap_err());
    note(KolmogorovSmirnov::new().level(1.0).run(&a, &b).unwrap_err());
    note(
        KolmogorovSmirnov::new()
            .names(&["one"])
            .run(&a, &b)
            .unwrap_err(),
    );
    note(mmd(&Array2::<f32>::zeros((0, 2)), &b).unwrap_err());
    note(Mmd::new().permutations(18).run(&a, &b).unwrap_err());
    note(Mmd::new().level(0.001).run(&a, &b).unwrap_err());
    note(Mmd::new().permutations(usize::MAX).run(&a, &b).unwrap_err());
    note(Mmd::new().width(0.0).run(&a, &b).unwrap_err());
    note(ClassifierTest::new().ridge(-1.0).run(&a, &b).unwrap_err());
    note(
        ClassifierTest::new()
            .run(&Array2::<f32>::zeros((3, 2)), &b)
            .unwrap_err(),
    );
    insta::assert_snapshot!(found, @"
    `target` has shape (12, 1), expected (n, ...) with 2 features as `source`
    `source` is NaN in row 3, expected finite
    `target` has shape (1, 2), expected (n, ...) with n at least 2 and a feature
    `level` is 1, expected above 0 to below 1
    `names` is 1, expected 2, one for each feature
    `source` has shape (0, 2), expected (n, ...) with n at least 2 and a feature
    `permutations` is 18, expected 19 or more, so that p can be the level
    `permutations` is 199, expected 999 or more, so that p can be the level
    `permutations` is 18446744073709551615, expected at most 10000000
    `width` is 0, expected finite and above 0
    `ridge` is -1, expected at least 0
    `source and target` is 3, expected at least 8 examples each
    ");
}

#[test]
fn messages_of_priors_and_weights_name_what_is_wrong() {
    let (a, b) = (simulate::normal((12, 2), 1), simulate::normal((12, 2), 2));
    let (labels, chances) = (array![0.0_f32, 1.0, 1.0], array![0.2_f32, 0.6, 0.7]);
    let wide = array![[0.5_f32, 0.5], [0.5, 0.5], [0.5, 0.5]];
    let mut found = String::new();
    let mut note = |error: genolens::Error| {
        let _ = writeln!(found, "{error}");
    };
    note(
        PriorShift::new()
            .run((&chances, &labels), &wide)
            .unwrap_err(),
    );
    note(
        PriorShift::new()
            .run((&chances, &array![1.0_f32, 1.0, 1.0]), &chances)
            .unwrap_err(),
    );
    note(
        PriorShift::new()
            .run((&chances, &array![1.0_f32, f32::NAN, 0.0]), &chances)
            .unwrap_err(),
    );
    note(
        PriorShift::new()
            .run((&chances, &labels), &array![1.5_f32])
            .unwrap_err(),
    );
    for method in [PriorMethod::Em, PriorMethod::Bbse, PriorMethod::Rlls] {
        note(
            PriorShift::new()
                .method(method)
                .run((&wide, &labels), &array![[0.5_f32, 0.5], [0.9, 0.6]])
                .unwrap_err(),
        );
    }
    note(
        PriorShift::new()
            .run((&(&wide * 0.5), &labels), &wide)
            .unwrap_err(),
    );
    note(
        PriorShift::new()
            .run((&wide, &wide.mapv(f32::round)), &wide)
            .unwrap_err(),
    );
    note(
        PriorShift::new()
            .method(PriorMethod::Bbse)
            .run((&wide, &array![0.0_f32, 1.0, 1.0]), &wide)
            .unwrap_err(),
    );
    note(Weighting::new().bells(0).run(&a, &b).unwrap_err());
    note(
        Weighting::new()
            .method(WeightMethod::Kmm)
            .run(&Array2::<f32>::zeros((3, 2)), &b)
            .unwrap_err(),
    );
    note(simulate::prior_shift(&[0.5, 0.5], &[1.0], 1).unwrap_err());
    note(simulate::prior_shift(&[0.5, 0.4], &[0.5, 0.5], 1).unwrap_err());
    note(simulate::environments(&[0.5, 1.4], 1).unwrap_err());
    note(simulate::environments(&[0.5], 1).unwrap_err());
    insta::assert_snapshot!(found, @"
    `target` has shape (3, 2), expected (n, 1) as the held-out examples
    `labels` is none of class 0, expected an example of every class
    `labels` is NaN, expected 0 and 1, none missing
    `target` is 1.5, expected 0 to 1
    `target` is a sum of 1.5000 in row 1, expected rows that sum to 1, as a softmax gives them, where classes exclude each other
    `target` is a sum of 1.5000 in row 1, expected rows that sum to 1, as a softmax gives them, where classes exclude each other
    `target` is a sum of 1.5000 in row 1, expected rows that sum to 1, as a softmax gives them, where classes exclude each other
    `probabilities` is a sum of 0.5000 in row 0, expected rows that sum to 1, as a softmax gives them, where classes exclude each other
    `known` has shape (3, 2), expected (n) for one task, or (n, classes) beside labels (n) of class numbers
    `known` is a singular confusion; try `PriorMethod::Rlls`, expected classes that the model tells apart, so that their confusion can be inverted
    `bells` is 0, expected at least 1
    `source and target` is 3, expected at least 10 examples each
    `target` has shape (1), expected (2) as `source`, at least 2
    `source` is [0.5, 0.4], expected shares from 0 to 1 that sum to 1
    `agreement` is 1.4, expected shares from 0 to 1
    `agreement` is 1, expected shares of at least 2 environments
    ");
}

/// Two samples that do not vary are the same, whatever is asked.
#[test]
fn constant_features_are_no_difference() {
    let flat = Array2::<f32>::ones((20, 2));
    assert!(!kolmogorov_smirnov(&flat, &flat).unwrap().is_shifted());
    assert!(!mmd(&flat, &flat).unwrap().is_shifted());
    assert!(
        !ClassifierTest::new()
            .run(&flat, &flat)
            .unwrap()
            .is_shifted()
    );
    let weights = Weighting::new().run(&flat, &flat).unwrap();
    assert!(
        weights
            .values()
            .iter()
            .all(|weight| (weight - 1.0).abs() < 1e-9)
    );
    insta::assert_snapshot!(weights, @"20 examples weighed to look like 20: as good as 20 of equal weight, the largest weight 1.00; right only where the same input still has the same labels, which needs labels to see");
    insta::assert_snapshot!(mmd(&flat, &flat).unwrap(), @"maximum mean discrepancy, squared: 0.0000, p 1.0000, no difference of the inputs found, which is not proof of none; without labels, nothing is said of whether the same examples still have the same labels (concept shift)");
    insta::assert_snapshot!(kolmogorov_smirnov(&flat, &(&flat + 1.0)).unwrap(), @"
    2 of 2 features differ, p < 0.0001: the inputs differ; without labels, nothing is said of whether the same examples still have the same labels (concept shift)
    0: difference 1.0000, p 1.45e-11
    1: difference 1.0000, p 1.45e-11
    ");
}

/// A classifier of places has one score: the log-odds of the target.
#[test]
fn a_network_with_other_outputs_is_refused() {
    let (a, b) = (simulate::normal((12, 2), 1), simulate::normal((12, 2), 2));
    let run = |outputs: usize, fit: Fit| {
        let network = Architecture::features(2).dense(outputs).build().unwrap();
        let test = ClassifierTest::new().network(&network, fit.epochs(1));
        test.run(&a, &b).unwrap_err()
    };
    insta::assert_snapshot!(run(3, Fit::new().loss(Loss::CrossEntropy)), @"`output of the network` has shape (12, 3), expected (n, 1), or (n, 2) for cross-entropy");
    insta::assert_snapshot!(run(2, Fit::new()), @"`output of the network` has shape (12, 2), expected (n, 1), or (n, 2) for cross-entropy");
    insta::assert_snapshot!(run(1, Fit::new().loss(Loss::CrossEntropy)), @"`output of the network` has shape (12, 1), expected (n, classes) for class numbers (n) or shares (n, classes)");
}
