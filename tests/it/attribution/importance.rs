//! Motifs in null sequences, and pairs of motifs at all distances, against tangermeme and their definitions.

use super::edits::{GOLDEN, TOLERANCE, network, texts};
use super::methods::{smooth, some};
use crate::alone::{Stop, is_alone};
use crate::data;
use crate::device::on_every_device;
use crate::golden::table;
use genolens::attribution::{
    Backgrounds, GlobalImportance, Marginalisation, Spacing, global_importance, marginalisation,
    spacing,
};
use genolens::candle_core::{Device, Tensor};
use genolens::motif::{Motif, Motifs};
use genolens::network::{Model, PublishedDeepBind, predict};
use genolens::progress;
use genolens::sequence::{self, Alphabet, Sequences};
use std::collections::HashMap;

/// One where `GATA` begins three letters after the end of `CC`, on the strand that is given.
struct Pair;

impl Model for Pair {
    fn forward(&self, x: &Tensor) -> genolens::Result<Tensor> {
        let values = x.to_vec3::<f32>()?;
        let is = |x: &[Vec<f32>], from: usize, text: &str| {
            text.bytes().enumerate().all(|(i, letter)| {
                let row = b"ACGT".iter().position(|&known| known == letter);
                letter == b'N' || row.is_some_and(|row| x[row][from + i] == 1.0)
            })
        };
        let score = |x: &Vec<Vec<f32>>| {
            let places = 0..x[0].len() - 8;
            let found = places.filter(|&at| is(x, at, "CCNNNGATA")).count();
            found as f32
        };
        let scores: Vec<f32> = values.iter().map(score).collect();
        Ok(Tensor::from_vec(scores, (values.len(), 1), &Device::Cpu)?)
    }

    fn device(&self) -> &Device {
        &Device::Cpu
    }
}

fn spacings_are_those_of_tangermeme() {
    let (model, x) = (network(), texts("sequence"));
    let options = Spacing::new("TGAC", "GGAAG").gaps(0..=5).orders(false);
    let found = options.strands(false).run(&model, &x).unwrap();
    assert_eq!(found.len(), 6 * 2);
    for gap in [0, 2, 5] {
        let golden = table(GOLDEN, &format!("spaced_{gap}"));
        for output in 0..2 {
            let one = found.get(2 * gap + output);
            assert_eq!((one.gap, one.effect.output), (gap, output));
            let expected = golden.column(output).mean().unwrap();
            assert!((one.effect.mean - expected).abs() < TOLERANCE, "{one:?}");
        }
    }
}

#[test]
fn spacing_finds_the_only_distance_that_counts() {
    let x = Sequences::dna(["T".repeat(40), "A".repeat(40)]).unwrap();
    let found = Spacing::new("GATA", "CC").gaps(0..=9).interaction(true);
    let found = found.run(&Pair, &x).unwrap();
    assert_eq!(found.len(), 2 * 4 * 10);
    for one in found.as_slice() {
        // `CC` comes first, both as they are written.
        let fits = one.gap == 3 && one.arrangement() == "B+ A+";
        assert_eq!(one.effect.mean, f64::from(u8::from(fits)), "{one:?}");
        let interaction = one.interaction.as_ref().unwrap();
        assert_eq!(interaction.mean, one.effect.mean);
    }
    let best = found.best(0).unwrap();
    assert_eq!((best.gap, best.effect.name.as_str()), (3, "CC +3 GATA"));
    assert!(found.best(1).is_none());
    assert_eq!(found.table().unwrap().shape(), (80, 11));
    let drawn = found.curve(0).figure().description();
    assert!(
        drawn.contains("A+ B-") && drawn.contains("B- A-"),
        "{drawn}"
    );
}

fn interactions_are_what_each_alone_lacks() {
    let (model, x) = (smooth(), texts("sequence"));
    let options = Spacing::new("TGAC", "GGAAG").gaps(4..=4).at(2).batch(2);
    let found = options.interaction(true).run(&model, &x).unwrap();
    let mean = |edit: Marginalisation| edit.run(&model, &x).unwrap().mean().get(1).mean;
    // The second on the other strand, in front.
    let one = found
        .as_slice()
        .iter()
        .find(|one| one.swapped && one.reversed == [false, true] && one.effect.output == 1);
    let one = one.unwrap();
    assert_eq!(one.arrangement(), "B- A+");
    let both = mean(Marginalisation::new("CTTCC").and(4, "TGAC").at(2));
    let alone =
        mean(Marginalisation::new("CTTCC").at(2)) + mean(Marginalisation::new("TGAC").at(11));
    assert!((one.effect.mean - both).abs() < 1e-6);
    assert!((one.interaction.as_ref().unwrap().mean - (both - alone)).abs() < 1e-6);
}

fn importance_is_the_mean_effect_in_the_nulls() {
    let (model, x) = (smooth(), texts("sequence"));
    let backgrounds = Backgrounds::dinucleotide_shuffles().count(50).seed(8);
    let options = GlobalImportance::new().backgrounds(backgrounds.clone());
    let options = options.positions(&[2, 15]).both_strands(true);
    let found = options.run(&model, &x, &["TGACTCA", "GGNAG"]).unwrap();
    assert_eq!(found.len(), 2 * 2 * 2 * 2);
    let nulls = backgrounds.run(&x).unwrap();
    for one in found.as_slice() {
        let edit = Marginalisation::new(&one.effect.name).at(one.position);
        let change = edit.reversed(one.reversed).run(&model, &nulls).unwrap();
        let expected = change.mean().get(one.effect.output);
        assert!((one.effect.mean - expected.mean).abs() < 1e-6);
        let odds = one.effect.p / expected.p;
        assert!((odds - 1.0).abs() < 1e-2, "{odds}");
        // By hand.
        let after = predict(&model, change.edited()).unwrap();
        let before = predict(&model, &nulls).unwrap();
        let gap = (&after - &before).mapv(f64::from);
        let gap = gap.column(one.effect.output);
        let mean = gap.mean().unwrap();
        assert!((one.effect.mean - mean).abs() < 1e-7);
        let error = gap.std(1.0) / 50_f64.sqrt();
        assert!((one.effect.standard_error - error).abs() < 1e-7);
        // The value of the t distribution with 49 degrees of freedom.
        assert!((one.effect.high - mean - 2.009_575 * error).abs() < 1e-6);
    }
    // Motifs are measured by the text that they like best.
    let gata = Motif::from_consensus("GATA1", "WGATAR").unwrap();
    let motifs: Motifs = [gata].into_iter().collect();
    let known = options.run_motifs(&model, &x, &motifs).unwrap();
    let text = options.run(&model, &x, &["AGATAA"]).unwrap();
    assert_eq!(known.get(3).effect.mean, text.get(3).effect.mean);
    assert_eq!(known.get(3).effect.name, "GATA1");
    let sorted = found.sorted();
    assert!((1..16).all(|i| sorted.get(i - 1).effect.mean >= sorted.get(i).effect.mean));
    assert_eq!(found.table().unwrap().shape(), (16, 10));
}

#[test]
fn nulls_keep_what_they_promise() {
    let x = Sequences::dna(["AAAACCCCGT", "AAAACGCCTT", "AAAATTCCNT"]).unwrap();
    let pairs = |text: &str| {
        let mut counts = HashMap::new();
        for pair in text.as_bytes().windows(2) {
            *counts.entry(pair.to_vec()).or_insert(0) += 1;
        }
        counts
    };
    let nulls = Backgrounds::dinucleotide_shuffles()
        .count(7)
        .run(&x)
        .unwrap();
    for i in 0..7 {
        assert_eq!(pairs(nulls.text(i)), pairs(x.text(i % 3)));
    }
    let nulls = Backgrounds::profile().count(600).run(&x).unwrap();
    assert!((0..600).all(|i| nulls.text(i).starts_with("AAAA")));
    let fifth = nulls.slice(4..5).unwrap().composition();
    assert_eq!((fifth[0], fifth[2]), (0.0, 0.0));
    assert!((fifth[1] - 2.0 / 3.0).abs() < 0.06, "{fifth}");
    let known = nulls.slice(8..9).unwrap().composition();
    assert!((known[2] - 0.5).abs() < 0.06 && known[0] == 0.0, "{known}");
    let drawn = Backgrounds::composition().count(600).run(&x).unwrap();
    assert!(
        (drawn.composition() - x.composition())
            .iter()
            .all(|d| d.abs() < 0.02)
    );
    let even = Backgrounds::uniform().count(600).run(&x).unwrap();
    assert!(
        even.composition()
            .iter()
            .all(|share| (share - 0.25).abs() < 0.02)
    );
    assert_ne!(even.text(0), even.text(1));
    let again = Backgrounds::uniform().count(2).run(&x).unwrap();
    assert_eq!(again.text(1), even.text(1));
    let other = Backgrounds::uniform().count(2).seed(1).run(&x).unwrap();
    assert_ne!(other.text(1), even.text(1));
}

#[test]
fn the_site_of_the_published_model_is_important() {
    let Some(path) = data::file("deepbind/D00409.004.GABPA.txt") else {
        return;
    };
    let Some(peaks) = data::file("encode/GABPA_B.seq.gz") else {
        return;
    };
    let model = PublishedDeepBind::open(path).unwrap();
    let peaks = sequence::open_peaks(peaks).unwrap().sequences();
    let motifs = ["ACCGGAAGTG", "TGACTCA", "GATAAG", "AGGCGGACTA"];
    let found = GlobalImportance::new()
        .count(100)
        .run(&model, &peaks, &motifs);
    let found = found.unwrap().sorted();
    assert_eq!(found.get(0).effect.name, "ACCGGAAGTG");
    assert!(
        found.get(0).effect.low > 2.0 * found.get(1).effect.high,
        "{found:?}"
    );
}

#[test]
fn careless_questions_are_told() {
    let (model, x) = (smooth(), some());
    let ask = |motifs: &[&str], options: GlobalImportance| {
        options.run(&model, &x, motifs).map(|_| ()).unwrap_err()
    };
    let new = GlobalImportance::new;
    insta::assert_snapshot!(ask(&[], new()), @"`motifs` is empty, expected one or more");
    insta::assert_snapshot!(ask(&["A", ""], new()), @"`motifs` is empty, expected one letter or more");
    insta::assert_snapshot!(ask(&["AXA"], new()), @"`motifs` is `X` at position 2, expected a letter of DNA (ACGT or N)");
    insta::assert_snapshot!(ask(&["ACGTACGTACG"], new()), @"`motifs` is 11 letters, expected at most 10 letters each, as the sequences have");
    insta::assert_snapshot!(ask(&["ACG"], new().positions(&[8])), @"`positions` is 8, expected at most 7 for `ACG` to fit");
    insta::assert_snapshot!(ask(&["ACG"], new().count(0)), @"`count` is 0, expected 1 to 10000000");
    insta::assert_snapshot!(ask(&["ACG"], new().count(usize::MAX)), @"`count` is 18446744073709551615, expected 1 to 10000000");
    insta::assert_snapshot!(ask(&["ACG"], new().batch(0)), @"`batch` is 0, expected at least 1");
    let protein = Sequences::new(Alphabet::Protein, [("p", "MKV")]).unwrap();
    let found = new().both_strands(true).run(&model, &protein, &["M"]);
    insta::assert_snapshot!(found.unwrap_err(), @"`both_strands` is protein, expected sequences of DNA or RNA");
    let rna = Motif::from_consensus("m", "AGAUAA").unwrap().to_rna();
    let rna: Motifs = [rna].into_iter().collect();
    let found = new().run_motifs(&model, &x, &rna);
    insta::assert_snapshot!(found.unwrap_err(), @"`motifs` is RNA, expected DNA, as the sequences are");
    insta::assert_snapshot!(global_importance(&network(), &x, &["A"]).unwrap_err(), @"`x` has shape (64, 4, 10), expected (n, 4, 24)");
    let space = |options: Spacing| options.run(&model, &x).map(|_| ()).unwrap_err();
    let pair = || Spacing::new("ACG", "TT");
    insta::assert_snapshot!(space(pair()), @"`gaps` is 20, expected at most 5, for both motifs to fit into 10 letters");
    insta::assert_snapshot!(space(pair().gaps(0..=usize::MAX)), @"`gaps` is 18446744073709551615, expected at most 5, for both motifs to fit into 10 letters");
    insta::assert_snapshot!(space(pair().gaps(0..=1).at(usize::MAX)), @"`gaps` is 1, expected motifs that fit into 10 letters");
    insta::assert_snapshot!(space(pair().gaps(0..=1).at(5)), @"`gaps` is 1, expected at most 0, for both motifs to fit into 10 letters");
    #[expect(clippy::reversed_empty_ranges, reason = "that is the mistake")]
    let none = 3..=2;
    insta::assert_snapshot!(space(pair().gaps(none)), @"`gaps` is 3..=2, expected one distance or more");
    insta::assert_snapshot!(space(Spacing::new("", "TT").gaps(0..=1)), @"`first` is empty, expected one letter or more");
    insta::assert_snapshot!(space(Spacing::new("A", "U").gaps(0..=1)), @"`second` is `U` at position 1, expected a letter of DNA (ACGT or N)");
    insta::assert_snapshot!(spacing(&model, &x, ("ACGTAC", "ACGTAC")).unwrap_err(), @"`gaps` is 20, expected motifs that fit into 10 letters");
    // One sequence has a mean and no error.
    let one = marginalisation(&model, &x.select(&[0]).unwrap(), "A").unwrap();
    let mean = one.mean().get(0);
    assert!(mean.mean.is_finite() && mean.standard_error.is_nan() && mean.p.is_nan());
}

#[test]
fn edits_stop_when_asked() {
    if !is_alone("attribution::importance::edits_stop_when_asked") {
        return;
    }
    let (model, x) = (smooth(), texts("sequence"));
    for task in [
        "insertions",
        "occlusion",
        "global importance",
        "spacing",
        "TGA",
    ] {
        progress::watch(Stop { task, after: 1 });
        let stopped = match task {
            "insertions" => genolens::attribution::insertion_effects(&model, &x).map(|_| ()),
            "occlusion" => genolens::attribution::occlusion(&model, &x).map(|_| ()),
            "global importance" => {
                let options = GlobalImportance::new().count(9).batch(4);
                options.run(&model, &x, &["A", "C", "G"]).map(|_| ())
            }
            "spacing" => spacing(&model, &x, ("A", "C")).map(|_| ()),
            _ => Marginalisation::new("TGA")
                .batch(1)
                .run(&model, &x)
                .map(|_| ()),
        };
        assert!(stopped.unwrap_err().is_interrupted(), "{task}");
        assert!(!progress::is_interrupted(), "{task}");
    }
}

on_every_device!(
    spacings_are_those_of_tangermeme,
    interactions_are_what_each_alone_lacks,
    importance_is_the_mean_effect_in_the_nulls,
);
