//! What is no number, or infinite, does not turn into one.

use genolens::Result;
use genolens::ndarray::{Array1, Array3, array};
use genolens::network;
use genolens::training::{Bootstrap, FitSvm, GappedKmers, Loss, Metric};

fn sequences() -> Array3<f32> {
    let letter = |i: usize, p: usize| (i * 7 + p * 3 + p * p * i) % 4;
    Array3::from_shape_fn((8, 4, 20), |(i, c, p)| {
        f32::from(u8::from(letter(i, p) == c))
    })
}

fn told<T>(result: Result<T>) -> String {
    result
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default()
}

#[test]
fn a_support_vector_machine_refuses_nan() {
    let kernel = GappedKmers::new().length(4).informative(3);
    let labels = Array1::from_shape_fn(8, |i| (i % 2) as f32);
    let fit = FitSvm::new().kernel(&kernel);
    let model = fit.run(&sequences(), &labels).unwrap();
    let mut broken = sequences();
    broken[[5, 2, 9]] = f32::NAN;
    let expected = "is NaN in row 5 at position 9, expected numbers";
    assert_eq!(
        told(network::predict(&model, &broken)),
        format!("`x` {expected}")
    );
    assert_eq!(
        told(model.contributions(&broken)),
        format!("`x` {expected}")
    );
    assert_eq!(told(fit.run(&broken, &labels)), format!("`x` {expected}"));
    assert_eq!(
        told(kernel.matrix(&sequences(), &broken)),
        format!("`b` {expected}")
    );
    // Shares of letters are no letter, as ever.
    broken[[5, 2, 9]] = 0.25;
    assert!(network::predict(&model, &broken).is_ok());
}

#[test]
fn words_of_impossible_length_count_nothing() {
    let kernel = GappedKmers::new();
    assert!(kernel.clone().length(usize::MAX).by_distance().is_empty());
    assert!(
        kernel
            .clone()
            .length(3)
            .informative(9)
            .by_distance()
            .is_empty()
    );
    assert_eq!(
        kernel.clone().mismatches(usize::MAX).by_distance(),
        kernel.by_distance()
    );
}

#[test]
fn costs_stay_finite() {
    let labels = Array1::from_shape_fn(8, |i| (i % 2) as f32);
    let fit = FitSvm::new().kernel(&GappedKmers::new().length(4).informative(3));
    let fit = fit.cost(1e200).positive_cost(1e200);
    insta::assert_snapshot!(told(fit.run(&sequences(), &labels)), @"`positive_cost` is 1e200, expected a factor that leaves a cost of 1e200 finite");
}

#[test]
fn an_interval_of_an_infinite_loss_has_an_infinite_end() {
    let scores = array![0.0_f32, 0.2, 0.5];
    let labels = array![1.0_f32, 1.0, 0.0];
    let interval = Bootstrap::new()
        .run(Metric::LogLoss, &scores, &labels)
        .unwrap();
    assert_eq!(interval.estimate(), f64::INFINITY);
    assert_eq!(interval.high(), f64::INFINITY);
    assert!(interval.low().is_finite());
}

#[test]
fn an_interval_needs_an_example() {
    let none = Array1::<f32>::zeros(0);
    let metric = |_: &Array1<f32>, _: &Array1<f32>| Ok(1.0);
    let found = Bootstrap::new().run_with(&metric, &none, &none);
    assert_eq!(
        told(found),
        "`labels` has shape (0), expected (n), n at least 1"
    );
}

#[test]
fn a_loss_checks_its_weights() {
    let loss = Loss::Multinomial {
        profile: 1.0,
        counts: -1.0,
    };
    let (scores, labels) = (array![[0.1_f32, 0.2, 0.3]], array![[1.0_f32, 2.0]]);
    assert_eq!(
        told(loss.value(&scores, &labels)),
        "`counts` is -1, expected at least 0"
    );
}
