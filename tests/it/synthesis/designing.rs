//! Designs: brute force, everything there is, and what Ledidi finds.

use super::formula::{Linear, looks_for};
use genolens::ndarray::Array2;
use genolens::network::{self, Architecture, Network, Predict, plainly};
use genolens::sequence::Sequences;
use genolens::synthesis::{
    self, Constraints, Designs, Goal, GradientDesign, SeqProp, Substitution,
};
use proptest::prelude::*;

fn deep(seed: u64) -> Network {
    Architecture::sequences(4)
        .convolution(6, 4)
        .relu()
        .max_pool(2)
        .convolution(5, 3)
        .relu()
        .global_max_pool()
        .dense(2)
        .seed(seed)
        .build()
        .unwrap()
}

/// All sequences that differ from one in one letter, positions first.
fn neighbours(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    for position in 0..text.len() {
        for letter in "ACGT"
            .chars()
            .filter(|&own| !text[position..].starts_with(own))
        {
            let mut next = text.to_owned();
            next.replace_range(position..=position, &letter.to_string());
            all.push(next);
        }
    }
    all
}

fn scores(model: &Network, texts: &[String]) -> Vec<f32> {
    let x = Sequences::dna(texts).unwrap();
    Predict::new().run(model, &x).unwrap().column(0).to_vec()
}

#[test]
fn a_greedy_step_is_the_best_of_all_replacements() {
    for seed in 0..6 {
        let model = deep(seed);
        let text = "ACGTTGCATCAGGTACCTAA".to_owned();
        let x = Sequences::dna([&text]).unwrap();
        let one = Substitution::new().edits(1);
        let all = neighbours(&text);
        let found = scores(&model, &all);
        let best = (0..all.len())
            .max_by(|&a, &b| found[a].total_cmp(&found[b]))
            .unwrap();
        for options in [one.clone(), one.clone().incremental(false)] {
            let design = options.run(&model, &x).unwrap();
            assert_eq!(design.sequences().text(0), all[best]);
            assert!((design.after()[[0, 0]] - found[best]).abs() < 1e-5);
            assert_eq!(design.edits()[0], 1);
        }
        // As on a GPU.
        let design = plainly(|| one.run(&model, &x).unwrap());
        assert_eq!(design.sequences().text(0), all[best]);
    }
}

#[test]
fn greedy_stops_where_no_letter_helps() {
    let model = deep(3);
    let x = Sequences::dna(["ACGTTGCATCAGGTACCTAA", "TTTTTTTTTTTTTTTTTTTT"]).unwrap();
    let designs = synthesis::greedy_design(&model, &x, Goal::highest(0)).unwrap();
    for i in 0..2 {
        let text = designs.sequences().text(i).to_owned();
        let around = scores(&model, &neighbours(&text));
        let top = around.iter().copied().fold(f32::MIN, f32::max);
        assert!(top <= designs.after()[[i, 0]] + 1e-5);
        let curve = designs.history(i).unwrap().to_vec();
        assert!(curve.windows(2).all(|pair| pair[1] >= pair[0]));
    }
    assert_eq!(designs.get(1).unwrap().starts().text(0), x.text(1));
    assert_eq!(designs.table().unwrap().shape(), (4, 6));
    assert_eq!(
        designs.edit_table().unwrap().height(),
        designs.edits().sum()
    );
}

#[test]
fn a_wide_beam_sees_every_sequence() {
    for seed in 0..4 {
        let model = Architecture::sequences(4)
            .convolution(4, 3)
            .relu()
            .global_max_pool()
            .dense(1)
            .seed(seed)
            .build()
            .unwrap();
        let all: Vec<String> = (0..256_usize)
            .map(|code| {
                let letter = |place: u32| b"ACGT"[code / 4_usize.pow(place) % 4];
                (0..4).map(|place| char::from(letter(place))).collect()
            })
            .collect();
        let top = scores(&model, &all).into_iter().fold(f32::MIN, f32::max);
        let x = Sequences::dna(["AAAA"]).unwrap();
        let options = Substitution::new().width(256).patience(9);
        let design = options.run(&model, &x).unwrap();
        assert!((design.after()[[0, 0]] - top).abs() < 1e-5);
        let beam = synthesis::beam_design(&model, &x, Goal::highest(0)).unwrap();
        let greedy = synthesis::greedy_design(&model, &x, Goal::highest(0)).unwrap();
        assert!(beam.worths()[0] >= greedy.worths()[0] - 1e-6);
    }
}

#[test]
fn goals_end_a_design() {
    // Every right letter of the word adds 2, and the rest of a match is free.
    let model = looks_for("TGACTCA");
    let x = Sequences::dna(["CCCCCCTGACGGACCCCC"]).unwrap();
    let before = network::predict(&model, &x).unwrap()[[0, 0]];
    assert_eq!(before, -2.5);
    let design = synthesis::greedy_design(&model, &x, Goal::at_least(0, 0.0)).unwrap();
    assert_eq!(design.sequences().text(0), "CCCCCCTGACTCACCCCC");
    assert_eq!(
        (
            design.edits()[0],
            design.reached()[0],
            design.after()[[0, 0]]
        ),
        (2, true, 1.5)
    );
    let value = synthesis::greedy_design(&model, &x, Goal::value(0, -0.5)).unwrap();
    assert_eq!((value.edits()[0], value.reached()[0]), (1, true));
    assert_eq!(value.worths()[0], 0.0);
    let lowest = synthesis::greedy_design(&model, &x, Goal::lowest(0)).unwrap();
    assert!(lowest.after()[[0, 0]] < before);
    // Nothing to do.
    let done = synthesis::greedy_design(&model, &x, Goal::at_most(0, 0.0)).unwrap();
    assert_eq!((done.edits()[0], done.reached()[0]), (0, true));
}

#[test]
fn a_call_is_turned_by_few_letters() {
    let model = looks_for("TGACTCA");
    let x = Sequences::dna(["AAAAATGACTCAAAAAAA", "CCCCCCTGACGCACCCCC"]).unwrap();
    let turned = synthesis::flip(&model, &x, 0).unwrap();
    assert_eq!(turned.edits().to_vec(), [1, 1]);
    assert!(turned.reached().iter().all(|reached| *reached));
    let after = turned.after();
    assert!(after[[0, 0]] <= 0.0 && after[[1, 0]] > 0.0);
}

#[test]
fn constraints_are_kept() {
    let model = looks_for("TGACTCA");
    let text = "CCGCCCCCGCCGACAAAATTTATTAAATTA";
    let x = Sequences::dna([text]).unwrap();
    let constraints = Constraints::new()
        .keep(0..5)
        .keep(9..20)
        .gc(0.35..=0.5)
        .forbid("TCAC");
    let all = |designs: &Designs| {
        let found = designs.sequences().text(0).to_owned();
        assert_eq!((&found[0..5], &found[9..20]), (&text[0..5], &text[9..20]));
        let strong = found.matches(['G', 'C']).count() as f64 / 30.0;
        assert!((0.35..=0.5).contains(&strong), "{strong}");
        assert!(!found.contains("TCAC"), "{found}");
        assert!(designs.worths()[0] >= f64::from(designs.before()[[0, 0]]));
    };
    let options = Substitution::new()
        .constraints(constraints.clone())
        .width(3)
        .patience(2);
    all(&options.run(&model, &x).unwrap());
    let options = GradientDesign::new()
        .constraints(constraints.clone())
        .steps(80);
    all(&options.run(&model, &x).unwrap());
    let options = SeqProp::new().constraints(constraints).steps(80);
    all(&options.run(&model, &x).unwrap());
    // Letters that may be written.
    let only = Substitution::new().constraints(Constraints::new().letters("ta"));
    let design = only.run(&Linear::drawn(30, 1), &x).unwrap();
    for (old, new) in text.chars().zip(design.sequences().text(0).chars()) {
        assert!(old == new || "TA".contains(new));
    }
}

const LEDIDI: &str = include_str!("../../golden/synthesis/designs.tsv");

/// A bag of letters: positions do not matter, so that the fewest edits are known.
fn count_of_g(length: usize) -> Linear {
    Linear(vec![Array2::from_shape_fn((4, length), |(i, _)| {
        if i == 2 { 1.0 } else { 0.0 }
    })])
}

#[test]
fn gradients_find_a_goal_with_few_edits() {
    let x = Sequences::dna(["ATATATATATATATATATATATATATATAT"]).unwrap();
    let goal = Goal::value(0, 5.0);
    let design = synthesis::gradient_design(&count_of_g(30), &x, goal.clone()).unwrap();
    assert_eq!((design.after()[[0, 0]], design.edits()[0]), (5.0, 5));
    assert!(design.reached()[0]);
    let again = synthesis::gradient_design(&count_of_g(30), &x, goal.clone()).unwrap();
    assert_eq!(again.sequences(), design.sequences());
    let other = GradientDesign::new()
        .goal(goal)
        .seed(8)
        .run(&count_of_g(30), &x)
        .unwrap();
    assert_eq!(other.edits()[0], 5);
    assert_ne!(other.sequences(), design.sequences());
}

/// Both draw, so that single runs differ: compared are means over sequences.
#[test]
fn designs_are_as_good_as_those_of_ledidi() {
    let rows = crate::golden::rows(LEDIDI, "design");
    let model = looks_for("TGACTCA");
    let x = Sequences::dna(rows.iter().map(|row| row[0].to_owned())).unwrap();
    let designs = synthesis::gradient_design(&model, &x, Goal::value(0, 1.5)).unwrap();
    let column = |at: usize| rows.iter().map(move |row| row[at].parse::<f64>().unwrap());
    let n = rows.len() as f64;
    // How far from the goal, squared, and a tenth for every edit: what both lower.
    let theirs = column(2)
        .zip(column(3))
        .map(|(y, edits)| (y - 1.5).powi(2) + 0.1 * edits);
    let theirs = theirs.sum::<f64>() / n;
    let (after, edits) = (designs.after(), designs.edits());
    let ours = (0..rows.len())
        .map(|i| f64::from(after[[i, 0]] - 1.5).powi(2) + 0.1 * edits[i] as f64)
        .sum::<f64>()
        / n;
    assert!(ours <= 1.05 * theirs, "ours {ours}, theirs {theirs}");
    for (before, golden) in designs.before().iter().zip(column(1)) {
        assert_eq!(f64::from(*before), golden);
    }
}

#[test]
fn normalised_logits_write_the_word() {
    let model = looks_for("TGACTCA");
    let x = Sequences::dna(["N".repeat(30)]).unwrap();
    let design = synthesis::seq_prop(&model, &x, Goal::highest(0)).unwrap();
    assert!(
        design.sequences().text(0).contains("TGACTCA"),
        "{}",
        design.sequences().text(0)
    );
    assert_eq!(design.after()[[0, 0]], 1.5);
    let linear = Linear::drawn(20, 4);
    let x = Sequences::dna(["A".repeat(20)]).unwrap();
    let design = SeqProp::new().steps(600).run(&linear, &x).unwrap();
    let (found, best) = (design.sequences(), linear.best());
    let same = found.text(0).chars().zip(best.chars());
    assert!(same.filter(|(a, b)| a == b).count() >= 18);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn no_design_is_worse_than_its_start(seed in 0..500_u64, text in "[ACGT]{18}") {
        let (model, x) = (deep(seed), Sequences::dna([text]).unwrap());
        for goal in [Goal::highest(1), Goal::values(&[(0, 0.3), (1, -0.2)])] {
            let greedy = Substitution::new().goal(goal.clone()).edits(3).run(&model, &x).unwrap();
            prop_assert!(greedy.edits()[0] <= 3);
            let drawn = GradientDesign::new().goal(goal.clone()).steps(5).run(&model, &x).unwrap();
            let row: Vec<f32> = greedy.before().row(0).to_vec();
            let whole = network::predict(&model, &greedy.sequences()).unwrap();
            for (a, b) in whole.iter().zip(greedy.after().iter()) {
                prop_assert!((a - b).abs() < 1e-4);
            }
            for designs in [greedy, drawn] {
                let curve = designs.history(0).unwrap();
                prop_assert!(curve.iter().all(|worth| *worth >= curve[0]));
                for (a, b) in designs.before().iter().zip(&row) {
                    prop_assert!((a - b).abs() < 1e-4);
                }
            }
        }
    }
}
