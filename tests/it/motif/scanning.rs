//! Scans against the scores and chances of all words.

use crate::data;
use genolens::motif::{self, Motif, Motifs, Scan};
use genolens::ndarray::{Array2, array};
use genolens::sequence::{self, Alphabet, Sequences};
use proptest::prelude::*;

fn one(motif: Motif) -> Motifs {
    [motif].into_iter().collect()
}

/// A motif of five positions with a background that is not flat.
fn uneven() -> Motif {
    let counts: Array2<f64> = array![
        [9.0, 1.0, 0.0, 2.0],
        [0.0, 12.0, 0.0, 0.0],
        [3.0, 3.0, 3.0, 3.0],
        [1.0, 0.0, 10.0, 1.0],
        [0.0, 2.0, 4.0, 6.0]
    ];
    let motif = Motif::from_counts("uneven", &counts).unwrap();
    motif.with_background(&array![0.3, 0.2, 0.2, 0.3]).unwrap()
}

/// All words of five letters, with the log-odds of each and its chance in the background.
fn words(motif: &Motif) -> Vec<(String, f64, f64)> {
    let background = motif.background();
    let counts = motif.counts() + &(background * 0.1);
    let weight = |position: usize, letter: usize| {
        let row = counts.row(position);
        (row[letter] / row.sum() / background[letter]).log2()
    };
    let word = |number: usize| {
        let letters: Vec<usize> = (0..5).map(|at| number >> (2 * at) & 3).collect();
        let text = letters.iter().map(|&l| char::from(b"ACGT"[l])).collect();
        let score = letters.iter().enumerate().map(|(p, &l)| weight(p, l)).sum();
        let chance = letters.iter().map(|&l| background[l]).product();
        (text, score, chance)
    };
    (0..1024).map(word).collect()
}

#[test]
fn scores_and_chances_are_those_of_all_words() {
    let motif = uneven();
    let words = words(&motif);
    let texts = Sequences::dna(words.iter().map(|(text, ..)| text.as_str())).unwrap();
    let all = Scan::new().p(1.0).both_strands(false);
    let hits = all.run(&one(motif.clone()), &texts).unwrap();
    assert_eq!(hits.len(), 1024);
    let spread = words.iter().map(|word| word.1);
    let range = spread.clone().fold(f64::MIN, f64::max) - spread.fold(f64::MAX, f64::min);
    let step = range / 1000.0;
    for (index, (text, score, _)) in words.iter().enumerate() {
        let hit = hits.get(index);
        // Every weight is rounded to a step.
        assert!((hit.score - score).abs() <= 2.5 * step, "{text}");
        let tail = |from: f64| -> f64 {
            words
                .iter()
                .filter(|other| other.1 >= from)
                .map(|other| other.2)
                .sum()
        };
        // Rounding may move words across, but no further than all weights together.
        assert!(hit.p <= tail(score - 5.0 * step) + 1e-9, "{text}");
        assert!(hit.p >= tail(score + 5.0 * step) - 1e-9, "{text}");
    }
    let few = Scan::new().p(0.01).both_strands(false);
    let few = few.run(&one(motif), &texts).unwrap();
    let expected = (0..1024).filter(|&i| hits.get(i).p <= 0.01).count();
    assert!(few.len() == expected && expected > 0);
    assert!((0..few.len()).all(|i| few.get(i).p <= 0.01));
}

#[test]
fn both_strands_are_found_where_they_are() {
    let ets = one(Motif::from_consensus("ETS", "ACCGGAAGT").unwrap());
    let texts = Sequences::dna(["TTACCGGAAGTTT", "ACTTCCGGTACTTCCGGT", "TTTTTTTTTTTTTT"]).unwrap();
    let hits = motif::scan(&ets, &texts).unwrap();
    let places: Vec<_> = (0..hits.len())
        .map(|i| hits.get(i))
        .map(|hit| (hit.sequence, hit.start, hit.end, hit.reverse))
        .collect();
    assert_eq!(
        places,
        [(0, 2, 11, false), (1, 0, 9, true), (1, 9, 18, true)]
    );
    assert_eq!(hits.of(1).len(), 2);
    assert_eq!(hits.table().unwrap().shape(), (3, 7));
    let forward = Scan::new().both_strands(false).run(&ets, &texts).unwrap();
    assert_eq!(forward.len(), 1);
    // A window with an unknown letter is no hit, and neither is one beyond the end.
    let unknown = Sequences::dna(["ACCGNAAGT", "CCGGAAGT"]).unwrap();
    assert!(motif::scan(&ets, &unknown).unwrap().is_empty());
    insta::assert_snapshot!(format!("{hits:?}"), @"Hits(n = 3, motifs = 1)");
}

#[test]
fn peaks_have_their_motif() {
    let (Some(known), Some(peaks)) = (
        data::file("motifs/JASPAR2024.meme"),
        data::file("encode/GABPA_B.seq.gz"),
    ) else {
        return;
    };
    let gabpa = one(motif::open(known).unwrap().find("MA0062.4").unwrap());
    let peaks = sequence::open_peaks(peaks).unwrap();
    let hits = motif::scan(&gabpa, &peaks.sequences()).unwrap();
    let with = |bound: f32| {
        let rows = (0..peaks.len()).filter(|&row| peaks.bound()[row] == bound);
        rows.filter(|&row| !hits.of(row).is_empty()).count()
    };
    // Of 500 peaks and 500 shuffled ones.
    assert!(
        with(1.0) > 4 * with(0.0) && with(1.0) > 200,
        "{}, {}",
        with(1.0),
        with(0.0)
    );
}

#[test]
fn careless_scans_are_told() {
    let texts = Sequences::dna(["ACGT"]).unwrap();
    let tell = |scan: Scan| scan.run(&one(uneven()), &texts).unwrap_err();
    insta::assert_snapshot!(tell(Scan::new().p(0.0)), @"`p` is 0, expected above 0, to 1");
    insta::assert_snapshot!(tell(Scan::new().p(f64::NAN)), @"`p` is NaN, expected above 0, to 1");
    insta::assert_snapshot!(tell(Scan::new().pseudocount(0.0)), @"`pseudocount` is 0, expected a number above 0");
    let none: Motifs = [].into_iter().collect();
    insta::assert_snapshot!(motif::scan(&none, &texts).unwrap_err(), @"`motifs` is empty, expected one motif or more");
    let rna = one(uneven().to_rna());
    insta::assert_snapshot!(motif::scan(&rna, &texts).unwrap_err(), @"`motifs` is RNA in uneven, expected DNA motifs as the sequences are");
    // A motif that says nothing is everywhere, or nowhere.
    let flat = one(Motif::from_consensus("flat", "NN").unwrap());
    assert!(motif::scan(&flat, &texts).unwrap().is_empty());
    assert_eq!(Scan::new().p(1.0).run(&flat, &texts).unwrap().len(), 6);
    let empty = Sequences::new(Alphabet::Dna, [("", ""); 0]).unwrap();
    assert!(motif::scan(&flat, &empty).unwrap().is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_other_strand_has_the_same_hits(text in "[ACGT]{5,60}") {
        let (motif, forward) = (one(uneven()), Sequences::dna([text.as_str()]).unwrap());
        let scan = Scan::new().p(0.05);
        // The background is the same on both strands, so that chances are, too.
        let hits = scan.run(&motif, &forward).unwrap();
        let others = scan.run(&motif, &forward.reverse_complement().unwrap()).unwrap();
        prop_assert_eq!(hits.len(), others.len());
        for i in 0..hits.len() {
            let hit = hits.get(i);
            let found = (0..others.len()).map(|k| others.get(k)).any(|other| {
                other.start == text.len() - hit.end && other.reverse != hit.reverse && (other.score - hit.score).abs() < 1e-9
            });
            prop_assert!(found);
        }
    }
}
