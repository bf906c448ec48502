//! How well batches are mixed and types kept apart.

use crate::golden::table;
use genolens::embedding::{
    Labels, NeighborSearch, Neighbors, bras, graph_connectivity, kbet, lisi, silhouette,
    silhouette_batch,
};
use genolens::ndarray::{Array2, s};

const GOLDEN: &str = include_str!("../../golden/embedding/integration.tsv");

/// The points of `tests/golden/embedding/integration.py`, their types and their batches.
fn points() -> (Array2<f32>, Labels, Labels) {
    let mut state = 9_u32;
    let x = Array2::from_shape_fn((150, 3), |(i, j)| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let level = if i % 3 == j { 5.0 } else { 0.0 };
        let shift = if i % 3 == 1 && i / 3 % 2 == 1 && j == 0 {
            6.0
        } else {
            0.0
        };
        (state >> 16) as f32 / 16_384.0 + level + shift
    });
    let types = Labels::new((0..150).map(|i| ["a", "b", "c"][i % 3])).unwrap();
    let batches = Labels::new((0..150).map(|i| ["one", "two"][i / 3 % 2])).unwrap();
    (x, types, batches)
}

fn six() -> Labels {
    Labels::new((0..150).map(|i: usize| (i * 7 / 40 % 6).to_string())).unwrap()
}

fn near(x: &Array2<f32>, k: usize) -> Neighbors {
    NeighborSearch::new().k(k).run(x).unwrap()
}

#[test]
fn scores_are_those_of_their_definitions() {
    // scikit-learn 1.6.1, and the formulas of scib-metrics in numpy; see tests/golden/embedding/integration.py.
    let (x, types, batches) = points();
    let neighbors = near(&x, 25);
    for (name, found) in [
        ("silhouette", silhouette(&x, &types).unwrap().mean()),
        (
            "silhouette_batch",
            silhouette_batch(&x, &types, &batches).unwrap(),
        ),
        ("bras", bras(&x, &types, &batches).unwrap()),
        ("kbet", kbet(&neighbors, &batches).unwrap()),
        ("kbet.six", kbet(&neighbors, &six()).unwrap()),
        ("graph", graph_connectivity(&near(&x, 4), &six()).unwrap()),
    ] {
        let golden = table(GOLDEN, name)[[0, 0]];
        assert!((found - golden).abs() < 1e-6, "{name}: {found} {golden}");
    }
    // The search for the width of the Gaussian stops at 1e-5.
    for (name, labels) in [("lisi.batches", &batches), ("lisi.types", &types)] {
        let found = lisi(&neighbors, labels).unwrap();
        let golden = table(GOLDEN, name);
        let apart = (found.values() - &golden.row(0)).mapv(f64::abs);
        assert!(apart.iter().all(|d| *d < 1e-3), "{name}: {apart}");
        assert!((found.mixing() + found.separation() - 1.0).abs() < 1e-12);
    }
}

#[test]
fn alone_equal_and_one_group() {
    let (x, types, batches) = points();
    let neighbors = near(&x, 10);
    // An example alone in its group has no width.
    let alone = Labels::new((0..150).map(|i| if i == 0 { "x" } else { ["y", "z"][i % 2] }));
    let found = silhouette(&x, &alone.unwrap()).unwrap();
    assert_eq!(found.widths()[0], 0.0);
    assert!((found.scaled() - f64::midpoint(found.mean(), 1.0)).abs() < 1e-12);
    // All examples in one place.
    let flat = Array2::<f32>::zeros((150, 3));
    assert_eq!(silhouette(&flat, &types).unwrap().mean(), 0.0);
    assert_eq!(bras(&flat, &types, &batches).unwrap(), 1.0);
    // One group.
    let one = Labels::new(vec!["a"; 150]).unwrap();
    assert_eq!(lisi(&neighbors, &one).unwrap().median(), 1.0);
    assert_eq!(graph_connectivity(&near(&x, 150), &one).unwrap(), 1.0);
}

#[test]
fn threads_do_not_change_a_byte() {
    let (x, types, batches) = points();
    let neighbors = near(&x, 25);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| {
            (
                silhouette(&x, &types).unwrap(),
                bras(&x, &types, &batches).unwrap().to_bits(),
                lisi(&neighbors, &batches).unwrap(),
            )
        })
    };
    assert_eq!(run(1), run(4));
}

#[test]
fn what_makes_no_sense_is_named() {
    let (x, types, batches) = points();
    let neighbors = near(&x, 10);
    let few = Labels::new(["a", "b"]).unwrap();
    let one = Labels::new(vec!["a"; 150]).unwrap();
    insta::assert_snapshot!([
        silhouette(&x, &few).unwrap_err().to_string(),
        silhouette(&x, &one).unwrap_err().to_string(),
        silhouette(&x.mapv(|_| f32::NAN), &types).unwrap_err().to_string(),
        silhouette_batch(&x, &types, &few).unwrap_err().to_string(),
        silhouette_batch(&x, &few, &batches).unwrap_err().to_string(),
        silhouette_batch(&x, &types, &one).unwrap_err().to_string(),
        bras(&x.slice(s![..2, ..]).to_owned(), &few, &few).unwrap_err().to_string(),
        bras(&x.mapv(|_| f32::INFINITY), &types, &batches).unwrap_err().to_string(),
        lisi(&neighbors, &few).unwrap_err().to_string(),
        kbet(&neighbors, &few).unwrap_err().to_string(),
        kbet(&neighbors, &one).unwrap_err().to_string(),
        graph_connectivity(&neighbors, &few).unwrap_err().to_string(),
    ].join("\n"), @r"
    `labels` is 2, expected 150 labels, one for each example
    `labels` is only `a`, expected at least 2 groups
    `x` is not finite in places, expected finite
    `batches` is 2, expected 150 labels, one for each example
    `labels` is 2, expected 150 labels, one for each example
    `batches` is one batch in every group, expected several batches, with several examples, in some group
    `batches` is one batch in every group, expected several batches, with several examples, in some group
    `x` is not finite in places, expected finite
    `labels` is 2, expected 150 labels, one for each example
    `labels` is 2, expected 150 labels, one for each example
    `batches` is only `a`, expected at least 2
    `labels` is 2, expected 150 labels, one for each example
    ");
}
