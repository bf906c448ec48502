//! Shuffles: what they keep, and that every outcome has its fair chance.

use genolens::random::Seed;
use genolens::sequence::{Sequences, Shuffle, dinucleotide_shuffle, shuffle};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

type Pairs = BTreeMap<(u8, u8), usize>;

fn pairs(letters: &[u8]) -> Pairs {
    let mut counts = Pairs::new();
    for pair in letters.windows(2) {
        *counts.entry((pair[0], pair[1])).or_default() += 1;
    }
    counts
}

/// All texts with the same pairs and the same first letter, by exhaustive search.
fn all_walks(text: &str) -> BTreeSet<String> {
    fn extend(walk: &mut Vec<u8>, left: &mut Pairs, found: &mut BTreeSet<String>) {
        if left.values().all(|&count| count == 0) {
            found.insert(String::from_utf8(walk.clone()).unwrap());
        }
        let here = *walk.last().unwrap();
        let steps: Vec<(u8, u8)> = left
            .iter()
            .filter(|(pair, count)| pair.0 == here && **count > 0)
            .map(|(pair, _)| *pair)
            .collect();
        for step in steps {
            *left.get_mut(&step).unwrap() -= 1;
            walk.push(step.1);
            extend(walk, left, found);
            walk.pop();
            *left.get_mut(&step).unwrap() += 1;
        }
    }
    let mut found = BTreeSet::new();
    extend(
        &mut vec![text.as_bytes()[0]],
        &mut pairs(text.as_bytes()),
        &mut found,
    );
    found
}

/// How often each text comes in many shuffles of one text.
fn outcomes(kind: Shuffle, text: &str, copies: usize) -> BTreeMap<String, usize> {
    let s = Sequences::dna([text]).unwrap();
    let shuffled = kind.copies(copies).seed(11).run(&s).unwrap();
    let mut counts = BTreeMap::new();
    for i in 0..shuffled.len() {
        *counts.entry(shuffled.text(i).to_string()).or_default() += 1;
    }
    counts
}

/// The probability of a chi-square at least this large (Wilson and Hilferty's normal approximation, good to 1e-3 here).
fn chi_square_tail(statistic: f64, freedom: f64) -> f64 {
    let spread = 2.0 / (9.0 * freedom);
    let z = ((statistic / freedom).cbrt() - (1.0 - spread)) / spread.sqrt();
    // Abramowitz and Stegun 26.2.17.
    let t = 1.0 / (1.0 + 0.231_641_9 * z.abs());
    let tail = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt()
        * t
        * (0.319_381_530
            + t * (-0.356_563_782
                + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
    if z >= 0.0 { tail } else { 1.0 - tail }
}

fn p_of_uniformity(counts: &BTreeMap<String, usize>, all: &BTreeSet<String>) -> f64 {
    let total: usize = counts.values().sum();
    let expected = total as f64 / all.len() as f64;
    let statistic: f64 = all
        .iter()
        .map(|text| (counts.get(text).copied().unwrap_or(0) as f64 - expected).powi(2) / expected)
        .sum();
    chi_square_tail(statistic, all.len() as f64 - 1.0)
}

const SMALL: [&str; 7] = [
    "ACTGACTGACTG",
    "AACAGATAAC",
    "ACGTACGGTCA",
    "AATTAATATA",
    "ANANCANGTNA",
    "GGCATTACCAGT",
    "CCACGCACATC",
];

#[test]
fn the_chi_square_tail_knows_the_table() {
    // 95 % and 99.9 % points of the printed tables.
    for (statistic, freedom, p) in [
        (18.307, 10.0, 0.05),
        (59.703, 30.0, 0.001),
        (124.342, 100.0, 0.05),
    ] {
        assert!((chi_square_tail(statistic, freedom) / p - 1.0).abs() < 0.05);
    }
}

#[test]
fn every_eulerian_walk_is_equally_likely() {
    for text in SMALL {
        let all = all_walks(text);
        let counts = outcomes(Shuffle::dinucleotide(), text, 400 * all.len());
        assert!(
            counts.keys().all(|found| all.contains(found)),
            "{text}: a text that is no walk"
        );
        assert_eq!(counts.len(), all.len(), "{text}: a walk never came");
        if all.len() > 1 {
            let p = p_of_uniformity(&counts, &all);
            assert!(p > 1e-4, "{text}: p = {p} over {} walks", all.len());
        }
    }
}

#[test]
fn the_legacy_shuffle_misses_walks() {
    let mut told = Vec::new();
    for text in ["AACAGATAAC", "ACGTACGGTCA", "AATTAATATA"] {
        let all = all_walks(text);
        let counts = outcomes(Shuffle::legacy_dinucleotide(), text, 400 * all.len());
        assert!(counts.keys().all(|found| all.contains(found)));
        let fair = p_of_uniformity(&counts, &all) > 1e-4;
        told.push(format!(
            "{text}: {} of {} walks, fair: {fair}",
            counts.len(),
            all.len()
        ));
    }
    insta::assert_snapshot!(told.join("\n"), @r"
        AACAGATAAC: 60 of 60 walks, fair: true
        ACGTACGGTCA: 2 of 8 walks, fair: false
        AATTAATATA: 18 of 30 walks, fair: false
    ");
}

#[test]
fn every_order_is_equally_likely() {
    let counts = outcomes(Shuffle::uniform(), "ACGTA", 60_000);
    assert_eq!(counts.len(), 60);
    let all = counts.keys().cloned().collect();
    assert!(p_of_uniformity(&counts, &all) > 1e-4);
}

#[test]
fn shuffles_depend_on_seed_and_place_only() {
    let s = Sequences::dna(["ACGATTAGCAGTCATTGCAAGTC"; 40]).unwrap();
    let here = dinucleotide_shuffle(&s, Seed::new(5));
    let single = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let alone = single.install(|| dinucleotide_shuffle(&s, Seed::new(5)));
    assert_eq!(here, alone);
    assert_ne!(here, dinucleotide_shuffle(&s, Seed::new(6)));
    assert_ne!(here.text(0), here.text(1));
    assert_eq!(here.name(3), "seq4_shuffle1");
    insta::assert_snapshot!(Shuffle::uniform().copies(0).run(&s).unwrap_err(), @"`copies` is 0, expected 1 or more");
}

proptest! {
    #[test]
    fn shuffles_keep_what_they_promise(text in "[ACGTN]{1,60}", seed in any::<u64>()) {
        let s = Sequences::dna([&text]).unwrap();
        let sorted = |letters: &[u8]| { let mut v = letters.to_vec(); v.sort_unstable(); v };
        let any = shuffle(&s, Seed::new(seed));
        prop_assert_eq!(sorted(any.letters(0)), sorted(s.letters(0)));
        for kind in [Shuffle::dinucleotide(), Shuffle::legacy_dinucleotide()] {
            let kept = kind.seed(seed).run(&s).unwrap();
            prop_assert_eq!(pairs(kept.letters(0)), pairs(s.letters(0)));
            prop_assert_eq!(kept.letters(0).first(), s.letters(0).first());
            prop_assert_eq!(kept.letters(0).last(), s.letters(0).last());
        }
    }
}
