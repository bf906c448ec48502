//! Tests of maps by UMAP.

use crate::alone::{Stop, is_alone};
use crate::golden::{assert_near, rows, table};
use genolens::embedding::{
    Labels, Metric, NeighborSearch, Neighbors, Start, Umap, neighbors, umap,
};
use genolens::ndarray::{Array2, Axis, array, s};
use genolens::progress;
use genolens::random::Seed;
use genolens::sparse::Sparse;
use std::sync::Arc;

const GOLDEN: &str = include_str!("../../golden/embedding/umap.tsv");

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
    insta::assert_snapshot!(wrong(Umap::new().density_weight(-1.0)), @"`density_weight` is -1, expected a finite number from 0");
    insta::assert_snapshot!(wrong(Umap::new().density_share(1.5)), @"`density_share` is 1.5, expected 0 to 1");
    insta::assert_snapshot!(wrong(Umap::new().density_shift(0.0)), @"`density_shift` is 0, expected a finite number above 0");
    insta::assert_snapshot!(Umap::new().densmap().fit(&x).unwrap_err(), @"`densmap` is asked for, expected a map without densities, to place new examples on it");
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

/// The numbers of the generator of `tests/golden/embedding/umap_learn.py`.
fn congruential(mut state: u32) -> impl FnMut() -> f32 {
    move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    }
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (x, y) = (mean(a), mean(b));
    let product = |a: &[f64], x: f64, b: &[f64], y: f64| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - x) * (b - y)).sum()
    };
    product(a, x, b, y) / (product(a, x, a, x) * product(b, y, b, y)).sqrt()
}

fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    for (rank, place) in order.into_iter().enumerate() {
        ranks[place] = rank as f64;
    }
    ranks
}

fn mean_of_golden(name: &str) -> f64 {
    table(GOLDEN, name).mean().unwrap()
}

#[test]
fn radii_are_those_of_umap_learn() {
    let x = table(GOLDEN, "x").mapv(|value| value as f32);
    let found = neighbors(&x).unwrap().log_radii();
    assert_near(&found.insert_axis(Axis(0)), &table(GOLDEN, "radii"), 1e-4);
}

#[test]
fn dense_groups_stay_dense() {
    let mut next = congruential(23);
    let centres = Array2::from_shape_simple_fn((6, 5), || 40.0 * next());
    let x = Array2::from_shape_fn((600, 5), |(i, j)| {
        centres[[i % 6, j]] + 2.0_f32.powi(i as i32 % 6) / 4.0 * next()
    });
    let before = neighbors(&x).unwrap().log_radii().to_vec();
    let golden = |name: &str| -> f64 {
        let rows = rows(GOLDEN, "correlation");
        let row = rows.iter().find(|row| row[0] == name).unwrap();
        let values = row[1..].iter().map(|value| value.parse::<f64>().unwrap());
        values.sum::<f64>() / 5.0
    };
    let kept = |umap: &Umap| {
        let seeds = (0..5).map(|seed| {
            let map = umap.clone().seed(Seed::new(seed)).run(&x).unwrap();
            correlation(
                &before,
                neighbors(&map).unwrap().log_radii().as_slice().unwrap(),
            )
        });
        seeds.sum::<f64>() / 5.0
    };
    let dense = kept(&Umap::new().densmap());
    assert!(dense > golden("densmap") - 0.01, "{dense}");
    let plain = kept(&Umap::new());
    assert!(plain < dense - 0.2, "{plain} {dense}");
    let map = Umap::new().densmap().epochs(60).run(&x).unwrap();
    assert!(map.caption().contains("densities kept with weight 2"));
    for threads in [1, 2, 4, 8] {
        let found = with_threads(threads, || {
            Umap::new().densmap().epochs(60).run(&x).unwrap()
        });
        assert_eq!(found, map, "{threads} threads");
    }
    let without = Umap::new().density_weight(0.0).epochs(60).run(&x).unwrap();
    assert_eq!(without, Umap::new().epochs(60).run(&x).unwrap());
}

#[test]
fn new_points_begin_where_they_do_in_umap_learn() {
    let x = table(GOLDEN, "points").mapv(|value| value as f32);
    let begin = table(GOLDEN, "begin").mapv(|value| value as f32);
    let umap = Umap::new().start(Start::Given(Arc::new(begin))).epochs(0);
    let fitted = umap.fit(&x.slice(s![..80, ..]).to_owned()).unwrap();
    let placed = fitted.transform(&x.slice(s![80.., ..]).to_owned());
    let placed = placed.unwrap().coordinates().mapv(f64::from);
    assert_near(&placed, &table(GOLDEN, "placed"), 1e-5);
}

#[test]
fn held_out_cells_find_their_types_as_well_as_with_umap_learn() {
    let Some(path) = crate::data::file("h5ad/pbmc68k_reduced.h5ad") else {
        return;
    };
    let cells = genolens::expression::open(path).unwrap();
    let types = Labels::from_column(cells.obs().column("bulk_labels").unwrap()).unwrap();
    let x = cells.obsm("X_pca").unwrap().clone();
    let (held, known): (Vec<usize>, Vec<usize>) = (0..700).partition(|row| row % 4 == 3);
    let rows = |rows: &[usize]| x.select(Axis(0), rows);
    let share = |seed| {
        let fitted = Umap::new()
            .seed(Seed::new(seed))
            .fit(&rows(&known))
            .unwrap();
        let placed = fitted.transform(&rows(&held)).unwrap();
        let map = fitted.map().coordinates();
        let right = placed.coordinates().rows().into_iter().zip(&held);
        let right = right.filter(|(place, cell)| {
            let far = |other: usize| -> f32 { (&map.row(other) - place).mapv(|d| d * d).sum() };
            let mut order: Vec<usize> = (0..known.len()).collect();
            order.sort_by(|a, b| far(*a).total_cmp(&far(*b)));
            let mut votes = vec![0; types.groups().len()];
            for &other in &order[..15] {
                votes[types.codes()[known[other]] as usize] += 1;
            }
            let most = votes.iter().max().unwrap();
            let first = votes.iter().position(|count| count == most);
            first == Some(types.codes()[**cell] as usize)
        });
        right.count() as f64 / held.len() as f64
    };
    let found = (0..5).map(share).sum::<f64>() / 5.0;
    let golden = mean_of_golden("accuracy");
    assert!(found > golden - 0.01, "{found} {golden}");
}

#[test]
fn many_parts_lie_as_their_means_do() {
    let mut next = congruential(29);
    let families = Array2::from_shape_simple_fn((5, 8), || 60.0 * next());
    let mut centres = Array2::from_shape_simple_fn((30, 8), || 12.0 * next());
    for ((group, j), centre) in centres.indexed_iter_mut() {
        *centre += families[[group % 5, j]];
    }
    let x = Array2::from_shape_fn((900, 8), |(i, j)| centres[[i % 30, j]] + next());
    let apart = |table: &Array2<f32>| {
        let mut means = Array2::<f64>::zeros((30, table.ncols()));
        for (i, row) in table.rows().into_iter().enumerate() {
            let mut mean = means.row_mut(i % 30);
            mean += &row.mapv(|value| f64::from(value) / 30.0);
        }
        let mut far = Vec::new();
        for a in 0..30 {
            for b in a + 1..30 {
                far.push((&means.row(a) - &means.row(b)).mapv(|d| d * d).sum().sqrt());
            }
        }
        ranks(&far)
    };
    let before = apart(&x);
    let golden = mean_of_golden("parts");
    let sparse = Sparse::from_dense(&x).unwrap();
    let umap = Umap::new().neighbors(10);
    for input in [&x as &dyn genolens::Input, &sparse] {
        let kept = (0..5).map(|seed| {
            let map = umap.clone().seed(Seed::new(seed)).run(input).unwrap();
            correlation(&before, &apart(map.coordinates()))
        });
        let kept = kept.sum::<f64>() / 5.0;
        assert!(kept > golden + 0.3, "{kept} {golden}");
    }
}
