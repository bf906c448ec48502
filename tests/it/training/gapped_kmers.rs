//! The gapped k-mer kernel against lists of all gapped k-mers.

use crate::golden::{rows, table};
use genolens::ndarray::{Array2, array};
use genolens::random::Seed;
use genolens::sequence::{Sequences, dinucleotide_shuffle};
use genolens::training::{GappedKmers, KmerFilter};
use std::collections::HashMap;

const GOLDEN: &str = include_str!("../../golden/training/svm.tsv");

/// Pseudo-random letters of which some are unknown.
fn letters(seed: usize, length: usize, unknown: usize) -> String {
    let at = |i: usize| {
        let mixed =
            (i * 2_654_435_761 + seed * 40_503 + (i * seed) % 97).wrapping_mul(2_246_822_519);
        (mixed >> 15) % 1_000_003
    };
    let letter = |i: usize| {
        if unknown > 0 && at(i) % unknown == 0 {
            'N'
        } else {
            ['A', 'C', 'G', 'T'][at(i) / 7 % 4]
        }
    };
    (0..length).map(letter).collect()
}

fn other_strand(text: &str) -> String {
    let pair = |letter| match letter {
        'A' => 'T',
        'C' => 'G',
        'G' => 'C',
        'T' => 'A',
        other => other,
    };
    text.chars().rev().map(pair).collect()
}

/// All choices of so many positions.
fn choices(length: usize, informative: usize) -> Vec<Vec<usize>> {
    let chosen = |mask: &u32| mask.count_ones() as usize == informative;
    let places = |mask: u32| (0..length).filter(|i| mask >> i & 1 == 1).collect();
    (0..1_u32 << length).filter(chosen).map(places).collect()
}

/// Counts every gapped k-mer of a sequence by its positions and letters, each word with its weight.
fn counts(
    text: &str,
    (length, informative, both): (usize, usize, bool),
    weight: &dyn Fn(usize) -> f64,
) -> HashMap<(usize, String), f64> {
    let mut found = HashMap::new();
    let choices = choices(length, informative);
    for start in 0..=text.len() - length {
        let word = text[start..start + length].to_owned();
        let strands = if both {
            vec![other_strand(&word), word]
        } else {
            vec![word]
        };
        for word in strands.iter().filter(|word| !word.contains('N')) {
            for (number, places) in choices.iter().enumerate() {
                let seen = places.iter().map(|&i| word.as_bytes()[i] as char);
                *found.entry((number, seen.collect())).or_insert(0.0) += weight(start);
            }
        }
    }
    found
}

/// The sums of products of counts; both strands of both sequences count every pair of words twice.
fn oracle(
    texts: &[String],
    (length, informative, both): (usize, usize, bool),
    weight: &dyn Fn(usize) -> f64,
) -> Array2<f64> {
    let tables: Vec<_> = texts
        .iter()
        .map(|text| counts(text, (length, informative, both), weight))
        .collect();
    let each = if both { 0.5 } else { 1.0 };
    Array2::from_shape_fn((texts.len(), texts.len()), |(i, j)| {
        let shared = tables[i]
            .iter()
            .map(|(name, count)| count * tables[j].get(name).unwrap_or(&0.0));
        each * shared.sum::<f64>()
    })
}

#[test]
fn sums_are_those_of_a_list_of_all_gapped_kmers() {
    for (length, informative) in [(2, 1), (3, 3), (5, 3), (6, 4), (8, 2), (11, 7)] {
        let texts: Vec<String> = (0..5)
            .map(|seed| letters(seed + length, 31, [0, 9, 0, 23, 5][seed]))
            .collect();
        let x = Sequences::dna(texts.iter().map(String::as_str)).unwrap();
        for both in [false, true] {
            let kernel = GappedKmers::new()
                .length(length)
                .informative(informative)
                .both_strands(both);
            let expected = oracle(&texts, (length, informative, both), &|_| 1.0);
            // Whole numbers, exactly.
            assert_eq!(
                kernel.sums(&x, &x).unwrap(),
                expected,
                "{length} {informative}"
            );
            // Every word counts half as much four letters further from the middle.
            let middle = (31 - length) as f64 / 2.0;
            let weight = |start: usize| {
                let weight = ((start as f64 - middle).abs() / -4.0).exp2() as f32;
                f64::from(weight)
            };
            let expected = oracle(&texts, (length, informative, both), &weight);
            let found = kernel.half_life(4.0).sums(&x, &x).unwrap();
            let off = (&found - &expected).mapv(f64::abs);
            let largest = expected.iter().fold(0.0_f64, |a, &b| a.max(b));
            assert!(off.iter().all(|off| *off <= 1e-13 * largest), "{off}");
        }
    }
}

#[test]
fn kernels_are_those_of_the_script() {
    for case in ["small", "default", "unequal"] {
        let texts = rows(GOLDEN, &format!("{case}.sequences")).remove(0);
        let options = table(GOLDEN, &format!("{case}.options"));
        let kernel = GappedKmers::new()
            .length(options[[0, 0]] as usize)
            .informative(options[[0, 1]] as usize);
        let x = Sequences::dna(texts).unwrap();
        let off = kernel.matrix(&x, &x).unwrap() - table(GOLDEN, &format!("{case}.kernel"));
        assert!(off.iter().all(|off| off.abs() < 1e-13), "{case}");
    }
}

#[test]
fn filters_are_pseudo_inverses() {
    for (length, informative) in [(4, 2), (5, 3), (5, 4)] {
        for (name, filter) in [
            ("estimated", KmerFilter::Estimated),
            ("truncated", KmerFilter::Truncated),
        ] {
            let kernel = GappedKmers::new().length(length).informative(informative);
            let found = kernel.filter(filter).by_distance();
            let golden = table(GOLDEN, &format!("filter.{length}.{informative}.{name}"));
            let off = &found - &golden.row(0);
            assert!(off.iter().all(|off| off.abs() < 1e-12), "{name} {off}");
        }
    }
}

#[test]
fn pairs_that_differ_too_much_are_left_out() {
    let kernel = GappedKmers::new();
    assert_eq!(
        kernel.by_distance().to_vec(),
        [
            330.0, 120.0, 36.0, 8.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        ]
    );
    let x = Sequences::dna(["AAAAAAAAAAA"]).unwrap();
    let y = Sequences::dna(["AAAAAAAAAAA", "CAAACAAAACA", "CAAACACAACA"]).unwrap();
    let plain = kernel.both_strands(false);
    assert_eq!(plain.sums(&x, &y).unwrap(), array![[330.0, 8.0, 1.0]]);
    let strict = plain.mismatches(3);
    assert_eq!(strict.sums(&x, &y).unwrap(), array![[330.0, 8.0, 0.0]]);
}

#[test]
fn a_sequence_is_like_its_other_strand_and_no_other() {
    let texts: Vec<String> = (0..4).map(|seed| letters(seed, 60, 0)).collect();
    let x = Sequences::dna(texts.iter().map(String::as_str)).unwrap();
    let turned: Vec<String> = texts.iter().map(|text| other_strand(text)).collect();
    let turned = Sequences::dna(turned.iter().map(String::as_str)).unwrap();
    let kernel = GappedKmers::new().half_life(20.0);
    let alike = kernel.matrix(&x, &turned).unwrap();
    let shuffled = kernel
        .matrix(&x, &dinucleotide_shuffle(&x, Seed::new(1)))
        .unwrap();
    for i in 0..4 {
        assert!((alike[[i, i]] - 1.0).abs() < 1e-12);
        assert!(shuffled[[i, i]] < 0.5);
    }
    // Without a word there is nothing to share.
    let blank = Sequences::dna(["NNNNNNNNNNNNNNNN"]).unwrap();
    let none = Array2::<f64>::zeros((1, 4));
    assert_eq!(kernel.matrix(&blank, &x).unwrap(), none);
}

#[test]
fn wrong_options_and_shapes_are_explained() {
    let x = Sequences::dna(["ACGTACGTAC"]).unwrap();
    let fail = |kernel: GappedKmers| kernel.matrix(&x, &x).unwrap_err();
    insta::assert_snapshot!(fail(GappedKmers::new()), @"`a` has shape (1, 4, 10), expected (n, 4, length) with n at least 1 and length at least 11");
    insta::assert_snapshot!(fail(GappedKmers::new().length(13)), @"`length` is 13, expected 2 to 12 letters");
    insta::assert_snapshot!(fail(GappedKmers::new().length(6)), @"`informative` is 7, expected 1 to 6, the length of a word");
    insta::assert_snapshot!(fail(GappedKmers::new().half_life(0.0)), @"`half_life` is 0, expected above 0 letters");
    let (flat, short) = (
        Array2::<f32>::zeros((3, 4)),
        GappedKmers::new().length(6).informative(4),
    );
    insta::assert_snapshot!(short.matrix(&x, &flat).unwrap_err(), @"`b` has shape (3, 4), expected (n, 4, length) with n at least 1 and length at least 6");
}
