//! Features exchanged between examples, against all ways of exchanging them.

#![expect(
    clippy::needless_pass_by_value,
    reason = "a black box is a function of a view"
)]

use super::methods::smooth;
use genolens::attribution::{Masking, PermutationImportance, permutation_importance};
use genolens::ndarray::{Array1, Array2, ArrayView2};
use genolens::network::{ModelOutputs, predict};
use genolens::sequence::Sequences;
use genolens::{Error, Result};

/// Twelve rows of four columns, of which the last is never looked at.
fn rows() -> Array2<f32> {
    Array2::from_shape_fn((12, 4), |(i, j)| {
        ((i * (3 + 2 * j) + j) % 12) as f32 / 4.0 - 1.0
    })
}

fn function(x: ArrayView2<'_, f32>) -> Array1<f64> {
    let one = |i: usize| f64::from(2.0 * x[[i, 0]] - x[[i, 1]] * x[[i, 2]]);
    (0..x.nrows()).map(one).collect()
}

/// The mean squared error against the function itself, negative so that more is better.
fn measure(scores: &Array1<f64>) -> Result<f64> {
    let truth = function(rows().view());
    let mean = (scores - &truth).mapv(|d| d * d).mean();
    Ok(-mean.ok_or_else(|| Error::value("scores", "some", "none"))?)
}

/// The mean of the error over all pairs of a row and one that its features are taken from.
fn expected(features: &[usize]) -> f64 {
    let x = rows();
    let truth = function(x.view());
    let mut sum = 0.0;
    for from in 0..12 {
        let mut moved = x.clone();
        for &feature in features {
            moved.column_mut(feature).fill(x[[from, feature]]);
        }
        sum += (function(moved.view()) - &truth).mapv(|d| d * d).sum();
    }
    sum / 144.0
}

#[test]
fn permutations_cost_what_all_pairs_cost() {
    let options = PermutationImportance::new().repeats(3_000);
    let found = options.run(&function, &rows(), &measure).unwrap();
    assert_eq!((found.measure(), found.drops().dim()), (0.0, (4, 3_000)));
    assert_eq!(found.drops().row(3), Array1::<f64>::zeros(3_000));
    for feature in 0..3 {
        let error = found.spread()[feature] / 3_000.0_f64.sqrt();
        let apart = found.mean()[feature] - expected(&[feature]);
        assert!(
            apart.abs() < 4.0 * error && error > 0.0,
            "{feature}: {apart} {error}"
        );
    }
    // Columns of a group stay together.
    let masking = Masking::new()
        .groups(&[vec![1, 2], vec![0, 3]])
        .names(&["pair", "rest"]);
    let found = options
        .masking(masking)
        .run(&function, &rows(), &measure)
        .unwrap();
    for (at, group) in [[1, 2], [0, 3]].iter().enumerate() {
        let error = found.spread()[at] / 3_000.0_f64.sqrt();
        assert!((found.mean()[at] - expected(group)).abs() < 4.0 * error);
    }
    assert_eq!(found.names(), ["pair", "rest"]);
    assert_eq!(found.table().unwrap().shape(), (2, 3));
    assert!(found.bars().svg().contains(">pair<"));
}

#[test]
fn the_seed_decides() {
    let run = |seed: u64, batch: usize| {
        let options = PermutationImportance::new().seed(seed).batch(batch);
        options
            .run(&function, &rows(), &measure)
            .unwrap()
            .drops()
            .clone()
    };
    assert_eq!(run(0, 256), run(0, 5));
    assert_ne!(run(0, 256), run(1, 256));
    let default = permutation_importance(&function, &rows(), &measure).unwrap();
    assert_eq!(default.drops(), run(0, 256));
    let once = PermutationImportance::new().repeats(1);
    let once = once.run(&function, &rows(), &measure).unwrap();
    assert!(once.spread()[0].is_nan() && once.mean()[0] != 0.0);
}

#[test]
fn positions_of_sequences_are_exchanged() {
    let model = smooth();
    // The third position is the same everywhere.
    let x = Sequences::dna(["ACGTTGCATC", "GGGNATTACA", "TTGTTCCCCC", "CAGATCATTT"]).unwrap();
    let first = predict(&model, &x).unwrap().column(1).mapv(f64::from);
    let measure =
        |scores: &Array1<f64>| -> Result<f64> { Ok(-(scores - &first).mapv(f64::abs).sum()) };
    let options = PermutationImportance::new().target(1).repeats(20);
    let found = options.run(&ModelOutputs(&model), &x, &measure).unwrap();
    assert_eq!(found.len(), 10);
    assert!(found.measure().abs() < 1e-5);
    for (position, drop) in found.mean().iter().enumerate() {
        // Scores depend on their batch in the last bits at most.
        assert!((position == 2) == (drop.abs() < 1e-6), "{position}: {drop}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let run = |options: PermutationImportance| {
        let found = options.run(&function, &rows(), &measure);
        found.unwrap_err()
    };
    let options = PermutationImportance::new;
    insta::assert_snapshot!(run(options().repeats(0)), @"`repeats` is 0, expected 1 to 250000000");
    insta::assert_snapshot!(run(options().repeats(usize::MAX)), @"`repeats` is 18446744073709551615, expected 1 to 250000000");
    insta::assert_snapshot!(run(options().batch(0)), @"`batch` is 0, expected at least 1");
    insta::assert_snapshot!(run(options().target(1)), @"`target` is 1, expected below 1, the number of outputs");
    insta::assert_snapshot!(run(options().masking(Masking::new().stretches(0))), @"`stretches` is 0, expected at least 1");
    let lost = |_: &Array1<f64>| -> Result<f64> { Ok(f64::NAN) };
    insta::assert_snapshot!(permutation_importance(&function, &rows(), &lost).unwrap_err(), @"`measure` is NaN, expected a finite number");
    let broken = |x: ArrayView2<f32>| -> Array1<f64> { x.column(0).mapv(|v| f64::from(v).ln()) };
    insta::assert_snapshot!(permutation_importance(&broken, &rows(), &measure).unwrap_err(), @"`scores` is NaN for row 0, expected finite numbers");
    insta::assert_snapshot!(permutation_importance(&function, &Array2::zeros((0, 4)), &measure).unwrap_err(), @"`x` has shape (0, 4), expected (n, columns) with n and columns at least 1");
}
