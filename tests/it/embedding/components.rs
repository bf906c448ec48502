//! Tests of principal components.

use crate::golden::{assert_near, table};
use genolens::embedding::{Pca, pca};
use genolens::ndarray::{Array1, Array2, Axis};
use proptest::prelude::*;

const GOLDEN: &str = include_str!("../../golden/embedding/pca.tsv");

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn components_rebuild_the_table((n, features) in (2_usize..12, 1_usize..12), seed in any::<u32>()) {
        let mut state = seed;
        let x = Array2::from_shape_simple_fn((n, features), || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        });
        let rank = features.min(n - 1);
        let found = pca(&x, rank).unwrap();
        let x = x.mapv(f64::from);
        let centred = &x - &x.mean_axis(Axis(0)).unwrap();
        // All directions together lose nothing, are at right angles, and come in falling order.
        let rebuilt = found.coordinates().dot(found.loadings());
        prop_assert!((rebuilt - &centred).iter().all(|d| d.abs() < 1e-7));
        let angles = found.loadings().dot(&found.loadings().t()) - Array2::<f64>::eye(rank);
        prop_assert!(angles.iter().all(|d| d.abs() < 1e-6));
        let ratio = found.explained_variance_ratio();
        prop_assert!((ratio.sum() - 1.0).abs() < 1e-9);
        prop_assert!(ratio.to_vec().windows(2).all(|pair| pair[0] >= pair[1] - 1e-12));
        for row in found.loadings().rows() {
            let largest = row.iter().fold(0.0_f64, |a, &b| if b.abs() > a.abs() { b } else { a });
            prop_assert!(largest > 0.0);
        }
    }
}

#[test]
fn components_are_those_of_scikit_learn() {
    // scikit-learn 1.9.1 on tables with more rows than columns and fewer; see tests/golden/embedding/make.py.
    for (shape, components) in [("tall", 5), ("wide", 4)] {
        let golden = |quantity: &str| table(GOLDEN, &format!("{shape}.{quantity}"));
        let x = golden("x").mapv(|value| value as f32);
        let found = pca(&x, components).unwrap();
        assert_near(found.coordinates(), &golden("coordinates"), 1e-8);
        assert_near(found.loadings(), &golden("loadings"), 1e-8);
        let line = |values: &Array1<f64>| values.clone().insert_axis(Axis(0));
        assert_near(&line(found.explained_variance()), &golden("variance"), 1e-8);
        let ratio = line(found.explained_variance_ratio());
        assert_near(&ratio, &golden("ratio"), 1e-8);
    }
}

#[test]
fn what_makes_no_sense_is_named() {
    let x = Array2::<f32>::zeros((3, 2));
    insta::assert_snapshot!(pca(&x, 3).unwrap_err(), @"`components` is 3, expected 1 to 2");
    insta::assert_snapshot!(pca(&Array2::from_elem((3, 2), f32::NAN), 1).unwrap_err(), @"`x` is not finite in places, expected finite");
    insta::assert_snapshot!(pca(&Array2::<f32>::zeros((1, 2)), 1).unwrap_err(), @"`x` has shape (1, 2), expected (n, features) with n at least 2");
    // A table without differences has no direction, and no NaN.
    let flat = Pca::new(2).scaled(true).run(&x).unwrap();
    assert!(flat.coordinates().iter().all(|&value| value == 0.0));
}
