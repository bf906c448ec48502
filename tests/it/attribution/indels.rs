//! Insertions and deletions at every position, and variants of a genome, against tangermeme and their definitions.

use super::edits::{GOLDEN, TOLERANCE, network, texts};
use super::methods::{smooth, some};
use crate::data;
use crate::device::on_every_device;
use crate::golden::{assert_near, table};
use genolens::attribution::{
    Deletions, Indel, IndelEffects, Insertions, Saliency, VariantEffects, deletion_effects,
    insertion_effects, variant_effects,
};
use genolens::ndarray::{Array2, Axis, s};
use genolens::network::{Model, PublishedDeepBind, predict};
use genolens::random::Seed;
use genolens::sequence::{
    self, AlleleWindows, Alphabet, Sequences, Side, Variant, Variants, dinucleotide_shuffle,
};

fn row(effects: &IndelEffects, kind: usize, length: usize) -> Array2<f64> {
    effects.values().slice(s![.., kind, ..length]).to_owned()
}

fn indels_are_those_of_tangermeme() {
    let (model, x) = (network(), texts("sequence"));
    for (side, name, flanks) in [
        (Side::Right, "right", "flank"),
        (Side::Left, "left", "before"),
    ] {
        let deletions = Deletions::new().target(1).longest(3).side(side).batch(7);
        let found = deletions.flanks(&texts(flanks)).run(&model, &x).unwrap();
        assert_eq!(found.edits(), ["−1", "−2", "−3"]);
        for k in [1, 3] {
            let golden = table(GOLDEN, &format!("deletion_{name}_{k}"));
            assert_near(&row(&found, k - 1, 25 - k), &golden, TOLERANCE);
        }
        assert!(
            found
                .values()
                .slice(s![.., 2, 22..])
                .iter()
                .all(|v| v.is_nan())
        );
        let insertions = Insertions::new().target(1).side(side);
        let found = insertions.texts(&["G", "CAT"]).run(&model, &x).unwrap();
        for (kind, text) in ["G", "CAT"].into_iter().enumerate() {
            let golden = table(GOLDEN, &format!("insertion_{name}_{text}"));
            assert_near(&row(&found, kind, 24), &golden, TOLERANCE);
        }
    }
}

/// Computes the second output of a text less that of another.
fn gained(model: &dyn Model, after: &str, before: &str) -> f64 {
    let scores = predict(model, &Sequences::dna([after, before]).unwrap()).unwrap();
    f64::from(scores[[0, 1]] - scores[[1, 1]])
}

fn indels_are_what_the_edited_texts_score() {
    let (model, x) = (smooth(), some());
    let found = Deletions::new()
        .target(1)
        .longest(9)
        .run(&model, &x)
        .unwrap();
    let left = Deletions::new().target(1).longest(9).side(Side::Left);
    let left = left.flanks(&Sequences::dna(["CA", "C", "GGGCA"]).unwrap());
    let left = left.run(&model, &x).unwrap();
    for ((i, kind, at), &value) in found.values().indexed_iter() {
        let (text, k) = (x.text(i), kind + 1);
        if at + k > 10 {
            assert!(value.is_nan() && left.values()[[i, kind, at]].is_nan());
            continue;
        }
        let kept = [&text[..at], &text[at + k..]].concat();
        let expected = gained(&model, &(kept.clone() + &"N".repeat(k)), text);
        assert!((value - expected).abs() < 1e-6, "{i} {k} {at}");
        let flank = ["CA", "C", "GGGCA"][i];
        let whole = "N".repeat(k) + flank + &kept;
        let expected = gained(&model, &whole[whole.len() - 10..], text);
        assert!((left.values()[[i, kind, at]] - expected).abs() < 1e-6);
    }
    // One place of all, as an edit that any method can look at.
    let flanks = Sequences::dna(["CA", "C", "GGGCA"]).unwrap();
    let one = Indel::delete(4..7).side(Side::Left).flanks(&flanks);
    let change = one.batch(2).run(&model, &x).unwrap();
    assert_eq!(change.name(), "−3 at 4");
    let gap = &change.difference().column(1) - &left.values().slice(s![.., 2, 4]);
    assert!(gap.iter().all(|gap| gap.abs() < 1e-6));
    let change = Indel::insert(6, "g").run(&model, &x).unwrap();
    let all = insertion_effects(&model, &x).unwrap();
    let gap = &change.difference().column(0) - &all.values().slice(s![.., 2, 6]);
    assert!(gap.iter().all(|gap| gap.abs() < 1e-6));
    let found = insertion_effects(&model, &x).unwrap();
    assert_eq!(found.edits(), ["+A", "+C", "+G", "+T"]);
    assert_eq!(found.target(), 0);
    let second = found.get(1).unwrap();
    assert_eq!(second.sequences().text(0), x.text(1));
    assert_eq!(
        second.values().index_axis(Axis(0), 0),
        found.values().index_axis(Axis(0), 1)
    );
    // What is put in at the very end pushes the last letter out, and one that is there already changes nothing.
    assert_eq!(found.values()[[2, 1, 9]], 0.0);
    assert_eq!(found.table().unwrap().height(), 3 * 4 * 10);
    assert_eq!(
        deletion_effects(&model, &x).unwrap().values().dim(),
        (3, 1, 10)
    );
}

fn substitutions_are_those_of_tangermeme() {
    let (model, x) = (network(), texts("sequence"));
    let names = ["a", "b", "c"];
    // The window is the whole of a short chromosome when the variant is in its middle.
    let chromosomes = (0..3).map(|i| {
        let shifted = [&"N".repeat(12 - 5 - i), x.text(i)].concat();
        (names[i], shifted)
    });
    let genome = Sequences::new(Alphabet::Dna, chromosomes).unwrap();
    let variants = (0..3).map(|i| {
        let letter = x.text(i)[5 + i..6 + i].to_owned();
        Variant::new((names[i], 13), &letter, "T").unwrap()
    });
    let variants: Variants = variants.collect();
    let windows = variants.windows(&genome, 24).unwrap();
    // Shifted back, these are the sequences of the golden file up to the letters that fell off.
    let aligned = |windows: &Sequences| {
        let texts = (0..3).map(|i| {
            let shift = 12 - 5 - i;
            let kept = &windows.text(i)[shift..];
            [kept, &x.text(i)[24 - shift..]].concat()
        });
        Sequences::dna(texts).unwrap()
    };
    let (before, after) = (aligned(windows.reference()), aligned(windows.alternative()));
    assert_eq!(before.text(1), x.text(1));
    let gap = predict(&model, &after).unwrap() - predict(&model, &before).unwrap();
    assert_near(
        &gap.mapv(f64::from),
        &table(GOLDEN, "substitution"),
        TOLERANCE,
    );
}

fn variants_are_what_their_windows_score() {
    let model = smooth();
    let genome = Sequences::new(Alphabet::Dna, [("chr1", "ACGTTGCATCGGATTACA")]).unwrap();
    let text = "chr1\t9\trs1\tT\tG\nchr1\t9\t.\tTCG\tT\nchr1\t9\t.\tT\tTAAAA\n";
    let alleles = Variants::parse(text).unwrap().windows(&genome, 10).unwrap();
    let scored = variant_effects(&model, &alleles).unwrap();
    let windows = ["TTGCAGCGGA", "TTGCATGATT", "TTGCATAAAA"];
    for (i, window) in windows.iter().enumerate() {
        assert_eq!(alleles.alternative().text(i), *window);
        let expected = gained(&model, window, "TTGCATCGGA");
        let found = scored.change().difference()[[i, 1]];
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
    let table = scored.table().unwrap();
    assert_eq!(table.shape(), (6, 9));
    let order = scored.strongest(1).unwrap();
    let size = |i: usize| scored.change().difference()[[i, 1]].abs();
    assert!(size(order[0]) >= size(order[1]) && size(order[1]) >= size(order[2]));
    let told = scored.strongest(2).unwrap_err().to_string();
    assert_eq!(
        told,
        "`output` is 2, expected below 2, the number of outputs"
    );
    let both = VariantEffects::new()
        .both_strands(true)
        .batch(2)
        .run(&model, &alleles)
        .unwrap();
    let other = Sequences::dna(windows)
        .unwrap()
        .reverse_complement()
        .unwrap();
    let own = Sequences::dna(["TTGCATCGGA"])
        .unwrap()
        .reverse_complement()
        .unwrap();
    for i in 0..3 {
        let opposite = gained(&model, other.text(i), own.text(0));
        let expected = f64::midpoint(opposite, scored.change().difference()[[i, 1]]);
        assert!((both.change().difference()[[i, 1]] - expected).abs() < 1e-6);
    }
    let explained = scored.change().explain(&model, &Saliency::new()).unwrap();
    assert_eq!(explained.after().sequences().text(2), windows[2]);
}

#[test]
fn variants_that_break_a_site_lower_the_published_model() {
    let Some(path) = data::file("deepbind/D00409.004.GABPA.txt") else {
        return;
    };
    let Some(peaks) = data::file("encode/GABPA_B.seq.gz") else {
        return;
    };
    let model = PublishedDeepBind::open(path).unwrap();
    let peaks = sequence::open_peaks(peaks).unwrap().sequences();
    let some = dinucleotide_shuffle(&peaks.select(&[0, 1, 2, 3]).unwrap(), Seed::new(1));
    let genome = some.replace(50, "ACCGGAAGTG").unwrap();
    // In the core, and far from it.
    let lines = (0..4).map(|i| {
        let far = genome.letters(i)[20];
        let other = if far == b'A' { 'C' } else { 'A' };
        let (name, far) = (genome.name(i), char::from(far));
        format!("{name}\t55\t.\tG\tC,T\n{name}\t55\t.\tGAA\tG\n{name}\t21\t.\t{far}\t{other}\n")
    });
    let variants = Variants::parse(&lines.collect::<String>()).unwrap();
    let alleles = AlleleWindows::new(101).run(&genome, &variants).unwrap();
    let found = variant_effects(&model, &alleles)
        .unwrap()
        .change()
        .difference();
    for i in 0..4 {
        let own = found.slice(s![4 * i..4 * i + 4, 0]);
        for kind in 0..3_usize {
            assert!(own[kind] < -1.0 && own[kind] < 3.0 * own[3_usize], "{own}");
        }
    }
}

#[test]
fn careless_indels_are_told() {
    let (model, x) = (smooth(), some());
    let delete = |options: Deletions| options.run(&model, &x).map(|_| ()).unwrap_err();
    insta::assert_snapshot!(delete(Deletions::new().longest(0)), @"`longest` is 0, expected 1 to 9, one less than the sequences have");
    insta::assert_snapshot!(delete(Deletions::new().longest(10)), @"`longest` is 10, expected 1 to 9, one less than the sequences have");
    insta::assert_snapshot!(delete(Deletions::new().target(2)), @"`target` is 2, expected below 2, the number of outputs");
    insta::assert_snapshot!(delete(Deletions::new().batch(0)), @"`batch` is 0, expected at least 1");
    insta::assert_snapshot!(delete(Deletions::new().flanks(&x.select(&[0]).unwrap())), @"`flanks` is 1, expected one for each of 3 sequences");
    let protein = Sequences::new(Alphabet::Protein, [("p", "M"), ("q", "K"), ("r", "V")]).unwrap();
    insta::assert_snapshot!(delete(Deletions::new().flanks(&protein)), @"`flanks` is protein, expected DNA, as the sequences");
    let insert = |texts: &[&str]| {
        let options = Insertions::new().texts(texts);
        options.run(&model, &x).map(|_| ()).unwrap_err()
    };
    insta::assert_snapshot!(insert(&["A", ""]), @"`texts` is empty, expected one letter or more");
    insta::assert_snapshot!(insert(&["AU"]), @"`texts` is `U` at position 2, expected a letter of DNA (ACGT or N)");
    insta::assert_snapshot!(insert(&["ACGTACGTACG"]), @"`texts` is 11 letters, expected at most 10 letters each, as the sequences have");
    insta::assert_snapshot!(insertion_effects(&model, &protein).unwrap_err(), @"`x` has shape (63, 20, 1), expected (n, 4, any)");
    insta::assert_snapshot!(insertion_effects(&network(), &x).unwrap_err(), @"`x` has shape (64, 4, 10), expected (n, 4, 24)");
    insta::assert_snapshot!(deletion_effects(&model, &x.select(&[]).unwrap()).unwrap_err(), @"`sequences` is empty, expected one sequence or more");
    let edit = |edit: Indel| edit.run(&model, &x).map(|_| ()).unwrap_err();
    insta::assert_snapshot!(edit(Indel::insert(11, "A")), @"`position` is 11, expected at most 10, the length of `seq1`");
    insta::assert_snapshot!(edit(Indel::insert(1, "A*")), @"`letters` is `*` at position 2, expected a letter of DNA (ACGT or N)");
    insta::assert_snapshot!(edit(Indel::delete(9..11)), @"`positions` is 9..11, expected some of 0..10, `seq1`");
    insta::assert_snapshot!(edit(Indel::delete(3..3)), @"`positions` is 3..3, expected some of 0..10, `seq1`");
    insta::assert_snapshot!(edit(Indel::delete(3..4).flanks(&protein)), @"`flanks` is protein, expected DNA, as the sequences");
    let effects = deletion_effects(&model, &x).unwrap();
    insta::assert_snapshot!(effects.get(3).unwrap_err(), @"`index` is 3, expected below 3, the number of sequences");
    let one = Sequences::dna(["A"]).unwrap();
    insta::assert_snapshot!(deletion_effects(&model, &one).unwrap_err(), @"`longest` is 1, expected 1 to 0, one less than the sequences have");
}

on_every_device!(
    indels_are_those_of_tangermeme,
    indels_are_what_the_edited_texts_score,
    substitutions_are_those_of_tangermeme,
    variants_are_what_their_windows_score,
);
