//! Ensembles, dropout and what their members disagree about.

use genolens::calibration::{Draws, Ensemble, FitEnsemble, QuantileCalibration, fit_ensemble};
use genolens::ndarray::{Array1, Array2, Array3, Axis, array};
use genolens::network::{Architecture, MonteCarlo, Network, predict};
use genolens::random::Seed;
use genolens::training::Fit;
use proptest::prelude::*;
use rand::RngExt;
use rand_distr::StandardNormal;

fn silenced() -> Network {
    Architecture::features(6)
        .dense(20)
        .relu()
        .dropout(0.3)
        .dense(2)
        .build()
        .unwrap()
}

fn features(n: usize) -> Array2<f32> {
    Array2::from_shape_fn((n, 6), |(row, column)| {
        ((row * 13 + column * 7) % 10) as f32 / 5.0 - 1.0
    })
}

/// The moments of the samples are those that the network's own method gives, and the same for any number of threads.
#[test]
fn samples_of_dropout_are_those_of_which_the_moments_are_known() {
    let (network, x) = (silenced(), features(70));
    let options = MonteCarlo::new().samples(40).seed(3).batch(16);
    let draws = Draws::dropout(&options, &network, &x).unwrap();
    assert_eq!(draws.values().dim(), (40, 70, 2));
    let known = options.run(&network, &x).unwrap();
    let near = |a: &Array2<f64>, b: &Array2<f32>| {
        a.iter()
            .zip(b)
            .all(|(a, b)| (a - f64::from(*b)).abs() < 1e-5)
    };
    assert!(near(&draws.mean(), known.mean()) && near(&draws.spread(), known.spread()));
    for threads in [1, 2, 4, 8] {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        assert_eq!(
            pool.install(|| Draws::dropout(&options, &network, &x).unwrap()),
            draws
        );
    }
}

/// D2: the same is silenced in both, so that the paired error is smaller; and an example differs from itself by nothing.
#[test]
fn paired_masks_make_differences_sure() {
    let (network, x) = (silenced(), features(20));
    let mut changed = x.clone();
    changed.column_mut(2).mapv_inplace(|value| value + 0.3);
    let options = MonteCarlo::new().samples(200).seed(1);
    let draws = |x: &Array2<f32>| Draws::dropout(&options, &network, x).unwrap();
    let difference = draws(&changed).difference(&draws(&x)).unwrap();
    let (error, unpaired) = (
        difference.error().mean().unwrap(),
        difference.unpaired_error().mean().unwrap(),
    );
    assert!(error < unpaired / 3.0, "{error} {unpaired}");
    let same = draws(&x).difference(&draws(&x)).unwrap();
    assert!(
        same.effect()
            .iter()
            .chain(same.error())
            .all(|value| *value == 0.0)
    );
    // One reference beside all is as if it were repeated.
    let first = x.select(Axis(0), &[0; 20]);
    let one = Draws::dropout_difference(&options, &network, (&changed, &x.select(Axis(0), &[0])))
        .unwrap();
    assert_eq!(one, draws(&changed).difference(&draws(&first)).unwrap());
    assert!(one.error()[[0, 0]] < one.unpaired_error()[[0, 0]]);
    // Another seed silences other units: nothing is paired.
    let other = Draws::dropout(&MonteCarlo::new().samples(200).seed(2), &network, &x).unwrap();
    let apart = draws(&changed).difference(&other).unwrap();
    assert!(apart.error().mean().unwrap() > 0.8 * apart.unpaired_error().mean().unwrap());
}

proptest! {
    /// D2 by the definition: variances add up, less twice the covariance, over the members less one.
    #[test]
    fn errors_of_differences_follow_from_covariances(scores in prop::collection::vec((-100_i8..100, -100_i8..100), 2..12)) {
        let first: Array1<f32> = scores.iter().map(|pair| f32::from(pair.0) / 8.0).collect();
        let second: Array1<f32> = scores.iter().map(|pair| f32::from(pair.1) / 8.0).collect();
        let shaped = |of: &Array1<f32>| Draws::new(&of.to_shape((of.len(), 1, 1)).unwrap().into_owned()).unwrap();
        let (a, b) = (shaped(&first), shaped(&second));
        let difference = a.difference(&b).unwrap();
        let variances = a.spread()[[0, 0]].powi(2) + b.spread()[[0, 0]].powi(2);
        let expected = variances - 2.0 * difference.covariance()[[0, 0]];
        prop_assert!((difference.error()[[0, 0]].powi(2) - expected).abs() < 1e-9 * variances.max(1.0));
        prop_assert!((difference.unpaired_error()[[0, 0]].powi(2) - variances).abs() < 1e-9 * variances.max(1.0));
        if difference.covariance()[[0, 0]] > 0.0 {
            prop_assert!(difference.error()[[0, 0]] <= difference.unpaired_error()[[0, 0]]);
        }
        prop_assert!((difference.effect()[[0, 0]] - (a.mean() - b.mean())[[0, 0]]).abs() < 1e-9);
    }
}

#[test]
fn surprise_is_parted_into_world_and_model() {
    // Two members: they agree on a coin, and disagree for sure.
    let draws = Draws::new(&array![[[0.0_f32], [40.0]], [[0.0], [-40.0]]]).unwrap();
    let information = draws.task_information();
    let bit = 2_f64.ln();
    assert!(
        (information.total()[[0, 0]] - bit).abs() < 1e-12
            && information.epistemic()[[0, 0]] < 1e-12
    );
    assert!(
        (information.total()[[1, 0]] - bit).abs() < 1e-12
            && (information.epistemic()[[1, 0]] - bit).abs() < 1e-12
    );
    // Two classes are one task.
    let task = Draws::new(&array![[[0.3_f32]], [[-1.1]], [[2.0]]]).unwrap();
    let classes = Draws::new(&array![[[0.0_f32, 0.3]], [[0.0, -1.1]], [[0.0, 2.0]]]).unwrap();
    let (task, classes) = (
        task.task_information(),
        classes.class_information().unwrap(),
    );
    assert!((task.total()[[0, 0]] - classes.total()[[0, 0]]).abs() < 1e-12);
    assert!((task.aleatoric()[[0, 0]] - classes.aleatoric()[[0, 0]]).abs() < 1e-12);
    assert!(task.epistemic()[[0, 0]] > 0.0);
}

#[test]
fn an_ensemble_is_the_mean_of_its_members_and_less_sure_far_away() {
    let x = Array2::from_shape_fn((80, 1), |(row, _)| row as f32 / 40.0 - 1.0);
    let labels = x.column(0).mapv(|x| f32::from(u8::from(x > 0.1)));
    let network = Architecture::features(1)
        .dense(16)
        .relu()
        .dense(1)
        .build()
        .unwrap();
    let fit = Fit::new().epochs(30).learning_rate(0.02);
    let ensemble = FitEnsemble::new()
        .members(4)
        .fit(fit.clone())
        .run(&network, &x, &labels)
        .unwrap();
    let draws = ensemble.predict(&x).unwrap();
    let mean = predict(&ensemble, &x).unwrap();
    assert!(
        draws
            .mean()
            .iter()
            .zip(&mean)
            .all(|(a, b)| (a - f64::from(*b)).abs() < 1e-5)
    );
    let far = ensemble
        .predict(&array![[9.0_f32], [-9.0]])
        .unwrap()
        .spread();
    assert!(far.mean() > draws.spread().mean(), "{far}");
    let again = FitEnsemble::new()
        .members(4)
        .fit(fit)
        .run(&network, &x, &labels)
        .unwrap();
    assert_eq!(again.predict(&x).unwrap(), draws);
    // Members differ, and collected networks are an ensemble, too.
    let own = Ensemble::new(&[ensemble.get(0).unwrap(), ensemble.get(1).unwrap()]).unwrap();
    assert!(
        own.predict(&x)
            .unwrap()
            .spread()
            .iter()
            .any(|spread| *spread > 0.0)
    );
}

#[test]
fn the_function_is_the_ensemble_of_the_defaults() {
    let x = features(40);
    let labels = x.column(0).mapv(|x| f32::from(u8::from(x > 0.1)));
    let network = Architecture::features(6).dense(1).build().unwrap();
    let found = fit_ensemble(&network, &x, &labels).unwrap();
    let expected = FitEnsemble::new().run(&network, &x, &labels).unwrap();
    assert_eq!(found.len(), 5);
    assert_eq!(found.predict(&x).unwrap(), expected.predict(&x).unwrap());
}

/// Members that agree too much are moved apart until their quantiles are right, on examples that did not teach it.
#[test]
fn members_are_recalibrated() {
    let data = |seed: u64| -> (Array3<f32>, Array1<f32>) {
        let mut generator = Seed::new(seed).generator();
        let truth: Array1<f32> = (0..2000)
            .map(|_| generator.sample::<f32, _>(StandardNormal) * 2.0)
            .collect();
        let scores = Array3::from_shape_fn((20, 2000, 1), |_| {
            generator.sample::<f32, _>(StandardNormal)
        });
        (scores, truth)
    };
    let ((held, held_truth), (test, _)) = (data(1), data(2));
    let calibration =
        QuantileCalibration::fit(&Draws::new(&held).unwrap().forecast().unwrap(), &held_truth)
            .unwrap();
    let moved = Draws::new(&test)
        .unwrap()
        .recalibrated(&calibration)
        .unwrap();
    let spread = moved.spread().mean().unwrap();
    assert!(spread > 1.6 && spread < 2.4, "{spread}");
    let order = |values: &Array3<f32>| {
        values.index_axis(Axis(1), 7)[[0, 0]] < values.index_axis(Axis(1), 7)[[1, 0]]
    };
    assert_eq!(order(moved.values()), order(&test));
}
