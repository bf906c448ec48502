//! Weights of examples against the ratio of densities, which is known.

use crate::golden::table;
use genolens::ndarray::{Array1, Array2, Axis, concatenate, s};
use genolens::shift::{WeightMethod, Weighting};
use genolens::simulate;

const GOLDEN: &str = include_str!("../../golden/shift/weights.tsv");

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

/// Weights against the formulas in numpy (`tests/golden/shift/weights.py`), for the width and ridge that were chosen: the golden ones are
/// there for all, and what is chosen must be what cross-validation there chooses in at least one of twenty random foldings.
///
/// Those of uLSIF are a closed form: 1e-6. A mixture is sought until no bell could raise the mean log-likelihood by 1e-9, or 500 rounds,
/// which leaves 1e-4 of the largest weight where two bells tell nearly the same.
#[test]
fn weights_are_those_of_the_formulas() {
    let single = |name: &str| table(GOLDEN, name).mapv(|value| value as f32);
    let (source, target) = (single("source"), single("target"));
    for (method, name, options, off) in [
        (WeightMethod::Ulsif, "ulsif", 3, 1e-6),
        (WeightMethod::Kliep, "kliep", 2, 1e-4),
    ] {
        for seed in 0..3 {
            let weights = Weighting::new().method(method).seed(seed);
            let found = weights.run(&source, &target).unwrap().values();
            let golden = table(GOLDEN, name);
            let distance = |row: usize| {
                let expected = golden.slice(s![row, options..]);
                let largest = expected.iter().copied().fold(0.0, f64::max);
                let apart = (&found - &expected).mapv(f64::abs);
                apart.iter().copied().fold(0.0, f64::max) / largest
            };
            let nearest = (0..golden.nrows()).min_by(|&a, &b| distance(a).total_cmp(&distance(b)));
            let nearest = nearest.unwrap();
            let what = golden.slice(s![nearest, ..options]);
            assert!(
                distance(nearest) < off,
                "{name} {what}: {}",
                distance(nearest)
            );
            assert!(golden[[nearest, options - 1]] > 0.05, "{name} {what}");
        }
    }
}

/// Kernel mean matching by what makes an optimum: of weights between 0 and 1000 with mean 1 none has a squared discrepancy that is smaller
/// by more than the slope along the way to the best corner says, here 2e-4 (kernels being 1 at most).
#[test]
fn matched_means_are_as_near_as_they_can_be() {
    let single = |name: &str| table(GOLDEN, name).mapv(|value| value as f32);
    let (x, _, target, _) = places(300, 4);
    for (source, target) in [(single("source"), single("target")), (x, target)] {
        let (n, m) = (source.nrows(), target.nrows());
        let found = Weighting::new().method(WeightMethod::Kmm);
        let weights = found.run(&source, &target).unwrap().values();
        let all = concatenate(Axis(0), &[source.view(), target.view()]).unwrap();
        let all = all.mapv(f64::from);
        let all = (&all - &all.mean_axis(Axis(0)).unwrap()) / &all.std_axis(Axis(0), 0.0);
        let square = |i: usize, j: usize| {
            let off = &all.row(i) - &all.row(j);
            off.dot(&off)
        };
        // The median is taken of at most 500 rows, evenly spread.
        let step = (n + m).div_ceil(500);
        let some: Vec<usize> = (0..n + m).step_by(step).collect();
        let mut distances: Vec<f64> = some
            .iter()
            .flat_map(|&i| some.iter().filter(move |&&j| i < j).map(move |&j| (i, j)))
            .map(|(i, j)| square(i, j).sqrt())
            .collect();
        distances.sort_unstable_by(f64::total_cmp);
        let count = distances.len();
        let median = f64::midpoint(distances[(count - 1) / 2], distances[count / 2]);
        let bell = |i: usize, j: usize| (-square(i, j) / (2.0 * median * median)).exp();
        // The derivative of the squared discrepancy by every weight.
        let slopes: Array1<f64> = (0..n)
            .map(|i| {
                let own: f64 = (0..n).map(|j| bell(i, j) * weights[j]).sum();
                let other: f64 = (n..n + m).map(|j| bell(i, j)).sum();
                2.0 * (own / (n * n) as f64 - other / (n * m) as f64)
            })
            .collect();
        let least = slopes.iter().copied().fold(f64::INFINITY, f64::min);
        let gap = slopes.dot(&weights) - n as f64 * least;
        assert!((-1e-12..2e-4).contains(&gap), "{gap}");
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
