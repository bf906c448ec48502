//! Tests of maps by UMAP.

use crate::alone::{Stop, is_alone};
use genolens::embedding::{Metric, NeighborSearch, Neighbors, Start, Umap, umap};
use genolens::ndarray::{Array2, array, s};
use genolens::progress;
use genolens::random::Seed;
use genolens::sparse::Sparse;
use std::sync::Arc;

/// Groups of examples around centres that are far apart, in rows one after the other.
fn groups((n, features): (usize, usize), count: usize) -> Array2<f32> {
    let mut state = 17_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    let centres = Array2::from_shape_simple_fn((count, features), || 3.0 * next());
    Array2::from_shape_fn((n, features), |(i, j)| centres[[i % count, j]] + next())
}

/// How many of those near an example on the map are near it in truth (Venna and Kaski 2001), by its definition.
fn trustworthiness(x: &Array2<f32>, map: &Array2<f32>, k: usize) -> f64 {
    let n = x.nrows();
    let order = |x: &Array2<f32>, i: usize| {
        let far = x.rows().into_iter().map(|other| {
            let apart = &x.row(i) - &other;
            apart.dot(&apart)
        });
        let far: Vec<f32> = far.collect();
        let mut order: Vec<usize> = (0..n).filter(|j| *j != i).collect();
        order.sort_by(|a, b| far[*a].total_cmp(&far[*b]));
        order
    };
    let mut sum = 0;
    for i in 0..n {
        let mut ranks = vec![0; n];
        for (rank, j) in order(x, i).into_iter().enumerate() {
            ranks[j] = rank + 1;
        }
        sum += order(map, i)[..k]
            .iter()
            .map(|j| ranks[*j].saturating_sub(k))
            .sum::<usize>();
    }
    1.0 - 2.0 * sum as f64 / ((n * k) as f64 * (2 * n - 3 * k - 1) as f64)
}

fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.unwrap().install(work)
}

#[test]
fn the_same_bits_for_any_number_of_threads() {
    let x = groups((700, 20), 5);
    let bits = |threads| {
        let map = with_threads(threads, || Umap::new().epochs(40).run(&x).unwrap());
        map.coordinates().mapv(f32::to_bits)
    };
    let one = bits(1);
    for threads in [1, 2, 4, 8] {
        assert_eq!(bits(threads), one, "{threads} threads");
    }
    let other = Umap::new().epochs(40).seed(Seed::new(1)).run(&x).unwrap();
    assert_ne!(other.coordinates().mapv(f32::to_bits), one);
}

#[test]
fn real_cells_keep_their_neighbours_as_well_as_with_umap_learn() {
    let Some(path) = crate::data::file("h5ad/pbmc68k_reduced.h5ad") else {
        return;
    };
    let file = hdf5_pure::File::open(path).unwrap();
    let pca = file.dataset("obsm/X_pca").unwrap().read_f32().unwrap();
    let x = Array2::from_shape_vec((700, 50), pca).unwrap();
    // umap-learn 0.5.7, `UMAP(random_state=0)`, has 0.92582.
    for start in [Start::Spectral, Start::Pca, Start::Random] {
        let map = Umap::new().start(start.clone()).run(&x).unwrap();
        let found = trustworthiness(&x, map.coordinates(), 15);
        assert!(found > 0.92582 - 0.005, "{start:?}: {found}");
    }
}

#[test]
fn groups_stay_together_whatever_the_metric() {
    let x = groups((300, 12), 3);
    let sparse = Sparse::from_dense(&x).unwrap();
    for metric in [Metric::Euclidean, Metric::Cosine, Metric::Correlation] {
        let umap = Umap::new().metric(metric).epochs(100);
        let map = umap.run(&x).unwrap();
        let near = NeighborSearch::new().k(6).run(&map).unwrap();
        let same = near
            .indices()
            .indexed_iter()
            .filter(|((i, _), j)| i % 3 == **j as usize % 3);
        assert!(
            same.count() as f64 > 0.99 * near.indices().len() as f64,
            "{metric}"
        );
        assert_eq!(umap.run(&sparse).unwrap().coordinates().dim(), (300, 2));
    }
}

#[test]
fn graphs_in_pieces_and_small_ones_are_laid_out() {
    // Five pairs of three far apart: more parts than the axes have sides.
    let x = Array2::from_shape_fn((15, 2), |(i, j)| (i / 3 * 100 + i % 3 + j) as f32);
    for dimensions in [1, 2, 3, 7] {
        let map = Umap::new()
            .neighbors(3)
            .dimensions(dimensions)
            .run(&x)
            .unwrap();
        assert_eq!(map.coordinates().dim(), (15, dimensions));
    }
    let pair = Umap::new()
        .neighbors(2)
        .run(&array![[0.0_f32], [1.0]])
        .unwrap();
    assert_eq!(pair.len(), 2);
    // All in one place, and a constant column.
    let flat = Umap::new()
        .neighbors(5)
        .run(&Array2::<f32>::zeros((30, 3)))
        .unwrap();
    assert!(flat.coordinates().iter().all(|value| value.is_finite()));
}

#[test]
fn labels_pull_groups_apart() {
    let x = groups((200, 8), 1);
    let labels: Vec<&str> = (0..200).map(|i| ["a", "b", "", "b"][i % 4]).collect();
    let map = Umap::new()
        .labels(labels.clone())
        .label_weight(0.9)
        .run(&x)
        .unwrap();
    let near = NeighborSearch::new().k(6).run(&map).unwrap();
    let (mut same, mut all) = (0, 0);
    for ((i, _), j) in near.indices().indexed_iter() {
        let (own, other) = (labels[i], labels[*j as usize]);
        if !own.is_empty() && !other.is_empty() {
            same += usize::from(own == other);
            all += 1;
        }
    }
    assert!(same as f64 > 0.95 * f64::from(all), "{same} of {all}");
    assert!(map.caption().contains("pulled by labels"));
}

#[test]
fn a_map_begins_where_it_is_told() {
    let x = groups((60, 4), 2);
    let start = Array2::from_shape_fn((60, 2), |(i, j)| (i * (j + 1)) as f32 / 59.0);
    let umap = Umap::new().start(Start::Given(Arc::new(start))).epochs(0);
    let map = umap.run(&x).unwrap();
    assert_eq!(map.coordinates()[[59, 1]], 10.0);
    let neighbors = NeighborSearch::new().run(&x).unwrap();
    assert_eq!(umap.lay_out(&neighbors).unwrap(), map);
}

#[test]
fn what_makes_no_sense_is_named() {
    let x = groups((20, 3), 1);
    let wrong = |umap: Umap| umap.neighbors(5).run(&x).unwrap_err();
    insta::assert_snapshot!(umap(&groups((9, 3), 1)).unwrap_err(), @"`k` is 15, expected 2 to 9, the number of examples");
    insta::assert_snapshot!(wrong(Umap::new().min_dist(2.0)), @"`min_dist` is 2, expected 0 to the spread 1");
    insta::assert_snapshot!(wrong(Umap::new().min_dist(-1.0)), @"`min_dist` is -1, expected 0 to the spread 1");
    insta::assert_snapshot!(wrong(Umap::new().spread(f64::NAN)), @"`spread` is NaN, expected a finite number above 0");
    insta::assert_snapshot!(wrong(Umap::new().dimensions(0)), @"`dimensions` is 0, expected 1 to 32");
    insta::assert_snapshot!(wrong(Umap::new().dimensions(33)), @"`dimensions` is 33, expected 1 to 32");
    insta::assert_snapshot!(wrong(Umap::new().local_connectivity(-1.0)), @"`local_connectivity` is -1, expected a finite number from 0");
    insta::assert_snapshot!(wrong(Umap::new().set_op_mix(1.5)), @"`set_op_mix` is 1.5, expected 0 to 1");
    insta::assert_snapshot!(wrong(Umap::new().learning_rate(0.0)), @"`learning_rate` is 0, expected a finite number above 0");
    insta::assert_snapshot!(wrong(Umap::new().repulsion(f64::INFINITY)), @"`repulsion` is inf, expected a finite number from 0");
    insta::assert_snapshot!(wrong(Umap::new().labels(["a", "b"])), @"`labels` is 2, expected 20 labels, one for each example");
    insta::assert_snapshot!(wrong(Umap::new().labels(vec!["a"; 20]).label_weight(2.0)), @"`label_weight` is 2, expected 0 to 1");
    insta::assert_snapshot!(wrong(Umap::new().start(Start::Given(Arc::new(Array2::zeros((3, 2)))))), @"`start` has shape (3, 2), expected (20, 2)");
    let given = Start::Given(Arc::new(Array2::from_elem((20, 2), f32::NAN)));
    insta::assert_snapshot!(wrong(Umap::new().start(given)), @"`start` is not finite in places, expected finite");
    let ring = Neighbors::new(&array![[1], [2], [0]], &array![[1.0], [1.0], [1.0]]).unwrap();
    insta::assert_snapshot!(Umap::new().start(Start::Pca).lay_out(&ring).unwrap_err(), @"`start` is pca, expected examples, since neighbours alone have no components");
}

#[test]
fn a_map_can_be_interrupted() {
    if !is_alone("embedding::umap::a_map_can_be_interrupted") {
        return;
    }
    let after = 7;
    progress::watch(Stop {
        task: "UMAP",
        after,
    });
    let stopped = Umap::new()
        .epochs(10_000_000)
        .run(&groups((50, 3), 1))
        .unwrap_err();
    assert!(stopped.is_interrupted(), "{stopped}");
}

#[test]
fn new_points_find_their_groups() {
    let all = groups((500, 10), 4);
    let (old, new) = (
        all.slice(s![..400, ..]).to_owned(),
        all.slice(s![400.., ..]).to_owned(),
    );
    for metric in [Metric::Euclidean, Metric::Cosine, Metric::Correlation] {
        let fitted = Umap::new().metric(metric).epochs(150).fit(&old).unwrap();
        let placed = fitted.transform(&new).unwrap();
        let map = fitted.map().coordinates();
        for (i, place) in placed.coordinates().rows().into_iter().enumerate() {
            let far = |j: usize| (&map.row(j) - &place).mapv(|d| d * d).sum();
            let nearest = (0..400).min_by(|a, b| far(*a).total_cmp(&far(*b))).unwrap();
            assert_eq!(nearest % 4, i % 4, "{metric} {i}");
        }
        let sparse = fitted
            .transform(&Sparse::from_dense(&new).unwrap())
            .unwrap();
        assert_eq!(sparse, placed);
        assert_eq!(placed, with_threads(3, || fitted.transform(&new).unwrap()));
    }
    let fitted = Umap::new().epochs(20).fit(&old).unwrap();
    assert_eq!(fitted.map(), &Umap::new().epochs(20).run(&old).unwrap());
    assert_eq!(
        fitted
            .transform(&new.slice(s![..1, ..]).to_owned())
            .unwrap()
            .len(),
        1
    );
    insta::assert_snapshot!(fitted.transform(&Array2::<f32>::zeros((2, 3))).unwrap_err(), @"`x` has shape (2, 3), expected (n, 10)");
    insta::assert_snapshot!(fitted.transform(&Array2::<f32>::zeros((0, 10))).unwrap_err(), @"`x` has shape (0, 10), expected (n, features) with at least 1 examples and 1 feature");
}
