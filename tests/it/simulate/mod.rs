//! Tests of the room `simulate`.

use genolens::motif::{Motif, Motifs};
use genolens::ndarray::{Array1, s};
use genolens::random::Seed;
use genolens::sequence::{Alphabet, Sequences};
use genolens::simulate::{self, Grammar, Simulated};
use genolens::{network, training};
use proptest::prelude::*;

mod cells;
mod cooperation;
mod digits;
mod points;
mod realistic;
mod recipe;

fn one(consensus: &str) -> Motifs {
    [Motif::from_consensus("m", consensus).unwrap()]
        .into_iter()
        .collect()
}

#[test]
fn the_truth_is_true() {
    let data = Grammar::new()
        .motifs(&one("ACCGGAAGTT"))
        .composition([1.0, 0.0, 0.0, 0.0])
        .planted(1..=3)
        .run(60)
        .unwrap();
    let (sequences, truth, mask) = (data.sequences(), data.truth(), data.mask());
    for i in 0..60 {
        let here = truth.of(i);
        assert_eq!(here.is_empty(), data.labels()[i] == 0.0);
        assert_eq!(data.counts()[[i, 0]], here.len() as f32);
        let mut rest = sequences.letters(i).to_vec();
        for plant in (0..here.len()).map(|k| here.get(k)) {
            let site = &sequences.letters(i)[plant.start..plant.end];
            assert_eq!(
                site,
                if plant.reverse {
                    b"AACTTCCGGT"
                } else {
                    b"ACCGGAAGTT"
                }
            );
            assert_eq!(mask.slice(s![i, plant.start..plant.end]).sum(), 10.0);
            rest[plant.start..plant.end].fill(b'A');
        }
        assert!(
            rest.iter().all(|&letter| letter == b'A'),
            "a letter that nobody put there"
        );
        assert_eq!(mask.row(i).sum(), 10.0 * here.len() as f32);
    }
    let strands = (0..truth.len()).filter(|&i| truth.get(i).reverse).count();
    assert!(strands > truth.len() / 4 && strands < truth.len() * 3 / 4);
    assert_eq!(truth.table().unwrap().shape(), (truth.len(), 6));
    insta::assert_snapshot!(format!("{data:?} {truth:?}"), @"Simulated(Sequences(DNA, n = 60, length = 101), positive = 30, plants = 62) Plants(n = 62)");
}

#[test]
fn a_shuffled_background_keeps_pairs() {
    let sources = Sequences::dna(["ACGCGCGTTTACGATTA", "GGGGGCCCAAATTTACG"]).unwrap();
    let data = Grammar::new()
        .shuffled(&sources)
        .motifs(&one("ACGT"))
        .positives(0.0)
        .run(6)
        .unwrap();
    assert_eq!(data.sequences().length().unwrap(), 17);
    assert!(data.truth().is_empty());
    let count = |s: &str, pair: &str| (0..16).filter(|&i| &s[i..i + 2] == pair).count();
    for i in 0..6 {
        for pair in ["CG", "GC", "TT", "AC"] {
            assert_eq!(
                count(data.sequences().text(i), pair),
                count(sources.text(i % 2), pair)
            );
        }
    }
}

/// The best log-odds of any motif anywhere, what an observer who knows the motifs would score.
fn oracle(data: &Simulated) -> Array1<f64> {
    let motifs = data.motifs();
    let strands: Vec<_> = (0..motifs.len())
        .flat_map(|i| [motifs.get(i), motifs.get(i).reverse_complement().unwrap()])
        .map(|motif| motif.weight_with(0.0))
        .collect();
    let score = |letters: &[u8]| {
        let best = |weight: &genolens::ndarray::Array2<f64>| {
            letters
                .windows(weight.nrows())
                .map(|window| {
                    window
                        .iter()
                        .zip(weight.rows())
                        .map(|(&l, row)| row[Alphabet::Dna.index(l).unwrap()])
                        .sum::<f64>()
                })
                .fold(f64::NEG_INFINITY, f64::max)
        };
        strands.iter().map(best).fold(f64::NEG_INFINITY, f64::max)
    };
    let sequences = data.sequences();
    (0..sequences.len())
        .map(|i| score(sequences.letters(i)))
        .collect()
}

#[test]
fn whoever_knows_the_motifs_tells_the_classes_apart() {
    let data = simulate::motifs(2000, Seed::new(0)).unwrap();
    let scores = oracle(&data);
    let (mut above, mut pairs) = (0.0, 0.0);
    for (&a, _) in scores
        .iter()
        .zip(data.labels())
        .filter(|(_, label)| **label > 0.0)
    {
        for (&b, _) in scores
            .iter()
            .zip(data.labels())
            .filter(|(_, label)| **label == 0.0)
        {
            pairs += 1.0;
            above += if a > b {
                1.0
            } else if a == b {
                0.5
            } else {
                0.0
            };
        }
    }
    let auroc: f64 = above / pairs;
    assert_eq!(pairs, 1_000_000.0);
    assert!(auroc > 0.985, "{auroc}");
    insta::assert_snapshot!(format!("{auroc:.3}"), @"0.998");
}

#[test]
fn threads_do_not_change_a_byte() {
    let single = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let many = rayon::ThreadPoolBuilder::new()
        .num_threads(7)
        .build()
        .unwrap();
    let run = || simulate::motifs(100, Seed::new(4)).unwrap();
    let (a, b) = (single.install(run), many.install(run));
    assert_eq!(
        (a.sequences(), a.truth(), a.labels()),
        (b.sequences(), b.truth(), b.labels())
    );
    assert_ne!(
        a.sequences(),
        simulate::motifs(100, Seed::new(5)).unwrap().sequences()
    );
}

#[test]
fn options_that_make_no_sense_are_named() {
    let tell = |grammar: Grammar| grammar.run(10).unwrap_err();
    insta::assert_snapshot!(simulate::motifs(0, Seed::new(0)).unwrap_err(), @"`n` is 0, expected 1 or more");
    insta::assert_snapshot!(tell(Grammar::new().length(0)), @"`length` is 0, expected 1 or more");
    insta::assert_snapshot!(tell(Grammar::new().length(20)), @"`positions` is 0..20, expected 38 or more to place 2 motifs anywhere");
    insta::assert_snapshot!(tell(Grammar::new().positions(90..102)), @"`positions` is 90..102, expected inside 0..101");
    insta::assert_snapshot!(tell(Grammar::new().positions(90..95)), @"`positions` is 90..95, expected 38 or more to place 2 motifs anywhere");
    insta::assert_snapshot!(tell(Grammar::new().planted(0..=2)), @"`planted` is 0..=2, expected a range from 1 or more");
    insta::assert_snapshot!(tell(Grammar::new().positives(1.5)), @"`positives` is 1.5, expected 0 to 1");
    insta::assert_snapshot!(tell(Grammar::new().composition([0.0; 4])), @"`composition` is [0, 0, 0, 0], expected shares of 0 or more, not all 0");
    insta::assert_snapshot!(tell(Grammar::new().motifs(&[].into_iter().collect())), @"`motifs` is empty, expected one motif or more");
    let ragged = Sequences::dna(["ACGT", "ACG"]).unwrap();
    insta::assert_snapshot!(tell(Grammar::new().shuffled(&ragged)), @"`sequence seq2 (number 2)` is 3 long, expected 4 letters as in `seq1`, the first one");
    let rna = Sequences::new(Alphabet::Rna, [("r", "ACGU".repeat(30))]).unwrap();
    insta::assert_snapshot!(tell(Grammar::new().shuffled(&rna)), @"`motifs` is DNA in ETS, expected RNA motifs as the background is");
}

proptest! {
    #[test]
    fn plants_stay_inside_and_apart(n in 1..20_usize, most in 1..4_usize, start in 0..20_usize, seed in any::<u64>()) {
        let data = Grammar::new().length(120).positions(start..start + 92).planted(1..=most).positives(1.0).seed(seed).run(n).unwrap();
        for i in 0..n {
            let here = data.truth().of(i);
            prop_assert!((1..=most).contains(&here.len()));
            for k in 0..here.len() {
                prop_assert!(here.get(k).start >= start && here.get(k).end <= start + 92);
                prop_assert!(k == 0 || here.get(k - 1).end <= here.get(k).start);
            }
        }
    }
}

#[test]
fn a_small_network_learns_the_default_data() {
    let data = simulate::motifs(2000, Seed::new(0)).unwrap();
    // At 1e-3 the network waits on a plateau for longer than early stopping does.
    let fit = training::Fit::new().learning_rate(3e-3);
    let trained = fit
        .run(&network::deepbind(16), &data.sequences(), data.labels())
        .unwrap();
    let fresh = simulate::motifs(1000, Seed::new(1)).unwrap();
    let scores = network::predict(&trained, &fresh.sequences()).unwrap();
    let auroc = training::auroc(&scores, fresh.labels()).unwrap();
    assert!(auroc > 0.95, "{auroc}");
}
