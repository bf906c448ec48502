//! Clusters around centres.

use crate::golden::{assert_near, table};
use genolens::embedding::{KMeans, KMeansClusters, Labels, compare, kmeans};
use genolens::ndarray::{Array2, Axis, array, s};
use genolens::sparse::Sparse;
use proptest::prelude::*;
use std::sync::Arc;

const GOLDEN: &str = include_str!("../../golden/embedding/kmeans.tsv");

fn numbers(name: &str) -> Array2<f32> {
    table(GOLDEN, name).mapv(|value| value as f32)
}

/// The sum of squares by its definition, and whether every example is with the nearest centre.
fn inertia(x: &Array2<f32>, found: &KMeansClusters) -> (f64, bool) {
    let (mut sum, mut all) = (0.0, true);
    for (row, &code) in x.rows().into_iter().zip(found.labels().codes()) {
        let row = row.mapv(f64::from);
        let far = |centre: usize| (&row - &found.centres().row(centre)).mapv(|d| d * d).sum();
        let own: f64 = far(code as usize);
        sum += own;
        all &= (0..found.centres().nrows()).all(|other| own <= far(other));
    }
    (sum, all)
}

#[test]
fn the_same_centres_lead_where_they_lead_in_scikit_learn() {
    let x = numbers("x");
    let way = KMeans::new(5)
        .start(Arc::new(numbers("start")))
        .tolerance(0.0);
    let found = way.run(&x).unwrap();
    let golden = table(GOLDEN, "labels");
    let labels = Labels::new(golden.iter().map(ToString::to_string)).unwrap();
    assert_eq!(
        compare(&labels, found.labels()).unwrap().adjusted_rand(),
        1.0
    );
    let golden_inertia = table(GOLDEN, "inertia")[[0, 0]];
    assert!((found.inertia() / golden_inertia - 1.0).abs() < 1e-7);
    // Ours are named by size.
    let mut order = [0; 5];
    for (theirs, ours) in golden.iter().zip(found.labels().codes()) {
        order[*ours as usize] = *theirs as usize;
    }
    let golden = table(GOLDEN, "centres").select(Axis(0), &order);
    assert_near(found.centres(), &golden, 1e-7);
    assert_eq!(way.run(&Sparse::from_dense(&x).unwrap()).unwrap(), found);
}

#[test]
fn ten_starts_are_as_good_as_those_of_scikit_learn() {
    let x = numbers("x");
    let best = table(GOLDEN, "best");
    let best = best.iter().copied().fold(f64::INFINITY, f64::min);
    for seed in 0..5_u64 {
        let found = KMeans::new(7).seed(seed).run(&x).unwrap();
        assert!(found.inertia() < best * 1.01, "{seed}: {}", found.inertia());
        let (sum, nearest) = inertia(&x, &found);
        assert!((found.inertia() / sum - 1.0).abs() < 1e-12 && nearest);
        assert_eq!(&found.predict(&x).unwrap(), found.labels());
    }
}

#[test]
fn the_same_bytes_for_any_number_of_threads() {
    let x = Array2::from_shape_fn((5000, 9), |(i, j)| {
        ((i * (j + 3) * 7919 + i * i) % 1009) as f32 / 100.0
    });
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap()
            .install(|| KMeans::new(12).starts(3).run(&x).unwrap())
    };
    let one = run(1);
    assert!(inertia(&x, &one).1);
    for threads in [1, 2, 4, 8] {
        let found = run(threads);
        assert_eq!(found, one, "{threads} threads");
        let bits = |found: &KMeansClusters| found.centres().mapv(f64::to_bits);
        assert_eq!(bits(&found), bits(&one), "{threads} threads");
    }
    assert_ne!(KMeans::new(12).starts(3).seed(1).run(&x).unwrap(), one);
}

#[test]
fn centres_without_examples_find_some() {
    let x = array![[0.0_f32], [1.0], [2.0], [100.0], [101.0], [300.0]];
    // The last two begin where nobody is.
    let start = array![[0.5_f32], [-500.0], [-600.0]];
    let found = KMeans::new(3).start(Arc::new(start)).run(&x).unwrap();
    assert_eq!(found.sizes(), [3, 2, 1]);
    // More centres than places.
    let x = Array2::from_shape_fn((20, 2), |(i, _)| (i % 2) as f32);
    let found = kmeans(&x, 5).unwrap();
    assert_eq!((found.len(), found.inertia()), (2, 0.0));
    assert_eq!(found.centres().nrows(), 5);
    // As many as examples, and far from the origin.
    let x = Array2::from_shape_fn((6, 2), |(i, j)| 1e6 + (i * (j + 1)) as f32);
    assert_eq!(kmeans(&x, 6).unwrap().inertia(), 0.0);
}

#[test]
fn others_are_with_the_nearest_centre() {
    let x = numbers("x");
    let found = kmeans(&x.slice(s![..100, ..]).to_owned(), 6).unwrap();
    let other = x.slice(s![100.., ..]).to_owned();
    let placed = found.predict(&other).unwrap();
    for (row, code) in other.rows().into_iter().zip(placed.codes()) {
        let row = row.mapv(f64::from);
        let far = |centre: usize| (&row - &found.centres().row(centre)).mapv(|d| d * d).sum();
        let nearest = (0..6).min_by(|a, b| f64::total_cmp(&far(*a), &far(*b)));
        assert_eq!(nearest, Some(*code as usize));
    }
    assert_eq!(found.column("cluster").len(), 100);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn every_example_is_with_the_nearest_centre(
        values in proptest::collection::vec(-9_i8..9, 12..90),
        (k, scale) in (1_usize..6, 0.01_f32..1e4),
    ) {
        let n = values.len() / 2;
        let x = Array2::from_shape_fn((n, 2), |(i, j)| f32::from(values[2 * i + j]) * scale);
        let found = KMeans::new(k).starts(2).tolerance(0.0).run(&x).unwrap();
        let (sum, nearest) = inertia(&x, &found);
        prop_assert!(nearest);
        prop_assert!((found.inertia() - sum).abs() <= 1e-9 * sum.max(1e-9));
        // A centre is the mean of its examples.
        for group in 0..found.len() {
            let members = found.labels().members(&group.to_string()).unwrap();
            let own = x.select(Axis(0), &members).mapv(f64::from);
            let apart = &own.mean_axis(Axis(0)).unwrap() - &found.centres().row(group);
            prop_assert!(apart.iter().all(|d| d.abs() <= 1e-9 * f64::from(scale)));
        }
    }
}

#[test]
fn what_makes_no_sense_is_named() {
    let x = numbers("x");
    let text = |found: genolens::Result<KMeansClusters>| found.unwrap_err().to_string();
    let start = |n: usize, value: f32| Arc::new(Array2::from_elem((n, 4), value));
    insta::assert_snapshot!([
        text(kmeans(&x, 0)),
        text(kmeans(&x, 151)),
        text(kmeans(&Array2::<f32>::zeros((0, 3)), 1)),
        text(kmeans(&Array2::from_elem((3, 2), f32::NAN), 1)),
        text(KMeans::new(2).starts(0).run(&x)),
        text(KMeans::new(2).iterations(0).run(&x)),
        text(KMeans::new(2).tolerance(-1.0).run(&x)),
        text(KMeans::new(2).start(start(3, 0.0)).run(&x)),
        text(KMeans::new(2).start(start(2, f32::INFINITY)).run(&x)),
        kmeans(&x, 2).unwrap().predict(&Array2::<f32>::zeros((2, 3))).unwrap_err().to_string(),
    ].join("\n"), @r"
    `k` is 0, expected 1 to 150, the number of examples
    `k` is 151, expected 1 to 150, the number of examples
    `x` has shape (0, 3), expected (n, features) with at least 1 example
    `x` is NaN in row 0, expected finite numbers up to 1e15
    `starts` is 0, expected at least 1
    `iterations` is 0, expected at least 1
    `tolerance` is -1, expected a finite number from 0
    `start` has shape (3, 4), expected (2, 4)
    `start` is not finite in places, expected finite
    `x` has shape (2, 3), expected (n, 4) with at least 1 example
    ");
}
