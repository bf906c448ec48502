//! Motif matrices: golden numbers of logomaker and Biopython, and what must hold for any motif.

use genolens::motif::Motif;
use genolens::ndarray::{Array1, Array2, array};
use genolens::sequence::{Alphabet, Sequences};
use proptest::prelude::*;

const GOLDEN: &str = include_str!("../../golden/motif/matrices.tsv");

#[test]
fn matrices_agree_with_logomaker_and_consensus_with_biopython() {
    let rows: Vec<Vec<&str>> = GOLDEN
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    for which in 0..6 {
        let rows: Vec<&Vec<&str>> = rows
            .iter()
            .filter(|row| row[0] == which.to_string())
            .collect();
        let block = |from: usize| {
            Array2::from_shape_fn((rows.len(), 4), |(i, j)| {
                rows[i][from + j].parse::<f64>().unwrap()
            })
        };
        let background = if which % 2 == 1 {
            array![0.3, 0.2, 0.2, 0.3]
        } else {
            Array1::from_elem(4, 0.25)
        };
        let motif = Motif::from_counts("m", &block(2))
            .unwrap()
            .with_background(&background)
            .unwrap();
        let close =
            |a: &Array2<f64>, b: &Array2<f64>| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 2e-9);
        assert!(
            close(&motif.weight(), &block(6)),
            "weights of motif {which}"
        );
        let smoothed = Motif::from_probabilities("s", &motif.smoothed(1.0)).unwrap();
        let heights = smoothed
            .with_background(&background)
            .unwrap()
            .information_matrix();
        assert!(close(&heights, &block(10)), "information of motif {which}");
        let consensus: String = rows.iter().map(|row| row[14]).collect();
        assert_eq!(motif.consensus(), consensus);
    }
}

#[test]
fn information_is_zero_for_noise_and_two_bits_for_certainty() {
    let motif =
        Motif::from_counts("m", &array![[5.0, 5.0, 5.0, 5.0], [0.0, 20.0, 0.0, 0.0]]).unwrap();
    assert_eq!(motif.information().to_vec(), [0.0, 2.0]);
    // 2 - 3 / (2 ln 2 * 20), Schneider's correction by hand.
    let corrected = motif.corrected_information();
    assert_eq!(corrected[0], 0.0);
    assert!((corrected[1] - 1.891_797).abs() < 1e-6);
    assert_eq!(motif.sites(), 20.0);
    assert_eq!(motif.weight_with(0.0)[[1, 0]], f64::NEG_INFINITY);
    assert_eq!(motif.trim(0.5).consensus(), "C");
    assert_eq!(motif.trim(9.0).consensus(), "C");
}

#[test]
fn windows_are_counted_with_their_weights() {
    let windows = Sequences::dna(["AC", "AN", "TC"]).unwrap();
    let motif = Motif::from_weighted("m", &windows, &array![1.0, 2.0, 1.0]).unwrap();
    assert_eq!(
        motif.counts(),
        array![[3.0, 0.0, 0.0, 1.0], [0.5, 2.5, 0.5, 0.5]]
    );
    let rna = Sequences::new(Alphabet::Rna, [("a", "UG")]).unwrap();
    assert_eq!(Motif::from_sequences("m", &rna).unwrap().consensus(), "UG");
    insta::assert_snapshot!(format!("{motif:?}"), @"Motif(m, positions = 2, AC)");
}

#[test]
fn bad_matrices_are_named() {
    let tell = |counts: Array2<f64>| Motif::from_counts("m", &counts).unwrap_err();
    insta::assert_snapshot!(tell(Array2::zeros((3, 5))), @"`counts` has shape (3, 5), expected (positions, 4 or 20)");
    insta::assert_snapshot!(tell(Array2::zeros((0, 4))), @"`counts` has shape (0, 4), expected (1 or more, letters)");
    insta::assert_snapshot!(tell(array![[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]), @"`sum of position 2 of m` is 0, expected more than 0");
    insta::assert_snapshot!(tell(array![[1.0, -1.0, 0.0, 0.0]]), @"`C at position 1 of m` is -1, expected 0 or more");
    insta::assert_snapshot!(tell(array![[1.0, f64::NAN, 0.0, 0.0]]), @"`C at position 1 of m` is NaN, expected 0 or more");
    insta::assert_snapshot!(Motif::from_probabilities("m", &array![[0.5, 0.5, 0.5, 0.0]]).unwrap_err(), @"`sum of position 1 of m` is 1.5, expected 1");
    insta::assert_snapshot!(Motif::from_consensus("m", "ACJ").unwrap_err(), @"`consensus` is `J`, expected IUPAC codes");
    insta::assert_snapshot!(Motif::from_consensus("m", "").unwrap_err(), @"`consensus` is empty, expected IUPAC codes");
    let windows = Sequences::dna(["ACG", "AC"]).unwrap();
    insta::assert_snapshot!(Motif::from_sequences("m", &windows).unwrap_err(), @"`sequence seq2 (number 2)` is 2 long, expected 3 letters as in `seq1`, the first one");
    insta::assert_snapshot!(Motif::from_weighted("m", &windows, &array![1.0]).unwrap_err(), @"`weights` has shape (1), expected (2,)");
}

pub(super) fn any_counts() -> impl Strategy<Value = Array2<f64>> {
    (1..15_usize).prop_flat_map(|width| {
        prop::collection::vec(0..30_u32, width * 4).prop_map(move |mut cells| {
            for row in cells.chunks_mut(4) {
                row[0] += u32::from(row.iter().all(|&count| count == 0));
            }
            Array2::from_shape_vec((width, 4), cells.into_iter().map(f64::from).collect()).unwrap()
        })
    })
}

proptest! {
    #[test]
    fn opposite_strand_twice_is_the_motif(counts in any_counts()) {
        let motif = Motif::from_counts("m", &counts).unwrap().with_background(&array![0.1, 0.2, 0.3, 0.4]).unwrap();
        let there = motif.reverse_complement().unwrap();
        prop_assert!((there.total_information() - motif.total_information()).abs() < 1e-9);
        prop_assert_eq!(there.reverse_complement().unwrap(), motif);
    }

    #[test]
    fn consensus_turns_with_the_strand(codes in "[ACGTRYSWKMBDHVN]{1,12}") {
        let motif = Motif::from_consensus("m", &codes).unwrap();
        prop_assert_eq!(motif.consensus(), codes.clone());
        let turned: String = codes.bytes().rev().map(|code| {
            let place = b"ACGTRYSWKMBDHVN".iter().position(|&other| other == code).unwrap();
            char::from(b"TGCAYRSWMKVHDBN"[place])
        }).collect();
        prop_assert_eq!(motif.reverse_complement().unwrap().consensus(), turned);
    }

    #[test]
    fn probabilities_sum_to_one(counts in any_counts(), pseudocount in 0.01..5.0_f64) {
        let motif = Motif::from_counts("m", &counts).unwrap();
        for row in motif.probability().rows().into_iter().chain(motif.smoothed(pseudocount).rows()) {
            prop_assert!((row.sum() - 1.0).abs() < 1e-12);
        }
        prop_assert!(motif.information().iter().all(|&bits| (0.0..=2.0 + 1e-12).contains(&bits)));
        prop_assert!(motif.counts().iter().zip(&counts).all(|(a, b)| (a - b).abs() < 1e-9));
    }
}
