//! Real sequences shuffled around their motifs.

use crate::data;
use genolens::motif::{self, Motif, Motifs, Scan};
use genolens::random::Seed;
use genolens::sequence::{self, Sequences};
use genolens::simulate::{self, Enrichment, Grammar, Realistic};
use proptest::prelude::*;

fn ets() -> Motifs {
    [Motif::from_consensus("ETS", "ACCGGAAGT").unwrap()]
        .into_iter()
        .collect()
}

/// Random sequences, most of them with the motif.
fn peaks(seed: u64) -> Sequences {
    let grammar = Grammar::new().motifs(&ets()).length(60).planted(1..=2);
    let peaks = grammar.positives(0.8).seed(seed).run(30).unwrap();
    peaks.sequences()
}

fn pairs(text: &str) -> Vec<usize> {
    let letters = ["A", "C", "G", "T"];
    let count = |pair: String| {
        (0..text.len() - 1)
            .filter(|&i| text[i..i + 2] == pair)
            .count()
    };
    let all = letters
        .iter()
        .flat_map(|a| letters.iter().map(move |b| format!("{a}{b}")));
    all.map(count).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn instances_stand_where_they_stood(seed in any::<u64>()) {
        let peaks = peaks(seed);
        let hits = motif::scan(&ets(), &peaks).unwrap();
        let kept: Vec<usize> = (0..30).filter(|&row| !hits.of(row).is_empty()).collect();
        let data = Realistic::new().seed(seed).run(&peaks, &ets()).unwrap();
        prop_assert_eq!(data.sequences().len(), 2 * kept.len());
        prop_assert_eq!(data.labels().sum(), kept.len() as f32);
        for (row, &peak) in kept.iter().enumerate() {
            let (truth, own) = (data.truth().of(row), hits.of(peak));
            prop_assert_eq!(truth.len(), own.len());
            for k in 0..truth.len() {
                let (plant, hit) = (truth.get(k), own.get(k));
                prop_assert_eq!((plant.start, plant.end, plant.reverse), (hit.start, hit.end, hit.reverse));
                let made = data.sequences().text(row)[plant.start..plant.end].to_owned();
                prop_assert_eq!(made, &peaks.text(peak)[hit.start..hit.end]);
            }
        }
    }
}

#[test]
fn letters_and_pairs_do_not_tell_the_classes_apart() {
    let peaks = peaks(1);
    let data = simulate::realistic(&peaks, &ets()).unwrap();
    let n = data.labels().sum() as usize;
    // Outside what was put in, a positive has nearly the pairs of its peak: they differ only by what the instance overwrote.
    let hits = motif::scan(&ets(), &peaks).unwrap();
    let kept: Vec<usize> = (0..30).filter(|&row| !hits.of(row).is_empty()).collect();
    for (row, &peak) in kept.iter().enumerate() {
        let (made, real) = (pairs(data.sequences().text(row)), pairs(peaks.text(peak)));
        let moved: usize = made.iter().zip(&real).map(|(a, b)| a.abs_diff(*b)).sum();
        assert!(moved <= 2 * 10 * hits.of(peak).len(), "{moved}");
        assert_ne!(data.sequences().text(row), peaks.text(peak));
    }
    // The background of a negative is that of some positive.
    for row in n..2 * n {
        if data.truth().of(row).is_empty() {
            let own = pairs(data.sequences().text(row));
            assert!(kept.iter().any(|&peak| pairs(peaks.text(peak)) == own));
        }
    }
    let share = |rows: std::ops::Range<usize>| {
        let rows: Vec<usize> = rows.collect();
        data.select(&rows).unwrap().sequences().composition()
    };
    let difference = share(0..n) - share(n..2 * n);
    assert!(difference.iter().all(|d| d.abs() < 0.05), "{difference}");
}

#[test]
fn negatives_bring_their_own_instances() {
    let (peaks, others) = (peaks(2), peaks(3));
    let options = Realistic::new().negatives(&others).without_motif(true);
    let data = options.run(&peaks, &ets()).unwrap();
    assert_eq!((data.sequences().len(), data.labels().sum()), (60, 30.0));
    let hits = motif::scan(&ets(), &others).unwrap();
    for row in 0..30 {
        let (truth, own) = (data.truth().of(30 + row), hits.of(row));
        assert_eq!(truth.len(), own.len());
        for k in 0..own.len() {
            let (plant, hit) = (truth.get(k), own.get(k));
            assert_eq!(plant.start, hit.start);
            assert_eq!(
                &data.sequences().text(30 + row)[plant.start..plant.end],
                &others.text(row)[hit.start..hit.end]
            );
        }
    }
}

#[test]
fn some_labels_can_be_wrong() {
    let clean = simulate::realistic(&peaks(7), &ets()).unwrap();
    let wrong = |chance, seed: u64| {
        let noisy = clean.label_noise(chance, seed).unwrap();
        // Nothing else changes.
        assert_eq!(
            (noisy.sequences(), noisy.truth()),
            (clean.sequences(), clean.truth())
        );
        (clean.labels() - noisy.labels()).mapv(f32::abs).sum()
    };
    let n = clean.labels().len() as f32;
    assert_eq!(wrong(0.0, 0), 0.0);
    // 40 draws of about 50 labels: 200 wrong ones, give or take 13.
    let share = (0..40).map(|seed| wrong(0.1, seed)).sum::<f32>() / (40.0 * n);
    assert!((share - 0.1).abs() < 0.03, "{share}");
    assert_eq!(wrong(0.5, 3), wrong(0.5, 3));
    for chance in [-0.1, 0.6, f64::NAN] {
        let error = clean.label_noise(chance, 0).unwrap_err().to_string();
        assert_eq!(error, format!("`chance` is {chance}, expected 0 to 0.5"));
    }
}

#[test]
fn threads_do_not_change_a_byte() {
    let pool = |threads| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
    };
    let run = || simulate::realistic(&peaks(4), &ets()).unwrap();
    let (a, b) = (pool(1).install(run), pool(5).install(run));
    assert_eq!((a.sequences(), a.truth()), (b.sequences(), b.truth()));
    let other = Realistic::new()
        .seed(Seed::new(9))
        .run(&peaks(4), &ets())
        .unwrap();
    assert_ne!(a.sequences(), other.sequences());
}

#[test]
fn a_selection_keeps_its_truth() {
    let data = simulate::realistic(&peaks(5), &ets()).unwrap();
    let some = data.select(&[7, 0, 7]).unwrap();
    assert_eq!(some.sequences().text(1), data.sequences().text(0));
    assert_eq!(some.mask().row(2), data.mask().row(7));
    assert_eq!(some.truth().of(1).len(), data.truth().of(0).len());
    assert_eq!(some.labels()[0], data.labels()[7]);
    let many = data.sequences().len();
    let error = data.select(&[many]).unwrap_err().to_string();
    assert!(error.starts_with("`indices` is"), "{error}");
}

#[test]
fn careless_calls_are_told() {
    let peaks = peaks(6);
    let tell = |options: Realistic, peaks: &Sequences| options.run(peaks, &ets()).unwrap_err();
    let ragged = Sequences::dna(["ACGT", "ACG"]).unwrap();
    insta::assert_snapshot!(tell(Realistic::new(), &ragged), @"`sequence seq2 (number 2)` is 3 long, expected 4 letters as in `seq1`, the first one");
    let bare = Sequences::dna(["AAAAAAAAAAAAAAAA"]).unwrap();
    insta::assert_snapshot!(tell(Realistic::new(), &bare), @"`motifs` is none found, expected motifs of which a positive has an instance");
    insta::assert_snapshot!(tell(Realistic::new().negatives(&bare), &peaks), @"`negatives` is DNA of length 16, expected DNA of length 60 as the positives");
    insta::assert_snapshot!(tell(Realistic::new().scan(Scan::new().p(2.0)), &peaks), @"`p` is 2, expected above 0, to 1");
    let none = Sequences::dna([""; 0]).unwrap();
    insta::assert_snapshot!(tell(Realistic::new(), &none), @"`sequences` is empty, expected one sequence or more");
    insta::assert_snapshot!(Enrichment::new().ratio(f64::NAN).run(&peaks, &peaks, &ets()).unwrap_err(), @"`ratio` is NaN, expected a number");
}

#[test]
fn enriched_motifs_are_those_of_the_positives() {
    let known = simulate::known_motifs();
    let planted = Grammar::new()
        .motifs(&known.select(&[0]).unwrap())
        .positives(1.0);
    let positives = planted.run(300).unwrap().sequences();
    let negatives = Grammar::new()
        .positives(0.0)
        .seed(1)
        .run(300)
        .unwrap()
        .sequences();
    let enrichment = Enrichment::new().hits(100);
    let found = enrichment.run(&positives, &negatives, &known).unwrap();
    assert_eq!(found.motifs().len(), 1);
    assert_eq!(found.motifs().get(0).name(), "ETS");
    // The ratio of a motif, by hand.
    let hits = |x: &Sequences| {
        let hits = motif::scan(&known.select(&[0]).unwrap(), x).unwrap();
        let weight = |k: usize| {
            let start = hits.get(k).start as f64;
            (50.5 - (50.5 - start).abs()).powi(2)
        };
        (0..hits.len()).map(weight).sum::<f64>()
    };
    let table = found.table().unwrap();
    let ratio = table
        .column("ratio")
        .unwrap()
        .f64()
        .unwrap()
        .get(0)
        .unwrap();
    assert!((ratio / (hits(&positives) / hits(&negatives)) - 1.0).abs() < 1e-9);
    // Against itself nothing is enriched.
    let none = enrichment.run(&positives, &positives, &known).unwrap();
    assert!(none.motifs().is_empty());
}

#[test]
fn real_peaks_choose_their_motifs() {
    let (Some(known), Some(peaks)) = (
        data::file("motifs/JASPAR2024.meme"),
        data::file("encode/GABPA_B.seq.gz"),
    ) else {
        return;
    };
    let known = motif::open(known).unwrap();
    let names = ["MA0062.4", "MA0139.2", "MA0035.5"];
    let known: Motifs = names.iter().map(|name| known.find(name).unwrap()).collect();
    let peaks = sequence::open_peaks(peaks).unwrap();
    let rows = |bound: f32| -> Vec<usize> {
        (0..peaks.len())
            .filter(|&row| peaks.bound()[row] == bound)
            .collect()
    };
    let all = peaks.sequences();
    let (bound, unbound) = (
        all.select(&rows(1.0)).unwrap(),
        all.select(&rows(0.0)).unwrap(),
    );
    let found = Enrichment::new()
        .hits(100)
        .run(&bound, &unbound, &known)
        .unwrap();
    assert_eq!(found.motifs().len(), 1);
    let options = Realistic::new().negatives(&unbound);
    let data = options.run(&bound, &found.motifs()).unwrap();
    let covered = data.mask().sum_axis(genolens::ndarray::Axis(1));
    let positives = data.labels().sum() as usize;
    assert!(positives > 200 && (0..positives).all(|row| covered[row] >= 8.0));
}
