//! What edits do to the output, against tangermeme and captum, against their definitions, and on real peaks.

use super::methods::{smooth, some};
use crate::data;
use crate::device::on_every_device;
use crate::golden::{assert_near, rows, table};
use genolens::attribution::{
    Ablation, BeforeAndAfter, Fill, GradientXInput, Marginalisation, Occlusion, ablation,
    before_and_after, marginalisation, occlusion,
};
use genolens::candle_core::{Device, Tensor};
use genolens::motif::Motif;
use genolens::ndarray::{Array2, Axis, s};
use genolens::network::{Model, Network, PublishedDeepBind, predict};
use genolens::random::Seed;
use genolens::sequence::{self, Sequences, Shuffle};
use proptest::prelude::*;

pub(super) const GOLDEN: &str = include_str!("../../golden/attribution/edits.tsv");

/// Of the largest number: theirs are in double precision, ours in single.
pub(super) const TOLERANCE: f64 = 2e-5;

pub(super) fn network() -> Network {
    super::golden::network()
}

pub(super) fn texts(name: &str) -> Sequences {
    Sequences::dna(rows(GOLDEN, name).iter().map(|row| row[0])).unwrap()
}

/// A weight for every letter at every position.
#[derive(Debug)]
struct Weights(Array2<f32>);

impl Weights {
    fn of(&self, text: &[u8], from: usize) -> f64 {
        let weight = |(at, letter): (usize, &u8)| {
            let row = b"ACGT".iter().position(|known| known == letter);
            row.map_or_else(
                || f64::from(self.0.column(from + at).mean().unwrap()),
                |row| f64::from(self.0[[row, from + at]]),
            )
        };
        text.iter().enumerate().map(weight).sum()
    }
}

impl Model for Weights {
    fn forward(&self, x: &Tensor) -> genolens::Result<Tensor> {
        let (letters, length) = self.0.dim();
        let weights = self.0.iter().copied().collect::<Vec<_>>();
        let weights = Tensor::from_vec(weights, (1, letters, length), &Device::Cpu)?;
        Ok(x.broadcast_mul(&weights)?.sum((1, 2))?.unsqueeze(1)?)
    }

    fn device(&self) -> &Device {
        &Device::Cpu
    }
}

fn occlusion_is_that_of_captum() {
    let (model, x) = (network(), texts("sequence"));
    for (width, stride, fill, name) in [
        (5, 1, Fill::Uniform, "uniform"),
        (4, 3, Fill::Zeros, "zeros"),
        (7, 5, Fill::Composition, "composition"),
        (2, 2, Fill::Uniform, "uniform"),
    ] {
        let options = Occlusion::new().target(1).batch(4);
        let options = options.width(width).stride(stride).fill(fill);
        let found = options.run(&model, &x).unwrap();
        let golden = table(GOLDEN, &format!("occlusion_{width}_{stride}_{name}"));
        for letter in found.scores().axis_iter(Axis(1)) {
            assert_near(&letter.mapv(f64::from), &golden, TOLERANCE);
        }
    }
}

fn marginalisation_is_that_of_tangermeme() {
    let (model, x) = (network(), texts("sequence"));
    let found = marginalisation(&model, &x, "TGANTCA").unwrap();
    assert_near(
        &found.difference(),
        &table(GOLDEN, "marginalize"),
        TOLERANCE,
    );
    for gap in [0, 2, 5] {
        let two = Marginalisation::new("TGAC").and(gap, "GGAAG");
        let found = two.batch(2).run(&model, &x).unwrap();
        let golden = table(GOLDEN, &format!("spaced_{gap}"));
        assert_near(&found.difference(), &golden, TOLERANCE);
    }
}

fn a_change_is_what_the_edited_texts_score() {
    let (model, x) = (smooth(), some());
    let motif = Marginalisation::new("gANc").at(3).reversed(true);
    let change = motif.run(&model, &x).unwrap();
    assert_eq!(change.name(), "gANc reversed");
    let edited = Sequences::dna(["ACGGTTCATC", "GGGGATCACA", "TTTGTTCCCC"]).unwrap();
    let texts = |sequences: &Sequences| (0..3).map(|i| sequences.text(i).to_owned()).collect();
    let (found, expected): (Vec<_>, Vec<_>) = (texts(change.edited()), texts(&edited));
    assert_eq!(found, expected);
    let (before, after) = (
        predict(&model, &x).unwrap(),
        predict(&model, &edited).unwrap(),
    );
    let near = |a: &Array2<f64>, b: &Array2<f64>| (a - b).iter().all(|d| d.abs() < 1e-6);
    assert!(near(
        &change.difference(),
        &(&after - &before).mapv(f64::from)
    ));
    assert!(near(&change.ratio(), &(&after / &before).mapv(f64::from)));
    let mean = change.mean().get(1);
    assert!((mean.mean - change.difference().column(1).mean().unwrap()).abs() < 1e-12);
    assert_eq!((mean.sequences, mean.output), (3, 1));
    let pairs = BeforeAndAfter::new()
        .run_pairs(&model, &x, &edited)
        .unwrap();
    assert!(near(&pairs.difference(), &change.difference()));
    // And what a method says of it.
    let method = GradientXInput::new().target(1);
    let explained = change.explain(&model, &method).unwrap();
    let own = |x: &Sequences| method.run(&model, x).unwrap().scores().mapv(f64::from);
    let difference = own(&edited) - own(&x);
    let gap = explained.difference().unwrap() - difference;
    assert!(gap.iter().all(|d| d.abs() < 1e-6));
    assert_eq!(explained.before().target(), 1);
    let longer = x.insert(2, "GG").unwrap();
    let change = BeforeAndAfter::new()
        .run_pairs(&model, &x, &longer)
        .unwrap();
    let explained = change.explain(&model, &method).unwrap();
    let told = explained.difference().unwrap_err().to_string();
    assert_eq!(
        told,
        "`scores after the edit` has shape (3, 4, 12), expected (rows, 4, 10), as before"
    );
}

fn ablation_shuffles_the_stretch_and_nothing_else() {
    let (model, x) = (smooth(), texts("sequence"));
    let change = ablation(&model, &x, 4..17).unwrap();
    assert_eq!(change.after().dim(), (3, 20, 2));
    let shuffles = Shuffle::dinucleotide().copies(20);
    for i in 0..3 {
        let own = x.select(&[i]).unwrap();
        let seed = Seed::default().named(own.text(0));
        let whole = shuffles.clone().seed(seed).run(&own).unwrap();
        for copy in 0..20 {
            let (text, old) = (change.edited().text(20 * i + copy), x.text(i));
            let expected = [&old[..4], &whole.text(copy)[4..17], &old[17..]].concat();
            assert_eq!(text, expected);
        }
        // What else is ablated does not matter.
        let alone = ablation(&model, &own, 4..17).unwrap();
        let variants = |rows: &Sequences| -> Vec<String> {
            (0..rows.len()).map(|k| rows.text(k).to_owned()).collect()
        };
        let rows: Vec<usize> = (20 * i..20 * i + 20).collect();
        let all = change.edited().select(&rows).unwrap();
        assert_eq!(variants(alone.edited()), variants(&all));
        let after = change.after().slice(s![i, .., ..]).mapv(f64::from);
        let mean = after.mean_axis(Axis(0)).unwrap();
        let before = change.before().row(i).mapv(f64::from);
        let gap = &change.difference().row(i) - &(mean - before);
        assert!(gap.iter().all(|d| d.abs() < 1e-9));
    }
    let inside = Ablation::new(4..17).shuffle(Shuffle::uniform().copies(3));
    let inside = inside.inside(true).run(&model, &x).unwrap();
    assert_eq!(inside.edited().len(), 9);
    for (row, text) in (0..9).map(|row| (row, inside.edited().text(row))) {
        let sorted = |text: &str| {
            let mut letters = text.as_bytes()[4..17].to_vec();
            letters.sort_unstable();
            letters
        };
        assert_eq!(sorted(text), sorted(x.text(row / 3)));
        assert_eq!(text[17..], x.text(row / 3)[17..]);
    }
    assert_ne!(inside.edited().text(0), inside.edited().text(1));
}

fn hits_of_a_motif_are_ablated() {
    let gata = Motif::from_consensus("GATA", "AGATAA").unwrap();
    let x = Sequences::dna([
        "CCCCCAGATAACCCCCCCTTATCTCCCC",
        "CCCCCCCCCCCAGATTACCCCCCCCCCC",
        "CCCCCCCCCCCCCCCCCCCCCCCCCCCC",
    ]);
    let (model, x) = (smooth(), x.unwrap());
    let lost = |ablation: &Ablation| -> Vec<Vec<usize>> {
        let change = ablation.run(&model, &x).unwrap();
        let copies = change.after().dim().1;
        let changed = |i: usize, at: usize| {
            let old = x.letters(i)[at];
            (0..copies).any(|copy| change.edited().letters(copies * i + copy)[at] != old)
        };
        let positions = |i| (0..28).filter(|&at| changed(i, at)).collect();
        (0..3).map(positions).collect()
    };
    let inside = |rows: &[usize], stretches: &[(usize, usize)]| {
        rows.iter().all(|at| {
            stretches
                .iter()
                .any(|(start, end)| (start..end).contains(&at))
        })
    };
    let best = lost(&Ablation::motif(&gata).copies(30));
    assert!(
        !best[0].is_empty() && inside(&best[0], &[(5, 11)]),
        "{best:?}"
    );
    assert!(!best[1].is_empty() && inside(&best[1], &[(11, 17)]));
    let all = lost(&Ablation::motif(&gata).at_least(8.0).copies(30).seed(4));
    assert!(inside(&all[0], &[(5, 11), (18, 24)]), "{all:?}");
    assert!(all[0].iter().any(|&at| at < 11) && all[0].iter().any(|&at| at > 17));
    assert!(all[1].is_empty() && all[2].is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// For a sum of weights the marginal effect is the weight of the motif less that of what was there.
    #[test]
    fn the_effect_on_a_sum_of_weights_is_exact(
        background in "[ACGTN]{12}",
        motif in "[ACGT]{1,6}",
        position in 0_usize..7,
        weights in prop::collection::vec(-2.0_f32..2.0, 48),
    ) {
        let model = Weights(Array2::from_shape_vec((4, 12), weights).unwrap());
        let x = Sequences::dna([&background]).unwrap();
        let change = Marginalisation::new(&motif).at(position).run(&model, &x).unwrap();
        let there = &background.as_bytes()[position..position + motif.len()];
        let expected = model.of(motif.as_bytes(), position) - model.of(there, position);
        prop_assert!((change.difference()[[0, 0]] - expected).abs() < 1e-5);
        // Hiding a stretch takes its weight less the mean weight of all letters.
        let hidden = Occlusion::new().width(motif.len()).stride(motif.len());
        let scores = hidden.run(&model, change.edited()).unwrap();
        for start in (0..12).step_by(motif.len()).take_while(|start| start + motif.len() <= 12) {
            let text = &change.edited().letters(0)[start..start + motif.len()];
            let expected = model.of(text, start) - model.of(&b"N".repeat(motif.len()), start);
            let found = f64::from(scores.scores()[[0, 2, start]]);
            prop_assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }
}

#[test]
fn the_published_core_raises_the_published_model() {
    let Some(path) = data::file("deepbind/D00409.004.GABPA.txt") else {
        return;
    };
    let Some(peaks) = data::file("encode/GABPA_B.seq.gz") else {
        return;
    };
    let model = PublishedDeepBind::open(path).unwrap();
    let peaks = sequence::open_peaks(peaks).unwrap();
    let bound: Vec<usize> = (0..peaks.len())
        .filter(|&i| peaks.bound()[i] > 0.5)
        .collect();
    let some = peaks.sequences().select(&bound[..40]).unwrap();
    let backgrounds = sequence::dinucleotide_shuffle(&some, Seed::new(3));
    let effect = |motif: &str| {
        let change = marginalisation(&model, &backgrounds, motif).unwrap();
        change.mean().get(0)
    };
    let (site, broken) = (effect("ACCGGAAGTG"), effect("ACCGCCAGTG"));
    assert!(site.low > 0.0 && site.p < 1e-6, "{site:?}");
    assert!(site.mean > 3.0 * broken.mean.abs(), "{site:?} {broken:?}");
    // And taking the best site out of real peaks lowers it.
    let ets = Motif::from_consensus("ETS", "ACCGGAAGTG").unwrap();
    let lost = Ablation::motif(&ets).copies(5).run(&model, &some).unwrap();
    let lost = lost.mean().get(0);
    assert!(lost.high < 0.0 && lost.p < 1e-6, "{lost:?}");
    // The motif is what the explanation gains.
    let change = marginalisation(
        &model,
        &backgrounds.select(&[0, 1, 2]).unwrap(),
        "ACCGGAAGTG",
    );
    let explained = change.unwrap().explain(&model, &GradientXInput::new());
    let gained = explained.unwrap().difference().unwrap().sum_axis(Axis(1));
    let inside = gained.slice(s![.., 45..55]).sum();
    assert!(inside > 0.0 && inside > gained.slice(s![.., ..45]).sum());
}

#[test]
fn edits_name_what_is_wrong() {
    let (model, x) = (smooth(), some());
    let put = |motif: &str| marginalisation(&model, &x, motif).map(|_| ()).unwrap_err();
    insta::assert_snapshot!(put(""), @"`motif` is empty, expected one letter or more");
    insta::assert_snapshot!(put("ACGU"), @"`motif` is `U` at position 4, expected a letter of DNA (ACGT or N)");
    insta::assert_snapshot!(put("ACGTACGTACG"), @"`motif` is ACGTACGTACG, expected to fit into 10 letters, the longest sequence");
    let at = |options: Marginalisation| options.run(&model, &x).map(|_| ()).unwrap_err();
    insta::assert_snapshot!(at(Marginalisation::new("ACG").at(8)), @"`position` is 8, expected at most 7 in `seq1`, which has 10 letters");
    insta::assert_snapshot!(at(Marginalisation::new("ACG").at(usize::MAX)), @"`position` is 18446744073709551615, expected at most 7 in `seq1`, which has 10 letters");
    insta::assert_snapshot!(at(Marginalisation::new("ACG").and(usize::MAX, "A")), @"`motif` is ACG +18446744073709551615 A, expected to fit into 10 letters, the longest sequence");
    insta::assert_snapshot!(at(Marginalisation::new("ACG").batch(0)), @"`batch` is 0, expected at least 1");
    let ablate = |options: Ablation| options.run(&model, &x).map(|_| ()).unwrap_err();
    insta::assert_snapshot!(ablate(Ablation::new(3..3)), @"`positions` is 3..3, expected one position or more inside `seq1`, which has 10 letters");
    insta::assert_snapshot!(ablate(Ablation::new(3..11)), @"`positions` is 3..11, expected one position or more inside `seq1`, which has 10 letters");
    insta::assert_snapshot!(ablate(Ablation::new(3..5).copies(0)), @"`copies` is 0, expected 1 to 10000");
    insta::assert_snapshot!(ablate(Ablation::new(3..5).copies(usize::MAX)), @"`copies` is 18446744073709551615, expected 1 to 10000");
    let rna = Motif::from_consensus("m", "AGATAA").unwrap().to_rna();
    insta::assert_snapshot!(ablate(Ablation::motif(&rna)), @"`motif` is RNA, expected one of DNA, as the sequences");
    let gata = Motif::from_consensus("m", "AGATAA").unwrap();
    let wide = Motif::from_consensus("w", "AGATAAAGATAA").unwrap();
    insta::assert_snapshot!(ablate(Ablation::motif(&wide)), @"`motif` is 12, expected at most 10 letters long, as `seq1`");
    // Where hits are counted there may be none.
    let none = Ablation::motif(&wide)
        .at_least(3.0)
        .run(&model, &x)
        .unwrap();
    assert!(none.difference().iter().all(|&gap| gap == 0.0));
    insta::assert_snapshot!(ablate(Ablation::motif(&gata).at_least(f64::NAN)), @"`at_least` is NaN, expected a number of bits");
    let hide = |options: Occlusion| options.run(&model, &x).map(|_| ()).unwrap_err();
    insta::assert_snapshot!(hide(Occlusion::new().width(0)), @"`width` is 0, expected 1 to 10, the length of the sequences");
    insta::assert_snapshot!(hide(Occlusion::new().width(11)), @"`width` is 11, expected 1 to 10, the length of the sequences");
    insta::assert_snapshot!(hide(Occlusion::new().stride(0)), @"`stride` is 0, expected at least 1");
    insta::assert_snapshot!(hide(Occlusion::new().batch(0)), @"`batch` is 0, expected at least 1");
    insta::assert_snapshot!(hide(Occlusion::new().target(2)), @"`target` is 2, expected below 2, the number of outputs");
    // A stride of any length leaves one window.
    let once = Occlusion::new().stride(usize::MAX).run(&model, &x).unwrap();
    assert_eq!(once.scores().slice(s![.., .., 5..]).sum(), 0.0);
    let two = x.select(&[0, 1]).unwrap();
    let pairs = |a: &Sequences, b: &Sequences| {
        let run = BeforeAndAfter::new().run_pairs(&model, a, b);
        run.map(|_| ()).unwrap_err()
    };
    insta::assert_snapshot!(pairs(&two, &x), @"`outputs after the edit` has shape (3, 2), expected (rows, 2) with the same number of rows for each of 2");
    insta::assert_snapshot!(pairs(&x, &two), @"`outputs after the edit` has shape (2, 2), expected (rows, 2) with the same number of rows for each of 3");
    let protein = Sequences::new(sequence::Alphabet::Protein, [("p", "MKV")]).unwrap();
    insta::assert_snapshot!(pairs(&x, &protein), @"`edited` is protein, expected DNA, as before the edit");
    let model = network();
    let uneven = Sequences::dna(["ACGT", "ACG"]).unwrap();
    let run = |x: &Sequences| before_and_after(&model, x, &Marginalisation::new("A")).map(|_| ());
    insta::assert_snapshot!(run(&uneven).unwrap_err(), @"`sequence seq2 (number 2)` is 3 long, expected 4 letters as in `seq1`, the first one");
    insta::assert_snapshot!(run(&x).unwrap_err(), @"`x` has shape (3, 4, 10), expected (n, 4, 24)");
    insta::assert_snapshot!(run(&protein).unwrap_err(), @"`x` has shape (1, 20, 3), expected (n, 4, 24)");
    let none = x.select(&[]).unwrap();
    insta::assert_snapshot!(run(&none).unwrap_err(), @"`sequences` is empty, expected one sequence or more");
    insta::assert_snapshot!(occlusion(&model, &none).unwrap_err(), @"`sequences` is empty, expected one sequence or more");
}

on_every_device!(
    occlusion_is_that_of_captum,
    marginalisation_is_that_of_tangermeme,
    a_change_is_what_the_edited_texts_score,
    ablation_shuffles_the_stretch_and_nothing_else,
    hits_of_a_motif_are_ablated,
);
