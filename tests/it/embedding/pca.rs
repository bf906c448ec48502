//! Principal components of sparse, wide and large tables.

use crate::golden::table;
use genolens::embedding::{Components, Pca, pca};
use genolens::ndarray::{Array2, Axis};
use genolens::sparse::Sparse;
use genolens::{Input, embedding};

const GOLDEN: &str = include_str!("../../golden/embedding/scanpy_pca.tsv");

/// The table of `tests/golden/embedding/scanpy_pca.py`.
fn counts() -> Array2<f32> {
    let mut state = 1_u32;
    Array2::from_shape_fn((340, 310), |(i, j)| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let chance = state >> 16;
        let group = i % 12;
        let filled = chance % 16 < if j * 12 / 310 == group { 8 } else { 2 };
        if filled {
            (1 + (chance >> 4) % 8 + group as u32) as f32
        } else {
            0.0
        }
    })
}

fn differ(a: &Components, b: &Components) -> f64 {
    let loadings = (a.loadings() - b.loadings()).mapv(f64::abs);
    let coordinates = (a.coordinates() - b.coordinates()).mapv(f64::abs);
    loadings
        .iter()
        .chain(&coordinates)
        .fold(0.0, |a, b| a.max(*b))
}

#[test]
fn components_are_those_of_scanpy() {
    // scanpy 1.11.5, which computes in single precision; see tests/golden/embedding/scanpy_pca.py.
    let found = pca(&Sparse::from_dense(&counts()).unwrap(), 10).unwrap();
    let loadings = table(GOLDEN, "loadings");
    let variance = table(GOLDEN, "variance");
    for (i, row) in loadings.rows().into_iter().enumerate() {
        let cosine = row.dot(&found.loadings().row(i)).abs();
        assert!(cosine > 0.9999, "{i}: {cosine}");
        let ratio = found.explained_variance()[i] / variance[[0, i]];
        assert!((ratio - 1.0).abs() < 1e-5, "{i}: {ratio}");
        let share = found.explained_variance_ratio()[i] / table(GOLDEN, "ratio")[[0, i]];
        assert!((share - 1.0).abs() < 1e-5, "{i}: {share}");
    }
}

#[test]
fn sparse_tables_have_the_components_of_dense_ones() {
    let dense = counts();
    // Thin enough to be multiplied as a sparse table, and not.
    let thin = dense.mapv(|value| if value > 16.0 { value } else { 0.0 });
    for dense in [dense, thin] {
        // More rows than columns, and fewer.
        for dense in [dense.clone(), dense.t().as_standard_layout().into_owned()] {
            let sparse = Sparse::from_dense(&dense).unwrap();
            for way in [
                Pca::new(5),
                Pca::new(5).scaled(true),
                Pca::new(5).centred(false),
            ] {
                let difference = differ(&way.run(&dense).unwrap(), &way.run(&sparse).unwrap());
                assert!(difference < 1e-6, "{way:?}: {difference}");
            }
        }
    }
}

#[test]
fn without_centring_it_is_the_singular_value_decomposition() {
    let x = counts();
    let found = Pca::new(310).centred(false).run(&x).unwrap();
    let rebuilt = found.coordinates().dot(found.loadings());
    let error = (rebuilt - x.mapv(f64::from)).mapv(f64::abs);
    assert!(error.iter().all(|d| *d < 1e-9));
    assert!((found.explained_variance_ratio().sum() - 1.0).abs() < 1e-9);
}

#[test]
fn threads_do_not_change_a_byte() {
    let x = Sparse::from_dense(&counts()).unwrap();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| pca(&x, 10).unwrap())
    };
    let one = run(1);
    for threads in [2, 4, 8] {
        assert_eq!(run(threads), one);
    }
}

#[test]
fn new_examples_are_placed_as_the_first_ones_were() {
    let x = counts();
    let found = Pca::new(4).scaled(true).run(&x).unwrap();
    let some = x.slice(genolens::ndarray::s![20..60, ..]).to_owned();
    for some in [
        found.transform(&some).unwrap(),
        found
            .transform(&Sparse::from_dense(&some).unwrap())
            .unwrap(),
    ] {
        let expected = found.coordinates().slice(genolens::ndarray::s![20..60, ..]);
        let error = (some.coordinates() - &expected).mapv(f64::abs);
        assert!(error.iter().all(|d| *d < 1e-9));
        assert_eq!(some.loadings(), found.loadings());
    }
    insta::assert_snapshot!(found.transform(&Array2::<f32>::zeros((2, 3))).unwrap_err(), @"`x` has shape (2, 3), expected (n, 310)");
    insta::assert_snapshot!(
        found.transform(&Array2::from_elem((2, 310), f32::NAN)).unwrap_err(),
        @"`x` is not finite in places, expected finite"
    );
}

#[test]
fn components_are_an_input_that_knows_what_its_own_knew() {
    let names: Vec<String> = (0..340).map(|i| format!("cell {i}")).collect();
    let genes: Vec<String> = (0..310).map(|i| format!("gene {i}")).collect();
    let cells = genolens::expression::Cells::new(counts(), names, genes).unwrap();
    let found = embedding::pca(&cells, 3).unwrap();
    assert_eq!(found.array().unwrap().shape(), [340, 3]);
    assert_eq!(found.about().unwrap().height(), 340);
    let mean = found.coordinates().mean_axis(Axis(0)).unwrap();
    assert!(mean.iter().all(|value| value.abs() < 1e-9));
}
