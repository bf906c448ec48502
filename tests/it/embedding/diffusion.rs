//! Diffusion maps, pseudotime and PAGA.

use crate::golden::table;
use genolens::Input;
use genolens::embedding::{Diffusion, Labels, Neighbors, diffusion_map, neighbors, paga};
use genolens::ndarray::{Array2, array};
use genolens::sparse::Sparse;

const GOLDEN: &str = include_str!("../../golden/embedding/diffusion.tsv");

/// The points of `tests/golden/embedding/diffusion.py`, and their groups.
fn fork() -> (Array2<f32>, Labels) {
    let mut state = 5_u32;
    let mut groups = Vec::new();
    let mut x = Array2::zeros((320, 4));
    for i in 0..320 {
        let along = (i / 2) as f32 / 16.0;
        let side = if i % 2 == 1 { 1.0 } else { -1.0 };
        groups.push(match along {
            _ if along < 2.5 => "0",
            _ if along < 5.0 => "1",
            _ if side < 0.0 => {
                if along < 7.5 {
                    "2"
                } else {
                    "3"
                }
            }
            _ => {
                if along < 7.5 {
                    "4"
                } else {
                    "5"
                }
            }
        });
        let branch = side * (along - 5.0).max(0.0);
        for j in 0..4 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 16) as f32 / 131_072.0;
            x[[i, j]] = noise + [along, branch, 0.0, 0.0][j];
        }
    }
    (x, Labels::new(groups).unwrap())
}

#[test]
fn walks_are_those_of_scanpy() {
    // scanpy 1.11.5, whose connectivities are in single precision; see tests/golden/embedding/diffusion.py.
    let (x, _) = fork();
    let map = diffusion_map(&neighbors(&x).unwrap()).unwrap();
    for (value, golden) in map.eigenvalues().iter().zip(&table(GOLDEN, "values")) {
        assert!((value - golden).abs() < 1e-5, "{value} {golden}");
    }
    let components = table(GOLDEN, "component");
    for (i, golden) in components.rows().into_iter().enumerate() {
        let found = map.coordinates().column(i + 1);
        let apart = (&found - &golden).mapv(f64::abs);
        assert!(apart.iter().all(|d| *d < 1e-4), "{i}: {apart}");
    }
    let times = map.pseudotime(0).unwrap();
    let golden = table(GOLDEN, "pseudotime");
    let apart = (&times - &golden.row(0)).mapv(f64::abs);
    assert!(apart.iter().all(|d| *d < 1e-4), "{apart}");
    assert_eq!(map.array().unwrap().shape(), [320, 15]);
    assert_eq!(map.pieces(), 1);
}

#[test]
fn groups_are_connected_as_in_scanpy() {
    let (x, groups) = fork();
    let found = paga(&neighbors(&x).unwrap(), &groups).unwrap();
    for (name, values) in [
        ("connectivities", found.connectivities()),
        ("tree", found.tree()),
    ] {
        let apart = (values - &table(GOLDEN, name)).mapv(f64::abs);
        assert!(apart.iter().all(|d| *d < 1e-8), "{name}: {values}");
    }
    let edges = found.table().unwrap();
    let in_tree = edges.column("tree").unwrap().bool().unwrap().sum();
    assert_eq!(in_tree, Some(5));
}

#[test]
fn threads_do_not_change_a_byte() {
    let near = neighbors(&fork().0).unwrap();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| diffusion_map(&near).unwrap())
    };
    assert_eq!(run(1), run(2));
    assert_eq!(run(1), run(8));
}

#[test]
fn a_graph_that_falls_apart_and_a_node_alone() {
    let graph = array![
        [0.0_f32, 1.0, 0.0, 0.0, 0.0],
        [1.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.5, 0.0],
        [0.0, 0.0, 0.5, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0],
    ];
    let map = Diffusion::new().run_graph(&Sparse::from_dense(&graph).unwrap());
    let map = map.unwrap();
    assert_eq!(map.pieces(), 3);
    assert!(map.coordinates().iter().all(|value| value.is_finite()));
    let times = map.pseudotime(0).unwrap();
    assert!(times[1].is_finite() && times[2].is_infinite() && times[4].is_infinite());
    let alone = map.pseudotime(4).unwrap();
    assert_eq!(alone[4], 0.0);
    assert!(alone[0].is_infinite());
    // One group has no connections.
    let pairs = Neighbors::new(&array![[1], [0], [3], [2]], &Array2::ones((4, 1))).unwrap();
    let one = paga(&pairs, &Labels::new(["a"; 4]).unwrap()).unwrap();
    assert_eq!(one.connectivities(), &array![[0.0]]);
    assert_eq!(one.table().unwrap().height(), 0);
}

#[test]
fn what_makes_no_sense_is_named() {
    let graph = |values: Array2<f32>| Sparse::from_dense(&values).unwrap();
    let ring = array![[0.0_f32, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]];
    let text = |values: Array2<f32>| {
        let found = Diffusion::new().run_graph(&graph(values));
        found.unwrap_err().to_string()
    };
    let pairs = Neighbors::new(&array![[1], [0]], &Array2::ones((2, 1))).unwrap();
    insta::assert_snapshot!([
        text(Array2::zeros((2, 3))),
        text(Array2::zeros((1, 1))),
        text(-&ring),
        text(ring.mapv(|value| value * f32::NAN)),
        text(array![[0.0, 1.0], [0.5, 0.0]]),
        Diffusion::new().components(3).run_graph(&graph(ring.clone())).unwrap_err().to_string(),
        Diffusion::new().components(0).run_graph(&graph(ring.clone())).unwrap_err().to_string(),
        Diffusion::new().run_graph(&graph(ring)).unwrap().pseudotime(3).unwrap_err().to_string(),
        paga(&pairs, &Labels::new(["a"; 3]).unwrap()).unwrap_err().to_string(),
    ].join("\n"), @r"
    `graph` has shape (2, 3), expected (n, n) with at least 2 nodes
    `graph` has shape (1, 1), expected (n, n) with at least 2 nodes
    `graph` is -1, expected weights that are finite and not negative
    `graph` is NaN, expected weights that are finite and not negative
    `graph` is not symmetric, expected symmetric
    `components` is 3, expected 1 to 2, fewer than the 3 nodes
    `components` is 0, expected 1 to 2, fewer than the 3 nodes
    `root` is 3, expected one of the 3 examples, counted from 0
    `labels` is 3, expected 2 labels, one for each example
    ");
}
