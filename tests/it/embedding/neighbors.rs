//! Tests of nearest neighbours and their graph.

use genolens::embedding::{Metric, NeighborSearch, Neighbors, neighbors};
use genolens::ndarray::{Array2, array};
use genolens::sparse::Sparse;
use proptest::prelude::*;

const METRICS: [Metric; 3] = [Metric::Euclidean, Metric::Cosine, Metric::Correlation];

/// Numbers that look random, some of them zero.
fn numbers(shape: (usize, usize), seed: u32) -> Array2<f32> {
    let mut state = seed;
    Array2::from_shape_simple_fn(shape, || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((state >> 8) as f32 / 8_388_608.0 - 1.0).max(-0.5) + 0.5
    })
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
