//! Tests of maps by t-SNE.

use crate::alone::{Stop, is_alone};
use crate::golden::{assert_near, table};
use genolens::embedding::{FaithfulnessCheck, Map, Metric, NeighborSearch, Start, Tsne, tsne};
use genolens::ndarray::Array2;
use genolens::progress;
use genolens::random::Seed;
use genolens::sparse::Sparse;
use std::sync::Arc;

const GOLDEN: &str = include_str!("../../golden/embedding/tsne.tsv");

/// Groups of examples around centres that are far apart, in turn.
fn groups((n, features): (usize, usize), count: usize) -> Array2<f32> {
    let mut state = 17_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    let centres = Array2::from_shape_simple_fn((count, features), || 3.0 * next());
    Array2::from_shape_fn((n, features), |(i, j)| centres[[i % count, j]] + next())
}

/// The divergence by its definition, over all pairs.
fn divergence(graph: &Sparse, map: &Map) -> f64 {
    let places = map.coordinates().mapv(f64::from);
    let n = places.nrows();
    let near = |i: usize, j: usize| {
        let apart = &places.row(i) - &places.row(j);
        1.0 / (1.0 + apart.dot(&apart))
    };
    let (mut all, mut sum) = (0.0, 0.0);
    for i in 0..n {
        for j in (0..n).filter(|j| *j != i) {
            all += near(i, j);
            let p = f64::from(graph.get(i, j));
            if p > 0.0 {
                sum += p * (p / near(i, j)).ln();
            }
        }
    }
    sum + f64::ln(all)
}

#[test]
fn joint_probabilities_are_those_of_scikit_learn() {
    let x = table(GOLDEN, "x").mapv(|value| value as f32);
    let found = Tsne::new().perplexity(5.0).graph(&x).unwrap();
    // Its search ends when the entropy is right to 1e-5.
    assert_near(
        &found.dense().mapv(f64::from),
        &table(GOLDEN, "joint"),
        1e-5,
    );
    assert!((found.row_sums().sum() - 1.0).abs() < 1e-6);
}

#[test]
fn real_cells_keep_their_neighbours_better_than_with_its_peers() {
    let Some(path) = crate::data::file("h5ad/pbmc68k_reduced.h5ad") else {
        return;
    };
    let file = hdf5_pure::File::open(path).unwrap();
    let pca = file.dataset("obsm/X_pca").unwrap().read_f32().unwrap();
    let x = Array2::from_shape_vec((700, 50), pca).unwrap();
    let map = tsne(&x).unwrap();
    let found = divergence(&Tsne::new().graph(&x).unwrap(), &map);
    // By tests/golden/embedding/tsne.py; lower is better.
    assert!(found < 0.734_832 * 1.02, "{found}");
    assert!(found < 0.731_938 * 1.02, "{found}");
    let quick = Tsne::new().divergence(&x, &map).unwrap();
    assert!((quick / found - 1.0).abs() < 0.01, "{quick} {found}");
    let check = FaithfulnessCheck::new().neighbors(&[15]);
    let trust = check.run(&x, &map).unwrap().trustworthiness(15).unwrap();
    assert!(trust > 0.943_629 - 0.002, "{trust}");
}

#[test]
fn the_same_bits_for_any_number_of_threads() {
    let x = groups((600, 20), 5);
    let bits = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let map = pool
            .unwrap()
            .install(|| Tsne::new().iterations(60).run(&x).unwrap());
        map.coordinates().mapv(f32::to_bits)
    };
    let one = bits(1);
    for threads in [1, 2, 4, 8] {
        assert_eq!(bits(threads), one, "{threads} threads");
    }
    let other = Tsne::new().iterations(60).seed(Seed::new(1)).run(&x);
    assert_ne!(other.unwrap().coordinates().mapv(f32::to_bits), one);
}

#[test]
fn groups_stay_together_whatever_the_options() {
    let x = groups((300, 12), 3);
    let sparse = Sparse::from_dense(&x).unwrap();
    let given = Start::Given(Arc::new(Array2::from_shape_fn((300, 2), |(i, j)| {
        (i * (j + 3) % 31) as f32
    })));
    let quick = Tsne::new().iterations(350).early_iterations(150);
    let ways = [
        quick.clone().metric(Metric::Cosine),
        quick.clone().metric(Metric::Correlation),
        quick.clone().dimensions(1).start(Start::Spectral),
        quick.clone().dimensions(3),
        quick.clone().start(Start::Random),
        quick.clone().start(given).theta(0.0),
        quick.clone().perplexity(8.0).early_exaggeration(4.0),
    ];
    for way in ways {
        let map = way.run(&x).unwrap();
        let near = NeighborSearch::new().k(6).run(&map).unwrap();
        let near = near.indices();
        let same = near.indexed_iter();
        let same = same.filter(|((i, _), j)| i % 3 == **j as usize % 3).count();
        assert!(same as f64 > 0.98 * near.len() as f64, "{way:?}: {same}");
        let exact = divergence(&way.graph(&x).unwrap(), &map);
        let found = way.divergence(&x, &map).unwrap();
        assert!((found / exact - 1.0).abs() < 0.01, "{found} {exact}");
        assert_eq!(way.run(&sparse).unwrap().len(), 300);
    }
}

#[test]
fn more_iterations_lead_further_down() {
    let x = groups((200, 6), 4);
    let after = |iterations| {
        let way = Tsne::new().iterations(iterations);
        way.divergence(&x, &way.run(&x).unwrap()).unwrap()
    };
    let found = [0, 300, 600, 1000].map(after);
    assert!(found.windows(2).all(|pair| pair[1] < pair[0]), "{found:?}");
}

#[test]
fn what_has_no_shape_is_laid_out() {
    // All in one place, a single feature, and many copies of few.
    for x in [
        Array2::<f32>::zeros((50, 3)),
        Array2::from_shape_fn((50, 1), |(i, _)| i as f32),
        Array2::from_shape_fn((120, 2), |(i, j)| (i % 2 * (j + 1)) as f32),
    ] {
        let map = tsne(&x).unwrap();
        assert_eq!(map.coordinates().dim(), (x.nrows(), 2));
    }
}

#[test]
fn what_makes_no_sense_is_named() {
    let x = groups((40, 3), 1);
    let text = |way: Tsne| way.run(&x).unwrap_err().to_string();
    let few = Map::new(Array2::zeros((3, 2)), "UMAP").unwrap();
    let wide = Map::new(Array2::zeros((40, 4)), "UMAP").unwrap();
    let given = Start::Given(Arc::new(Array2::zeros((3, 2))));
    insta::assert_snapshot!([
        tsne(&groups((20, 3), 1)).unwrap_err().to_string(),
        tsne(&Array2::<f32>::zeros((0, 3))).unwrap_err().to_string(),
        tsne(&Array2::from_elem((40, 3), f32::NAN)).unwrap_err().to_string(),
        text(Tsne::new().perplexity(0.5)),
        text(Tsne::new().perplexity(f64::NAN)),
        text(Tsne::new().dimensions(0)),
        text(Tsne::new().dimensions(4)),
        text(Tsne::new().early_exaggeration(0.5)),
        text(Tsne::new().learning_rate(-1.0)),
        text(Tsne::new().learning_rate(1e300)),
        text(Tsne::new().theta(1.5)),
        text(Tsne::new().start(given)),
        Tsne::new().divergence(&x, &few).unwrap_err().to_string(),
        Tsne::new().divergence(&x, &wide).unwrap_err().to_string(),
    ].join("\n"), @r"
    `perplexity` is 30, expected 1 to less than 19, the others of 20 examples
    `perplexity` is 30, expected 1 to less than 0, the others of 0 examples
    `x` is NaN in row 0, expected finite numbers up to 1e15
    `perplexity` is 0.5, expected 1 to less than 39, the others of 40 examples
    `perplexity` is NaN, expected 1 to less than 39, the others of 40 examples
    `dimensions` is 0, expected 1 to 3
    `dimensions` is 4, expected 1 to 3
    `early_exaggeration` is 0.5, expected a finite number from 1
    `learning_rate` is -1, expected a finite number above 0
    t-SNE diverged: places are not finite after 3 iterations
    `theta` is 1.5, expected 0 to 1
    `start` has shape (3, 2), expected (40, 2)
    `map` is 3, expected 40 points, one for each example
    `map` is 4, expected a map of 1 to 3 dimensions
    ");
}

#[test]
fn a_map_can_be_interrupted() {
    if !is_alone("embedding::tsne::a_map_can_be_interrupted") {
        return;
    }
    progress::watch(Stop {
        task: "t-SNE",
        after: 7,
    });
    let way = Tsne::new().iterations(10_000_000);
    let stopped = way.run(&groups((50, 3), 1)).unwrap_err();
    assert!(stopped.is_interrupted(), "{stopped}");
}
