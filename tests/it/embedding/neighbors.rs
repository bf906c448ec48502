//! Tests of nearest neighbours and their graph.

use crate::golden::{rows, table};
use genolens::embedding::{Metric, NeighborSearch, Neighbors, Umap, neighbors};
use genolens::ndarray::{Array2, ArrayView1, array, s};
use genolens::sparse::Sparse;
use proptest::prelude::*;

const GOLDEN: &str = include_str!("../../golden/embedding/neighbors.tsv");

const METRICS: [Metric; 3] = [Metric::Euclidean, Metric::Cosine, Metric::Correlation];

/// Numbers that look random, some of them zero.
fn numbers(shape: (usize, usize), seed: u32) -> Array2<f32> {
    let mut state = seed;
    Array2::from_shape_simple_fn(shape, || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 8) as f32 / 8_388_608.0 - 1.0).max(-0.5) + 0.5
    })
}

/// Checks all entries of a graph, to 1e-5.
fn assert_graph(name: &str, found: &Sparse) {
    let golden = rows(GOLDEN, name);
    assert_eq!(found.stored(), golden.len(), "{name}");
    for entry in golden {
        let (row, column): (usize, usize) = (entry[0].parse().unwrap(), entry[1].parse().unwrap());
        let (found, golden) = (found.get(row, column), entry[2].parse::<f32>().unwrap());
        assert!(
            (found - golden).abs() < 1e-5,
            "{name} {row}, {column}: {found}, expected {golden}"
        );
    }
}

#[test]
fn graphs_are_those_of_umap_learn() {
    // See tests/golden/embedding/neighbors.py.
    let x = table(GOLDEN, "x").mapv(|value| value as f32);
    for metric in METRICS {
        let search = NeighborSearch::new().k(10).metric(metric);
        for found in [
            search.run(&x).unwrap(),
            search.run(&Sparse::from_dense(&x).unwrap()).unwrap(),
        ] {
            let golden = table(GOLDEN, &format!("{metric}.distances"));
            let distances = found.nearest().mapv(f64::from);
            crate::golden::assert_near(&distances, &golden, 1e-6);
            assert_graph(&metric.to_string(), found.connectivities());
        }
    }
    let found = NeighborSearch::new().k(10).run(&x).unwrap();
    assert_graph(
        "connectivity",
        &Umap::new().local_connectivity(2.5).graph(&found).unwrap(),
    );
    assert_graph("mix", &Umap::new().set_op_mix(0.25).graph(&found).unwrap());
    let labels = rows(GOLDEN, "labels").remove(0);
    let labels = labels
        .iter()
        .map(|label| if *label == "-1" { "" } else { label });
    assert_graph("target", &Umap::new().labels(labels).graph(&found).unwrap());
}

#[test]
fn the_graph_of_real_cells_is_that_of_scanpy() {
    let Some(path) = crate::data::file("h5ad/pbmc68k_reduced.h5ad") else {
        return;
    };
    let file = hdf5_pure::File::open(path).unwrap();
    let pca = file.dataset("obsm/X_pca").unwrap().read_f32().unwrap();
    // The stored graph is that of the first 30 of 50 components.
    let x = Array2::from_shape_vec((700, 50), pca).unwrap();
    let x = x.slice(s![.., ..30]).to_owned();
    let graph = |name: &str| {
        let part = |part: &str| file.dataset(&format!("obsp/{name}/{part}")).unwrap();
        let values = part("data").read_f64().unwrap();
        let values = values.into_iter().map(|value| value as f32).collect();
        let indices = part("indices").read_i32().unwrap();
        let indices = indices.into_iter().map(|index| index as u32).collect();
        let offsets = part("indptr").read_i32().unwrap();
        let offsets = offsets.into_iter().map(|offset| offset as usize).collect();
        Sparse::compressed((700, 700), offsets, (indices, values)).unwrap()
    };
    let (distances, golden) = (graph("distances"), graph("connectivities"));
    // The stored distances were computed from rounded products, and differ by a millionth from those between the coordinates.
    let found = NeighborSearch::new().k(10).run(&x).unwrap();
    let given = Neighbors::from_distances(&distances).unwrap();
    for (found, tolerance) in [(given, 1e-5), (found, 5e-5)] {
        let found = found.connectivities();
        assert!(found.offsets() == golden.offsets() && found.indices() == golden.indices());
        for (found, golden) in found.values().iter().zip(golden.values()) {
            assert!(
                (found - golden).abs() < tolerance,
                "{found}, expected {golden}"
            );
        }
        assert!((found.row_sums().sum() - 3999.3203).abs() < 1e-3);
    }
}

/// A distance by its definition.
fn distance(x: &Array2<f32>, metric: Metric, (i, j): (usize, usize)) -> f64 {
    let (mut a, mut b) = (x.row(i).mapv(f64::from), x.row(j).mapv(f64::from));
    if metric == Metric::Euclidean {
        return (&a - &b).mapv(|d| d * d).sum().sqrt();
    }
    if metric == Metric::Correlation {
        a -= a.mean().unwrap();
        b -= b.mean().unwrap();
    }
    let (length, other) = (a.dot(&a).sqrt(), b.dot(&b).sqrt());
    if length < 1e-9 || other < 1e-9 {
        return f64::from((length < 1e-9) != (other < 1e-9));
    }
    1.0 - a.dot(&b) / (length * other)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn the_nearest_are_those_of_sorted_distances(
        (n, features) in (3_usize..60, 1_usize..20),
        metric in 0_usize..3,
        seed in any::<u32>(),
    ) {
        let metric = METRICS[metric];
        let mut x = numbers((n, features), seed);
        // Examples without a direction, and some that come twice.
        x.row_mut(0).fill(0.0);
        let last = x.row(n - 1).to_owned();
        x.row_mut(1).assign(&last);
        let k = n.min(9);
        let sparse = Sparse::from_dense(&x).unwrap();
        let search = NeighborSearch::new().k(k).metric(metric);
        for found in [search.run(&x).unwrap(), search.run(&sparse).unwrap()] {
            for i in 0..n {
                let mut all: Vec<f64> = (0..n).filter(|j| *j != i).map(|j| distance(&x, metric, (i, j))).collect();
                all.sort_by(f64::total_cmp);
                for (place, near) in found.nearest().row(i).iter().enumerate() {
                    prop_assert!((f64::from(*near) - all[place]).abs() < 2e-6, "{metric}: {near} is not {}", all[place]);
                    let index = found.indices()[[i, place]] as usize;
                    prop_assert!((distance(&x, metric, (i, index)) - f64::from(*near)).abs() < 2e-6);
                }
            }
        }
    }

    #[test]
    fn a_graph_is_symmetric_and_between_zero_and_one((n, k) in (4_usize..40, 2_usize..8), seed in any::<u32>()) {
        let found = NeighborSearch::new().k(k.min(n)).run(&numbers((n, 3), seed)).unwrap();
        let graph = found.connectivities();
        prop_assert_eq!(graph, &graph.transposed());
        prop_assert!(graph.values().iter().all(|value| *value > 0.0 && *value <= 1.0));
        for row in 0..n {
            // The nearest is connected for certain.
            let nearest = found.indices()[[row, 0]] as usize;
            prop_assert!(graph.get(row, nearest) > 1.0 - 1e-6);
        }
        let again = Neighbors::from_distances(found.distances()).unwrap();
        prop_assert_eq!(again.connectivities(), graph);
    }
}

/// Points around curved surfaces of few dimensions, as cells lie, in `features` dimensions.
fn surfaces(n: usize, features: usize) -> Array2<f32> {
    let places = numbers((n, 4), 5);
    let (waves, levels) = (numbers((features, 4), 6), numbers((12, features), 7));
    let noise = numbers((n, features), 8);
    Array2::from_shape_fn((n, features), |(i, j)| {
        let bent = (places.row(i).dot(&waves.row(j)) * 2.0).sin();
        3.0 * levels[[i % 12, j]] + bent + 0.2 * noise[[i, j]]
    })
}

#[test]
fn neighbors_of_neighbors_are_almost_all_of_the_nearest() {
    for metric in METRICS {
        let x = surfaces(3000, 20);
        let sparse = Sparse::from_dense(&x).unwrap();
        let search = NeighborSearch::new().metric(metric);
        let truth = search.clone().exact(true).run(&x).unwrap();
        assert!(truth.is_exact());
        for found in [
            search.clone().exact(false).run(&x),
            search.exact(false).run(&sparse),
        ] {
            let found = found.unwrap();
            assert!(!found.is_exact());
            let rows = found
                .indices()
                .rows()
                .into_iter()
                .zip(truth.indices().rows());
            let hits = |(a, b): (ArrayView1<u32>, ArrayView1<u32>)| {
                a.iter().filter(|i| b.iter().any(|j| j == *i)).count()
            };
            let recall = rows.map(hits).sum::<usize>() as f64 / truth.indices().len() as f64;
            assert!(recall > 0.98, "{metric}: {recall}");
            // The distances of those that were found are exact.
            for (row, near) in found.indices().rows().into_iter().enumerate().step_by(100) {
                let exact = distance(&x, metric, (row, near[0] as usize));
                assert!((exact - f64::from(found.nearest()[[row, 0]])).abs() < 2e-6);
            }
        }
    }
}

#[test]
fn a_search_does_not_depend_on_the_number_of_threads() {
    let x = surfaces(2000, 12);
    let with_threads = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let search = NeighborSearch::new();
            (
                search.clone().exact(false).run(&x).unwrap(),
                search.exact(true).run(&x).unwrap(),
            )
        })
    };
    let one = with_threads(1);
    for threads in [2, 4, 8] {
        let more = with_threads(threads);
        assert!(more == one, "{threads} threads");
        assert!(more.0.connectivities() == one.0.connectivities());
    }
}

#[test]
fn a_search_copes_with_many_that_come_twice() {
    let x = Array2::from_shape_fn((600, 3), |(i, j)| (i % 3 * j) as f32);
    let found = NeighborSearch::new().exact(false).run(&x).unwrap();
    assert!(found.nearest().iter().all(|distance| *distance == 0.0));
}

#[test]
fn far_from_the_origin_nothing_is_lost() {
    let x = numbers((50, 5), 3);
    let far = &x.mapv(|value| (value * 1024.0).round() / 1024.0) + 4096.0;
    let near = &far - 4096.0;
    let (a, b) = (neighbors(&near).unwrap(), neighbors(&far).unwrap());
    assert_eq!(a, b);
}

#[test]
fn many_that_come_twice_are_found() {
    let mut x = Array2::<f32>::zeros((500, 4));
    x[[499, 0]] = 1.0;
    let found = neighbors(&x).unwrap();
    assert!(found.nearest().iter().take(499 * 14).all(|d| *d == 0.0));
    assert_eq!(found.indices().row(3).to_vec()[..4], [0, 1, 2, 4]);
    assert!(
        found
            .connectivities()
            .values()
            .iter()
            .all(|w| w.is_finite())
    );
}

#[test]
fn what_makes_no_sense_is_named() {
    let x = numbers((10, 3), 1);
    insta::assert_snapshot!(neighbors(&x).unwrap_err(), @"`k` is 15, expected 2 to 10, the number of examples");
    insta::assert_snapshot!(NeighborSearch::new().k(1).run(&x).unwrap_err(), @"`k` is 1, expected 2 to 10, the number of examples");
    insta::assert_snapshot!(neighbors(&Array2::<f32>::zeros((1, 3))).unwrap_err(), @"`x` has shape (1, 3), expected (n, features) with at least 2 examples and 1 feature");
    insta::assert_snapshot!(neighbors(&array![1.0_f32, 2.0]).unwrap_err(), @"`x` has shape (2), expected (n, features)");
    let mut broken = x.clone();
    broken[[4, 1]] = f32::NAN;
    insta::assert_snapshot!(neighbors(&broken).unwrap_err(), @"`x` is NaN in row 4, expected finite numbers up to 1e15");
    insta::assert_snapshot!(neighbors(&Sparse::from_dense(&broken).unwrap()).unwrap_err(), @"`x` is NaN in row 4, expected finite numbers up to 1e15");
    broken[[4, 1]] = 1e30;
    insta::assert_snapshot!(neighbors(&broken).unwrap_err(), @"`x` is 1e30 in row 4, expected finite numbers up to 1e15");
    let near = |indices, distances| Neighbors::new(&indices, &distances).unwrap_err();
    insta::assert_snapshot!(near(array![[1], [0]], array![[1.0, 2.0]]), @"`distances` has shape (1, 2), expected (2, 1) as `indices`");
    insta::assert_snapshot!(near(array![[1], [1]], array![[1.0], [1.0]]), @"`indices` is 1 in row 1, expected others among the 2 examples");
    insta::assert_snapshot!(near(array![[1], [0]], array![[1.0], [-1.0]]), @"`distances` is -1 in row 1, expected finite numbers from 0");
    insta::assert_snapshot!(near(array![[1, 1], [0, 2], [0, 1]], Array2::zeros((3, 2))), @"`indices` is 1 twice in row 0, expected every neighbour once");
    insta::assert_snapshot!(near(array![[1, 0], [0, 1]], Array2::zeros((2, 2))), @"`indices` has shape (2, 2), expected (n, k - 1) with k from 2 to n");
    let uneven = Sparse::from_rows(
        3,
        vec![vec![(1, 1.0)], vec![(0, 1.0), (2, 1.0)], vec![(1, 1.0)]],
    );
    insta::assert_snapshot!(Neighbors::from_distances(&uneven.unwrap()).unwrap_err(), @"`distances` is 2 in row 1, expected 1 neighbours in every row, as in row 0");
}
