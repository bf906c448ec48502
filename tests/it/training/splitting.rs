//! Hold-outs: what is in them, and that training keeps to them.

use genolens::ndarray::{Array1, Array2};
use genolens::network::Architecture;
use genolens::training::{
    Arrays, Fit, Folds, HoldOut, KFold, Loss, Split, hold_out, hold_out_groups,
};
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
    insta::assert_snapshot!(far, @"`rows` is 40, expected rows below 40, the number of examples");
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

/// Twenty tasks, ever fewer positives, as in `tests/golden/training/strata.py`.
fn many_tasks(n: usize) -> Array2<f32> {
    Array2::from_shape_fn((n, 20), |(i, task)| {
        let noise = (i as f64 * 12.9898 + task as f64 * 78.233).sin() * 43758.5453;
        f32::from(u8::from(noise - noise.floor() < 0.5 / (task + 1) as f64))
    })
}

/// How far the odds of a positive in the folds are from those of all, on average: LD of Sechidis, Tsoumakas and Vlahavas 2011.
fn unevenness(labels: &Array2<f32>, folds: &Folds) -> f64 {
    let odds = |rows: &[usize], task: usize| {
        let ones = rows.iter().map(|&row| labels[[row, task]]).sum::<f32>();
        f64::from(ones) / (rows.len() as f64 - f64::from(ones))
    };
    let all: Vec<usize> = (0..labels.nrows()).collect();
    let (mut sum, mut count) = (0.0, 0.0);
    for fold in 0..folds.len() {
        let test = folds.get(fold).unwrap();
        for task in 0..labels.ncols() {
            sum += (odds(test.test(), task) - odds(&all, task)).abs();
            count += 1.0;
        }
    }
    sum / count
}

#[test]
fn folds_of_several_tasks_are_as_even_as_iterative_stratification_makes_them() {
    let labels = many_tasks(1000);
    let mean = |stratified: bool| {
        let folds = (0..20).map(|seed| {
            let folds = KFold::new(10).stratified(stratified).seed(seed);
            unevenness(&labels, &folds.run(&labels).unwrap())
        });
        folds.sum::<f64>() / 20.0
    };
    let (even, random) = (mean(true), mean(false));
    // The package iterative-stratification 0.1.9 has 0.00415, folds at random have 0.0283.
    assert!(even < 1.1 * 0.004_152, "{even}");
    assert!((random / 0.028_304 - 1.0).abs() < 0.1, "{random}");
    let sizes = KFold::new(10).run(&labels).unwrap();
    for fold in 0..10 {
        let size = sizes.get(fold).unwrap().test().len();
        assert!((95..=105).contains(&size), "{size}");
    }
    let held = hold_out(&labels).unwrap();
    assert!((195..=205).contains(&held.test().len()), "{held}");
    for task in 0..20 {
        let ones = |rows: &[usize]| rows.iter().map(|&row| labels[[row, task]]).sum::<f32>();
        let (test, all) = (ones(held.test()), labels.column(task).sum());
        assert!((test - 0.2 * all).abs() <= 2.0, "{task}: {test} of {all}");
    }
}

proptest! {
    #[test]
    fn the_rarest_of_several_tasks_is_in_every_fold(
        cells in proptest::collection::vec((0_u8..4, 0_u8..9, 0_u8..2), 20..80),
        folds in 2_usize..6,
        seed in any::<u64>(),
    ) {
        // Of the middle task almost everything is positive: its negatives are what counts. Some labels are missing.
        let n = cells.len();
        let labels = Array2::from_shape_fn((n, 3), |(i, task)| match task {
            0 if cells[i].0 == 3 => f32::NAN,
            0 => f32::from(u8::from(cells[i].0 == 0)),
            1 => f32::from(u8::from(cells[i].1 > 0)),
            _ => f32::from(cells[i].2),
        });
        let found = KFold::new(folds).seed(seed).run(&labels).unwrap();
        let mut held = vec![0; n];
        let rare = |task: usize| -> Vec<usize> {
            let of = |class: f32| (0..n).filter(|&row| labels[[row, task]] == class).collect();
            let (ones, zeros): (Vec<usize>, Vec<usize>) = (of(1.0), of(0.0));
            if ones.len() <= zeros.len() { ones } else { zeros }
        };
        let rarest = (0..3).map(rare).filter(|rows| !rows.is_empty()).min_by_key(Vec::len);
        for fold in 0..folds {
            let split = found.get(fold).unwrap();
            split.test().iter().for_each(|&row| held[row] += 1);
            if let Some(rarest) = &rarest {
                let here = split.test().iter().filter(|row| rarest.contains(row)).count();
                prop_assert!(here == rarest.len() / folds || here == rarest.len().div_ceil(folds));
            }
        }
        prop_assert!(held.iter().all(|&count| count == 1));
        prop_assert_eq!(&found, &KFold::new(folds).seed(seed).run(&labels).unwrap());
    }
}

/// Counts have no classes: they are split at random, as before.
#[test]
fn profiles_are_split_at_random() {
    let counts = Array2::from_shape_fn((40, 6), |(i, j)| ((i * j) % 5) as f32);
    let random = HoldOut::new().stratified(false);
    assert_eq!(hold_out(&counts).unwrap(), random.run(&counts).unwrap());
    let tasks = many_tasks(40);
    assert_ne!(hold_out(&tasks).unwrap(), random.run(&tasks).unwrap());
}
