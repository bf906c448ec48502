//! Weights of examples against the ratio of densities, which is known.

use genolens::ndarray::{Array1, Array2, Axis};
use genolens::shift::{WeightMethod, Weighting};
use genolens::simulate;

const METHODS: [WeightMethod; 4] = [
    WeightMethod::Ulsif,
    WeightMethod::Kliep,
    WeightMethod::Kmm,
    WeightMethod::Classifier,
];

fn places(n: usize, seed: u64) -> (Array2<f32>, Array1<f32>, Array2<f32>, Array1<f32>) {
    let data = simulate::covariate_shift(seed);
    let rows: Vec<usize> = (0..n).collect();
    let (x, y) = (
        data.source().select(Axis(0), &rows),
        data.source_labels().select(Axis(0), &rows),
    );
    (
        x,
        y,
        data.target().select(Axis(0), &rows),
        data.target_labels().select(Axis(0), &rows),
    )
}

fn correlation(a: &Array1<f64>, b: &Array1<f64>) -> f64 {
    let (a, b) = (a - a.mean().unwrap(), b - b.mean().unwrap());
    a.dot(&b) / (a.dot(&a) * b.dot(&b)).sqrt()
}

/// The source is around 0 and the target around 1: the ratio of densities is exp(x - 1/2).
#[test]
fn weights_are_the_ratio_of_densities() {
    let (x, labels, target, target_labels) = places(500, 21);
    let truth = x.column(0).mapv(|x| (f64::from(x) - 0.5).exp());
    let share = |of: &Array1<f32>| f64::from(of.mean().unwrap());
    for method in METHODS {
        let weights = Weighting::new().method(method).run(&x, &target).unwrap();
        let values = weights.values();
        assert!(
            (values.mean().unwrap() - 1.0).abs() < 1e-9
                && values.iter().all(|weight| *weight >= 0.0)
        );
        let found = correlation(&values, &truth);
        // Kernel mean matching gives every example a weight of its own, and a mixture of bells cannot grow where target examples are few.
        let least = match method {
            WeightMethod::Kmm => 0.5,
            WeightMethod::Kliep => 0.6,
            _ => 0.8,
        };
        assert!(found > least, "{method:?}: {found}");
        // The share of ones in the target, from labels of the source.
        let weighed = (&values * &labels.mapv(f64::from)).mean().unwrap();
        let (off, before) = (
            (weighed - share(&target_labels)).abs(),
            (share(&labels) - share(&target_labels)).abs(),
        );
        assert!(
            off < 0.5 * before,
            "{method:?}: {weighed}, {} in the target, {} in the source",
            share(&target_labels),
            share(&labels)
        );
        let size = weights.effective_size();
        assert!(size > 20.0 && size < 450.0, "{method:?}: {size}");
    }
}

#[test]
fn without_a_shift_all_examples_count_about_alike() {
    let (source, target) = (simulate::normal((300, 2), 1), simulate::normal((300, 2), 2));
    for method in [
        WeightMethod::Ulsif,
        WeightMethod::Kliep,
        WeightMethod::Classifier,
    ] {
        let weights = Weighting::new()
            .method(method)
            .run(&source, &target)
            .unwrap();
        assert!(
            weights.effective_size() > 240.0,
            "{method:?}: {}",
            weights.effective_size()
        );
    }
}

#[test]
fn weights_are_the_same_for_any_number_of_threads() {
    let (x, _, target, _) = places(60, 3);
    for method in METHODS {
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| Weighting::new().method(method).run(&x, &target).unwrap())
        };
        let one = run(1);
        assert!([2, 4, 8].into_iter().all(|threads| run(threads) == one));
    }
}
