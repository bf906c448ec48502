//! Hold-outs: what is in them, and that training keeps to them.

use genolens::ndarray::{Array1, Array2};
use genolens::network::Architecture;
use genolens::training::{Arrays, Fit, HoldOut, Loss, Split, hold_out, hold_out_groups};
use proptest::prelude::*;

proptest! {
    #[test]
    fn every_class_is_held_out_in_the_same_share(
        labels in proptest::collection::vec(0_u8..3, 10..200),
        share in 0.2_f64..0.8,
        seed in any::<u64>(),
    ) {
        let n = labels.len();
        let classes: Vec<f32> = labels.iter().map(|&class| f32::from(class)).collect();
        let split = HoldOut::new().share(share).seed(seed).run(&classes).unwrap();
        let mut all = [split.train(), split.test()].concat();
        all.sort_unstable();
        prop_assert_eq!(all, (0..n).collect::<Vec<_>>());
        for class in 0..3 {
            let of = |rows: &[usize]| rows.iter().filter(|&&row| labels[row] == class).count();
            let expected = (of(split.train()) + of(split.test())) as f64 * share;
            prop_assert!((of(split.test()) as f64 - expected).abs() <= 0.5 + 1e-9);
        }
    }
}

#[test]
fn groups_stay_together() {
    let groups: Vec<String> = (0..60).map(|i| format!("chr{}", i % 6 + 1)).collect();
    let split = hold_out_groups(&groups, &["chr2", "chr5"]).unwrap();
    assert_eq!(split.test().len(), 20);
    assert!(split.test().iter().all(|row| row % 6 == 1 || row % 6 == 4));
    assert_eq!(split.train().len(), 40);
    insta::assert_snapshot!(hold_out_groups(&groups, &["chr7"]).unwrap_err(), @"`held_out` is chr7, expected one of chr1, chr2, chr3, chr4, chr5, chr6");
    let all = ["chr1", "chr2", "chr3", "chr4", "chr5", "chr6"];
    insta::assert_snapshot!(hold_out_groups(&groups, &all).unwrap_err(), @"`train` is none, expected at least 1 row");
}

/// Examples outside the split are poison: nothing may be read from them.
#[test]
fn training_reads_nothing_outside_its_split() {
    let x = Array2::from_shape_fn((40, 2), |(i, j)| ((i * 7 + j * 3) % 10) as f32);
    let labels = Array1::from_shape_fn(40, |i| (i % 3) as f32);
    let mut poisoned = labels.clone();
    poisoned.slice_mut(genolens::ndarray::s![30..]).fill(1e9);
    let network = Architecture::features(2).dense(1).build().unwrap();
    let fitting = Fit::new().loss(Loss::SquaredError).epochs(3);
    let split = Split::new(&(0..20).collect::<Vec<_>>(), &(20..30).collect::<Vec<_>>()).unwrap();
    let known: Vec<usize> = (0..30).collect();
    for fitting in [fitting.clone().split(&split), fitting.clone().rows(&known)] {
        let clean = fitting.run(&network, &x, &labels).unwrap();
        let other = fitting.run(&network, &x, &poisoned).unwrap();
        assert_eq!(clean.history(), other.history());
    }
    let history = fitting
        .clone()
        .split(&split)
        .run(&network, &x, &labels)
        .unwrap();
    assert!(history.history().validation_loss()[0].is_finite());
    let far = fitting
        .rows(&[3, 40])
        .run(&network, &x, &labels)
        .unwrap_err();
    insta::assert_snapshot!(far, @"`split` is 40, expected rows below 40, the number of examples");
}

#[test]
fn what_makes_no_sense_is_named() {
    let labels = Array1::<f32>::zeros(4);
    insta::assert_snapshot!(HoldOut::new().share(1.0).run(&labels).unwrap_err(), @"`share` is 1, expected above 0 to below 1");
    insta::assert_snapshot!(HoldOut::new().share(0.01).run(&labels).unwrap_err(), @"`share` is 0.01, expected one that splits 4 examples in two");
    insta::assert_snapshot!(hold_out(&Array1::<f32>::zeros(0)).unwrap_err(), @"`labels` has shape (0), expected (n) or (n, tasks), n at least 2");
    insta::assert_snapshot!(Split::new(&[1, 2], &[2]).unwrap_err(), @"`test` is row 2 in both, expected rows that are not in `train`");
    let arrays = Arrays::new(&Array2::<f32>::zeros((4, 2)), &labels).unwrap();
    insta::assert_snapshot!(arrays.groups(&["chr1"]).unwrap_err(), @"`groups` is 1, expected 4 names, one per example");
}
