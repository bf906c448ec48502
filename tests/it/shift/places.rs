//! Tests of shift: false alarms under the null, and what they see and do not see.

use genolens::ndarray::{Array2, Axis, concatenate};
use genolens::network::{Architecture, predict};
use genolens::random::Seed;
use genolens::shift::{
    ClassifierTest, KolmogorovSmirnov, Mmd, black_box_shift, classifier_test, kolmogorov_smirnov,
    mmd,
};
use genolens::simulate;
use genolens::training::{Fit, Loss};
use rayon::prelude::*;

/// Two samples and the number of the draw to a p-value.
type Test<'a> = dyn Fn(&Array2<f32>, &Array2<f32>, usize) -> f64 + Sync + 'a;

/// The share of false alarms at 5 % over 1000 draws of two samples of one distribution, features depending on each other.
fn alarms(sizes: (usize, usize), features: usize, test: &Test<'_>) -> f64 {
    let draw = |draw: usize| {
        let sample = |name: &str, n: usize| {
            let mut sample =
                simulate::normal((n, features), Seed::new(11).named(name).indexed(draw));
            let shared = sample.column(0).to_owned();
            sample
                .columns_mut()
                .into_iter()
                .skip(1)
                .for_each(|mut column| {
                    column.zip_mut_with(&shared, |value, shared| *value += 0.3 * shared);
                });
            sample
        };
        test(&sample("source", sizes.0), &sample("target", sizes.1), draw) <= 0.05
    };
    let found: Vec<bool> = (0..1000_usize).into_par_iter().map(draw).collect();
    found.into_iter().filter(|alarm| *alarm).count() as f64 / 1000.0
}

/// 5 % within 1.5 % over 1000 draws, the p-values of the first being whole numbers of orders of 40 and 43 examples.
#[test]
fn false_alarms_are_as_rare_as_the_level_says() {
    let single = alarms((97, 103), 1, &|a, b, _| {
        kolmogorov_smirnov(a, b).unwrap().p()
    });
    assert!((single - 0.05).abs() < 0.015, "one feature: {single}");
    let many = alarms((97, 103), 5, &|a, b, _| {
        kolmogorov_smirnov(a, b).unwrap().p()
    });
    assert!((0.035..0.065).contains(&many), "five features: {many}");
    let kernel = alarms((20, 25), 3, &|a, b, draw| {
        Mmd::new()
            .permutations(99)
            .seed(draw as u64)
            .run(a, b)
            .unwrap()
            .p()
    });
    assert!((kernel - 0.05).abs() < 0.015, "kernel: {kernel}");
    let classifier = alarms((60, 50), 3, &|a, b, draw| {
        ClassifierTest::new()
            .seed(draw as u64)
            .run(a, b)
            .unwrap()
            .p()
    });
    assert!(
        (classifier - 0.05).abs() < 0.015,
        "classifier: {classifier}"
    );
}

/// The same of what models say: shares of two classes, which are one test, and of three and five, which depend on each other.
#[test]
fn false_alarms_of_outputs_are_as_rare() {
    for outputs in [1, 2, 3, 5] {
        let network = Architecture::features(3)
            .dense(outputs)
            .seed(outputs as u64);
        let network = network.build().unwrap();
        let found = alarms((97, 103), 3, &|a, b, _| {
            black_box_shift(&network, a, b).unwrap().p()
        });
        assert!((found - 0.05).abs() < 0.015, "{outputs} outputs: {found}");
    }
}

/// The same of a network that is trained anew in every draw, with one output and with two.
#[test]
fn false_alarms_of_a_network_are_as_rare() {
    for (outputs, loss) in [(1, Loss::BinaryCrossEntropy), (2, Loss::CrossEntropy)] {
        let network = Architecture::features(3).dense(4).relu().dense(outputs);
        let network = network.build().unwrap();
        let fit = Fit::new().loss(loss).epochs(5).learning_rate(0.02);
        let fit = fit.validation(0.0);
        let found = alarms((60, 50), 3, &|a, b, draw| {
            let test = ClassifierTest::new().network(&network, fit.clone());
            test.seed(draw as u64).run(a, b).unwrap().p()
        });
        assert!((found - 0.05).abs() < 0.015, "{outputs} outputs: {found}");
    }
}

/// Two outputs for cross-entropy tell as much as one: the score is the log-odds of the target, not that of the source.
#[test]
fn a_network_may_have_an_output_for_each_place() {
    let data = simulate::covariate_shift(5);
    let rows: Vec<usize> = (0..300).collect();
    let some = |x: &Array2<f32>| x.select(Axis(0), &rows);
    let (source, target) = (some(data.source()), some(data.target()));
    let run = |outputs: usize, loss: Loss| {
        let network = Architecture::features(2).dense(outputs).build().unwrap();
        let fit = Fit::new().loss(loss).epochs(60).learning_rate(0.05);
        let test = ClassifierTest::new().network(&network, fit.validation(0.0));
        test.run(&source, &target).unwrap()
    };
    let (one, two) = (run(1, Loss::BinaryCrossEntropy), run(2, Loss::CrossEntropy));
    assert!(one.is_shifted() && two.is_shifted(), "{one}\n{two}");
    // Bells at 0 and 1 have an area of 0.76 between them.
    assert!(
        (one.statistic() - two.statistic()).abs() < 0.01,
        "{one}\n{two}"
    );
    assert!((two.statistic() - 0.76).abs() < 0.06, "{two}");
}

#[test]
fn shifts_of_inputs_are_seen_and_shifts_of_labels_are_not() {
    let covariate = simulate::covariate_shift(1);
    let found = kolmogorov_smirnov(covariate.source(), covariate.target()).unwrap();
    assert_eq!(found.shifted(), [0]);
    let rows: Vec<usize> = (0..150).collect();
    let some = |x: &Array2<f32>| x.select(Axis(0), &rows);
    let (source, target) = (some(covariate.source()), some(covariate.target()));
    assert!(mmd(&source, &target).unwrap().is_shifted());
    assert!(classifier_test(&source, &target).unwrap().is_shifted());
    let biased = simulate::selection_bias(1);
    assert_eq!(
        kolmogorov_smirnov(biased.source(), biased.target())
            .unwrap()
            .shifted(),
        [0]
    );
    let concept = simulate::concept_shift(1);
    assert!(
        !kolmogorov_smirnov(concept.source(), concept.target())
            .unwrap()
            .is_shifted()
    );
    assert!(
        !mmd(&some(concept.source()), &some(concept.target()))
            .unwrap()
            .is_shifted()
    );
}

/// Only the way in which features go together differs: features one by one cannot tell, the kernel can, and a network can.
#[test]
fn a_kernel_sees_how_features_go_together() {
    let noise = simulate::normal((300, 2), 3);
    let mut tied = simulate::normal((300, 2), 4);
    for mut row in tied.rows_mut() {
        row[1] = 0.9 * row[0] + 0.435_89 * row[1];
    }
    assert!(!kolmogorov_smirnov(&noise, &tied).unwrap().is_shifted());
    assert!(mmd(&noise, &tied).unwrap().is_shifted());
    assert!(!classifier_test(&noise, &tied).unwrap().is_shifted());
    let network = Architecture::features(2)
        .dense(32)
        .relu()
        .dense(1)
        .build()
        .unwrap();
    let test = ClassifierTest::new().network(&network, Fit::new().epochs(30).learning_rate(0.02));
    assert!(test.run(&noise, &tied).unwrap().is_shifted());
}

/// The statistic by its definition, over all pairs, and the model's outputs as features.
#[test]
fn statistics_are_those_of_the_definitions() {
    let (a, b) = (
        simulate::normal((9, 2), 5),
        simulate::normal((7, 2), 6) + 0.5,
    );
    let found = Mmd::new().width(1.3).run(&a, &b).unwrap();
    let all = concatenate(Axis(0), &[a.view(), b.view()])
        .unwrap()
        .mapv(f64::from);
    let (mean, spread) = (all.mean_axis(Axis(0)).unwrap(), all.std_axis(Axis(0), 0.0));
    let all = (all - mean) / spread;
    let kernel = |i: usize, j: usize| {
        let off = &all.row(i) - &all.row(j);
        (-off.dot(&off) / (2.0 * 1.3 * 1.3)).exp()
    };
    let mut expected = 0.0;
    for i in 0..16 {
        for j in (0..16).filter(|&j| j != i) {
            expected += match (i < 9, j < 9) {
                (true, true) => kernel(i, j) / 72.0,
                (false, false) => kernel(i, j) / 42.0,
                _ => -kernel(i, j) / 63.0,
            };
        }
    }
    assert!(
        (found.statistic() - expected).abs() < 1e-12,
        "{} {expected}",
        found.statistic()
    );
    let network = Architecture::features(2).dense(3).build().unwrap();
    assert_eq!(black_box_shift(&network, &a, &b).unwrap().len(), 3);
    // Of two shares the second tells the first.
    let network = Architecture::features(2).dense(2).build().unwrap();
    let found = black_box_shift(&network, &a, &b).unwrap();
    let odds = |x: &Array2<f32>| {
        let scores = predict(&network, x).unwrap();
        (&scores.column(1) - &scores.column(0)).insert_axis(Axis(1))
    };
    let expected = kolmogorov_smirnov(&odds(&a), &odds(&b)).unwrap();
    assert_eq!((found.len(), found.p()), (1, expected.p()));
    let ties = Array2::from_shape_fn((10, 1), |(row, _)| (row / 5) as f32);
    let same = KolmogorovSmirnov::new()
        .names(&["steps"])
        .run(&ties, &ties)
        .unwrap();
    assert_eq!(
        (same.statistics()[0], same.p(), same.shifted().len()),
        (0.0, 1.0, 0)
    );
}

#[test]
fn p_values_are_the_same_for_any_number_of_threads() {
    let (a, b) = (
        simulate::normal((40, 4), 7),
        simulate::normal((50, 4), 8) + 0.2,
    );
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            (
                mmd(&a, &b).unwrap(),
                kolmogorov_smirnov(&a, &b).unwrap(),
                classifier_test(&a, &b).unwrap(),
            )
        })
    };
    let one = run(1);
    assert!([2, 4, 8].into_iter().all(|threads| run(threads) == one));
}
