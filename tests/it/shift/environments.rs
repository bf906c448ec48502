//! Learning what holds in all environments.

use genolens::ndarray::{Array2, array};
use genolens::network::{Architecture, Network};
use genolens::shift::{FitEnvironments, Objective};
use genolens::simulate;

fn linear() -> Network {
    Architecture::features(2).dense(1).build().unwrap()
}

fn fit(objective: Objective) -> FitEnvironments {
    FitEnvironments::new()
        .objective(objective)
        .epochs(60)
        .batch(125)
        .learning_rate(0.03)
}

/// How much of the score is what does not hold everywhere.
fn trust(network: &Network) -> f64 {
    let weight = network.weight("0.dense.weight").unwrap();
    f64::from(weight[[0, 1]] / weight[[0, 0]])
}

/// The second feature tells as much as the first in the places that are learned from, and the contrary in the third.
#[test]
fn a_penalty_keeps_what_is_invariant() {
    let data = simulate::environments(&[0.9, 0.6, 0.1], 9).unwrap();
    let benchmark = |objective| {
        fit(objective)
            .leave_one_out(&linear(), (data.x(), data.labels()), data.names())
            .unwrap()
    };
    let (mean, invariant) = (
        benchmark(Objective::Mean),
        benchmark(Objective::Irm { penalty: 100.0 }),
    );
    assert_eq!(mean.names(), ["0", "1", "2"]);
    let last = |found: &genolens::shift::LeftOut| found.auroc()[2];
    assert!(
        last(&mean) < 0.5 && last(&invariant) > last(&mean) + 0.1,
        "{mean}\n{invariant}"
    );
    assert_eq!(mean.to_frame().unwrap().shape(), (3, 5));
}

#[test]
fn the_worst_environment_counts_most() {
    let data = simulate::environments(&[0.95, 0.3], 10).unwrap();
    let run = |objective| {
        fit(objective)
            .run(&linear(), (data.x(), data.labels()), data.names())
            .unwrap()
    };
    let (mean, worst) = (run(Objective::Mean), run(Objective::GroupDro { step: 0.1 }));
    let largest = |found: &genolens::shift::EnvironmentFit| {
        found.losses().row(59).iter().copied().fold(0.0, f64::max)
    };
    assert!(largest(&worst) < largest(&mean) - 0.02, "{mean}\n{worst}");
    assert!(worst.shares()[1] > 0.6 && (worst.shares().sum() - 1.0).abs() < 1e-12);
    assert_eq!(mean.shares().to_vec(), [0.5, 0.5]);
    assert!(trust(worst.network()).abs() < trust(mean.network()).abs());
}

#[test]
fn training_is_the_same_for_any_number_of_threads() {
    let data = simulate::environments(&[0.9, 0.7], 11).unwrap();
    let network = Architecture::features(2)
        .dense(8)
        .relu()
        .dropout(0.2)
        .dense(1)
        .build()
        .unwrap();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let fit = FitEnvironments::new()
            .objective(Objective::Irm { penalty: 2.0 })
            .epochs(3);
        pool.install(|| {
            fit.run(&network, (data.x(), data.labels()), data.names())
                .unwrap()
        })
    };
    let one = run(1);
    for threads in [2, 4, 8] {
        let other = run(threads);
        assert_eq!(other.losses(), one.losses());
        assert_eq!(
            other.network().weight("3.dense.weight").unwrap(),
            one.network().weight("3.dense.weight").unwrap()
        );
    }
}

#[test]
fn careless_calls_are_told() {
    let (x, labels) = (Array2::<f32>::zeros((4, 2)), array![0.0_f32, 1.0, 0.0, 1.0]);
    let names = ["a", "a", "b", "b"].map(String::from);
    let message = |fit: FitEnvironments| fit.run(&linear(), (&x, &labels), &names).unwrap_err();
    insta::assert_snapshot!(message(FitEnvironments::new().epochs(0)), @"`epochs` is 0, expected at least 1");
    insta::assert_snapshot!(message(FitEnvironments::new().learning_rate(-1.0)), @"`learning_rate` is -1, expected above 0");
    insta::assert_snapshot!(message(FitEnvironments::new().objective(Objective::GroupDro { step: 0.0 })), @"`step` is 0, expected above 0");
    insta::assert_snapshot!(message(FitEnvironments::new().objective(Objective::Irm { penalty: f64::NAN })), @"`penalty` is NaN, expected at least 0");
    let run = |names: &[String]| {
        FitEnvironments::new()
            .run(&linear(), (&x, &labels), names)
            .unwrap_err()
    };
    insta::assert_snapshot!(run(&names[..3]), @"`environments` is 3, expected 4 names, one for each example");
    insta::assert_snapshot!(run(&["a", "a", "a", "a"].map(String::from)), @"`environments` is 1, expected at least 2");
    let two = FitEnvironments::new()
        .leave_one_out(&linear(), (&x, &labels), &names)
        .unwrap_err();
    insta::assert_snapshot!(two, @"`environments` is 2, expected at least 3, so that one is left out and two are learned from");
    let wide = FitEnvironments::new()
        .run(&linear(), (&x, &Array2::<f32>::zeros((4, 3))), &names)
        .unwrap_err();
    insta::assert_snapshot!(wide, @"`output of the network` has shape (4, 1), expected (n, 3) as the labels");
    let wrong = FitEnvironments::new()
        .run(&linear(), (&x, &(&labels * 3.0)), &names)
        .unwrap_err();
    insta::assert_snapshot!(wrong, @"`labels` is 3, expected 0 to 1");
}
