//! How faithful a map is.

use crate::golden::rows;
use genolens::embedding::{Faithfulness, FaithfulnessCheck, faithfulness};
use genolens::ndarray::{Array2, s};
use genolens::sparse::Sparse;
use proptest::prelude::*;

const GOLDEN: &str = include_str!("../../golden/embedding/faithfulness.tsv");

/// The points of `tests/golden/embedding/faithfulness.py`, and their map.
fn points() -> (Array2<f32>, Array2<f32>) {
    let mut state = 3_u32;
    let x = Array2::from_shape_fn((230, 6), |(i, j)| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) as f32 / 4096.0 + if i % 4 == j { 6.0 } else { 0.0 }
    });
    let map = Array2::from_shape_fn((230, 2), |(i, j)| match j {
        0 => x[[i, 0]] + x[[i, 1]] * 0.25,
        _ => x[[i, 2]] * x[[i, 2]] / 8.0 - x[[i, 3]],
    });
    (x, map)
}

#[test]
fn neighbours_are_kept_as_scikit_learn_says() {
    // scikit-learn 1.6.1; see tests/golden/embedding/faithfulness.py.
    let (x, map) = points();
    let sparse = Sparse::from_dense(&x).unwrap();
    for found in [
        faithfulness(&x, &map).unwrap(),
        faithfulness(&sparse, &map).unwrap(),
    ] {
        for row in rows(GOLDEN, "k") {
            let k: usize = row[0].parse().unwrap();
            let values = [
                found.trustworthiness(k).unwrap(),
                found.continuity(k).unwrap(),
                found.preservation(k).unwrap(),
            ];
            for (value, golden) in values.iter().zip(&row[1..]) {
                let golden: f64 = golden.parse().unwrap();
                assert!((value - golden).abs() < 1e-9, "{k}: {value} {golden}");
            }
        }
        assert_eq!(found.table().unwrap().shape(), (4, 4));
        let mean = found.distortion().mean().unwrap();
        let kept = found.preservation(15).unwrap();
        assert!((f64::from(mean) - (1.0 - kept)).abs() < 1e-5);
        assert_eq!(found.measured(), 230);
    }
}

#[test]
fn the_order_of_distances_tells_maps_apart() {
    let (x, map) = points();
    let same = faithfulness(&x, &x.mapv(|value| 3.0 * value - 1.0)).unwrap();
    assert_eq!(same.preservation(15).unwrap(), 1.0);
    assert_eq!(same.trustworthiness(100).unwrap(), 1.0);
    assert!(same.triplet_accuracy() > 0.999 && same.spearman() > 0.999_99);
    let bent = faithfulness(&x, &map).unwrap();
    let away = faithfulness(&x, &map.slice(s![..;-1, ..]).to_owned()).unwrap();
    assert!(bent.triplet_accuracy() > 0.6 && bent.triplet_accuracy() < 0.95);
    assert!((away.triplet_accuracy() - 0.5).abs() < 0.1);
    assert!(bent.spearman() > away.spearman() + 0.3);
    // All points in one place: nothing is kept, and nothing is NaN.
    let flat = faithfulness(&x, &Array2::zeros((230, 2))).unwrap();
    assert_eq!(flat.spearman(), 0.0);
    assert!(flat.trustworthiness(10).unwrap() < 0.6);
}

#[test]
fn threads_and_runs_do_not_change_a_byte() {
    let (x, map) = points();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let found = pool.unwrap().install(|| faithfulness(&x, &map).unwrap());
        (
            found.triplet_accuracy().to_bits(),
            found.spearman().to_bits(),
            found.trustworthiness(30).unwrap().to_bits(),
            found.distortion().clone(),
        )
    };
    assert_eq!(run(1), run(2));
    assert_eq!(run(1), run(8));
}

#[test]
fn a_sample_is_said_and_close_to_the_whole() {
    let (x, map) = points();
    let whole = faithfulness(&x, &map).unwrap();
    let some = FaithfulnessCheck::new().sample(120).run(&x, &map).unwrap();
    assert_eq!(some.measured(), 120);
    let unknown = some.distortion().iter().filter(|value| value.is_nan());
    assert_eq!(unknown.count(), 110);
    let apart = some.trustworthiness(15).unwrap() - whole.trustworthiness(15).unwrap();
    assert!(apart.abs() < 0.03, "{apart}");
    assert!(
        some.caption().ends_with(", measured at 120 points"),
        "{}",
        some.caption()
    );
    insta::assert_snapshot!(whole.caption(), @"trustworthiness 0.769 and 25 % of neighbours kept (k = 15), triplets 67 %");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn ranks_are_those_of_sorting(n in 5_usize..30, seed in any::<u32>()) {
        let mut state = seed;
        // Few different values, so that many distances are equal.
        let mut draw = |columns: usize| Array2::from_shape_simple_fn((n, columns), || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 29) as f32
        });
        let (x, map) = (draw(3), draw(2));
        let k = (n - 1) / 2;
        let found = FaithfulnessCheck::new().neighbors(&[k]).run(&x, &map).unwrap();
        let order = |table: &Array2<f32>, i: usize| {
            let apart = |j: usize| (&table.row(i) - &table.row(j)).mapv(|d| d * d).sum();
            let mut others: Vec<usize> = (0..n).filter(|&j| j != i).collect();
            others.sort_by(|&a, &b| apart(a).total_cmp(&apart(b)).then(a.cmp(&b)));
            others
        };
        let (mut penalty, mut kept) = (0, 0);
        for i in 0..n {
            let (before, after) = (order(&x, i), order(&map, i));
            for j in &after[..k] {
                let rank = before.iter().position(|other| other == j).unwrap() + 1;
                penalty += rank.saturating_sub(k);
                kept += usize::from(rank <= k);
            }
        }
        let worst = n as f64 * k as f64 * (2.0 * n as f64 - 3.0 * k as f64 - 1.0) / 2.0;
        prop_assert!((found.trustworthiness(k).unwrap() - (1.0 - penalty as f64 / worst)).abs() < 1e-12);
        prop_assert!((found.preservation(k).unwrap() - kept as f64 / (n * k) as f64).abs() < 1e-12);
    }
}

#[test]
fn what_makes_no_sense_is_named() {
    let (x, map) = points();
    let text = |found: genolens::Result<Faithfulness>| found.unwrap_err().to_string();
    let way = FaithfulnessCheck::new();
    insta::assert_snapshot!([
        text(faithfulness(&x, &map.slice(s![..7, ..]).to_owned())),
        text(faithfulness(&x.slice(s![..3, ..]).to_owned(), &map.slice(s![..3, ..]).to_owned())),
        text(faithfulness(&x, &map.mapv(|_| f32::NAN))),
        text(faithfulness(&x.mapv(|_| f32::INFINITY), &map)),
        text(faithfulness(&x.clone().insert_axis(genolens::ndarray::Axis(0)), &map)),
        text(way.clone().neighbors(&[]).run(&x, &map)),
        text(way.clone().neighbors(&[0]).run(&x, &map)),
        text(way.clone().neighbors(&[15, 115]).run(&x, &map)),
        text(way.clone().sample(0).run(&x, &map)),
        faithfulness(&x, &map).unwrap().trustworthiness(7).unwrap_err().to_string(),
    ].join("\n"), @r"
    `map` is 7, expected 230 rows, as `x`
    `x` is 3, expected at least 4 rows
    `map` is not finite in places, expected finite
    `x` is not finite in places, expected finite
    `x` has shape (1, 230, 6), expected (n, features)
    `neighbors` is empty, expected at least one size
    `neighbors` is 0, expected 1 to 114, less than half of the 230 points
    `neighbors` is 115, expected 1 to 114, less than half of the 230 points
    `sample` is 0, expected at least 1
    `k` is 7, expected one of: 10, 15, 30, 100
    ");
}
