//! Several sources as one, and shuffles as negatives.

use super::folder::{letters, text};
use genolens::ndarray::{Array1, Array2, Array3, array};
use genolens::random::Seed;
use genolens::sequence::Sequences;
use genolens::stream::{Joined, Shuffled};
use genolens::training::{Arrays, Source};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn peaks(n: usize) -> Arrays {
    let texts = (0..n).map(|i| letters(50, i as u32 + 9));
    let labels = Array1::ones(n);
    Arrays::new(&Sequences::dna(texts).unwrap(), &labels).unwrap()
}

fn pairs(text: &str) -> BTreeMap<&str, usize> {
    let mut pairs = BTreeMap::new();
    for at in 0..text.len() - 1 {
        *pairs.entry(&text[at..at + 2]).or_default() += 1;
    }
    pairs
}

fn numbers(n: usize, value: f32) -> Arrays {
    let x = Array2::from_shape_fn((n, 2), |(i, j)| value + i as f32 + j as f32 / 2.0);
    Arrays::new(&x, &Array1::from_elem(n, value)).unwrap()
}

#[test]
fn shuffles_keep_pairs_and_change_with_the_epoch() {
    let peaks = peaks(6);
    let shuffled = Shuffled::new(peaks.clone()).unwrap().copies(2).seed(4);
    assert_eq!(shuffled.len(), 12);
    let rows: Vec<usize> = (0..12).collect();
    let order = shuffled.order(&rows, Seed::new(1));
    let next = shuffled.order(&rows, Seed::new(2));
    for row in rows.iter().chain(&order).chain(&next) {
        let (found, truth) = (text(&shuffled, *row), text(&peaks, row % 12 % 6));
        assert_eq!(pairs(&found), pairs(&truth));
        assert_ne!(found, truth);
    }
    // Every negative once, others in each epoch, the same for validation.
    let mut held: Vec<usize> = order.iter().map(|row| row % 12).collect();
    held.sort_unstable();
    assert_eq!(held, rows);
    let row = order[0];
    let again = next.iter().find(|next| *next % 12 == row % 12).unwrap();
    assert_ne!(text(&shuffled, row), text(&shuffled, *again));
    assert_ne!(text(&shuffled, row), text(&shuffled, row % 12));
    assert_eq!(
        shuffled.read(&order).unwrap(),
        shuffled.read(&order).unwrap()
    );
    assert_eq!(order, shuffled.order(&rows, Seed::new(1)));
    let fixed = shuffled.clone().fresh(false);
    assert!(fixed.order(&rows, Seed::new(1)).iter().all(|&row| row < 12));
    assert_eq!(
        shuffled.labels(&order).unwrap(),
        Array1::<f32>::zeros(12).into_dyn()
    );
    insta::assert_snapshot!(Shuffled::new(numbers(3, 1.0)).unwrap_err(), @"`x` has shape (1, 2), expected (n, 4, length)");
}

#[test]
fn unknown_letters_stay_what_they_were() {
    let mut x = Array3::<f32>::zeros((1, 4, 9));
    for position in 0..8 {
        x[[0, position % 3, position]] = 1.0;
    }
    let source = Arrays::new(&x, &array![1.0_f32]).unwrap();
    let batch = Shuffled::new(source).unwrap().read(&[0]).unwrap();
    assert_eq!(batch.x().sum(), 8.0);
    assert!(batch.x().iter().all(|&value| value == 0.0 || value == 1.0));
}

proptest! {
    #[test]
    fn a_join_is_its_parts(rows in prop::collection::vec(0_usize..30, 1..50)) {
        let parts = [numbers(7, 0.0), numbers(20, 100.0), numbers(3, 1000.0)];
        let [a, b, c] = parts.clone();
        let joined = Joined::new(a).unwrap().and(b).unwrap().and(c).unwrap();
        let batch = joined.read(&rows).unwrap();
        let labels = joined.labels(&rows).unwrap();
        for (at, &row) in rows.iter().enumerate() {
            let (part, local) = if row < 7 { (0, row) } else if row < 27 { (1, row - 7) } else { (2, row - 27) };
            let alone = parts[part].read(&[local]).unwrap();
            prop_assert_eq!(batch.x()[[at, 1]], alone.x()[[0, 1]]);
            prop_assert_eq!(labels[[at]], alone.labels()[[0]]);
        }
    }

    #[test]
    fn an_order_of_a_join_holds_every_row_once(seed in 0_u64..1000) {
        let joined = Joined::new(peaks(5)).unwrap().and(Shuffled::new(peaks(4)).unwrap()).unwrap();
        let rows = [0, 2, 3, 5, 6, 8];
        let order = joined.order(&rows, Seed::new(seed));
        let mut held: Vec<usize> = order.iter().map(|row| row % 9).collect();
        held.sort_unstable();
        prop_assert_eq!(held, rows);
        // A row with a draw on top is a shuffle of the same sequence.
        for row in order {
            let same = text(&joined, row) == text(&joined, row % 9);
            prop_assert_eq!(same, row % 9 < 5);
        }
    }

    #[test]
    fn every_batch_has_its_shares(seed in 0_u64..1000, few in 1_usize..9, share in 1_u32..9) {
        let share = f64::from(share) / 10.0;
        let joined = Joined::new(numbers(few, 0.0)).unwrap().and(numbers(60, 100.0)).unwrap();
        let joined = joined.shares(&[share, 1.0 - share]).unwrap();
        let rows: Vec<usize> = (0..joined.len()).collect();
        let order = joined.order(&rows, Seed::new(seed));
        prop_assert_eq!(order.len(), rows.len());
        for batch in order.chunks_exact(10) {
            let found = batch.iter().filter(|&&row| row < few).count();
            prop_assert!((found as f64 - 10.0 * share).abs() <= 2.0, "{found} of 10, share {share}");
        }
        // None comes again before all have come.
        let mut counts = vec![0_usize; few];
        for &row in order.iter().filter(|&&row| row < few) {
            counts[row] += 1;
        }
        let (low, high) = (counts.iter().min().unwrap(), counts.iter().max().unwrap());
        prop_assert!(high - low <= 1, "{counts:?}");
    }
}

#[test]
fn weights_and_groups_are_kept() {
    let weighted = numbers(2, 0.0).weights(&array![0.5_f32, 2.0]).unwrap();
    let weighted = weighted.groups(&["chr1", "chr2"]).unwrap();
    let joined = Joined::new(weighted).unwrap().and(numbers(2, 1.0)).unwrap();
    let batch = joined.read(&[3, 1, 0]).unwrap();
    assert_eq!(batch.weights().unwrap(), &array![1.0, 2.0, 0.5].into_dyn());
    assert!(joined.groups().is_none());
    let all = numbers(2, 1.0).groups(&["chr1", "chr3"]).unwrap();
    let joined = Joined::new(all.clone()).unwrap().and(all).unwrap();
    assert_eq!(joined.groups().unwrap(), ["chr1", "chr3", "chr1", "chr3"]);
}

#[test]
fn parts_that_do_not_fit_are_named() {
    let joined = Joined::new(peaks(3)).unwrap();
    insta::assert_snapshot!(joined.clone().and(numbers(2, 1.0)).unwrap_err(), @"`x of source 2` has shape (2, 2), expected (n, 4, 50) as those of the first");
    let tasks = Arrays::new(
        &Array3::<f32>::zeros((2, 4, 50)),
        &Array2::<f32>::ones((2, 3)),
    )
    .unwrap();
    insta::assert_snapshot!(joined.clone().and(tasks).unwrap_err(), @"`labels of source 2` has shape (2, 3), expected (n) as those of the first");
    insta::assert_snapshot!(joined.clone().shares(&[0.5, 0.5]).unwrap_err(), @"`shares` is [0.5, 0.5], expected 1 numbers above 0, one per source");
    insta::assert_snapshot!(joined.shares(&[0.0]).unwrap_err(), @"`shares` is [0.0], expected 1 numbers above 0, one per source");
}
