//! Real peaks: whether the test set of an experiment is like its training set (`tests/golden/shift/peaks.py`).

use crate::data::file;
use crate::golden::table;
use genolens::ndarray::{Array1, Array2, s};
use genolens::network::{PublishedDeepBind, probabilities};
use genolens::random::Seed;
use genolens::sequence::{self, Peaks, Sequences};
use genolens::shift::{
    ClassifierTest, Mmd, PriorMethod, PriorShift, black_box_shift, kolmogorov_smirnov,
};

const GOLDEN: &str = include_str!("../../golden/shift/peaks.tsv");

/// The bound peaks of these ranks by strength, every `step`-th of them.
fn ranked(peaks: &Peaks, ranks: std::ops::Range<usize>, step: usize) -> Sequences {
    let rank = |row: usize| peaks.events()[row][4..9].parse::<usize>().unwrap();
    let rows = (0..peaks.len()).filter(|&row| peaks.bound()[row] == 1.0);
    let rows: Vec<usize> = rows
        .filter(|&row| ranks.contains(&rank(row)))
        .step_by(step)
        .collect();
    peaks.sequences().select(&rows).unwrap()
}

/// How often each pair of letters stands in each sequence.
fn pairs(x: &Sequences) -> Array2<f32> {
    let place = |letter: u8| b"ACGT".iter().position(|known| *known == letter).unwrap();
    let mut counts = Array2::zeros((x.len(), 16));
    for row in 0..x.len() {
        for pair in x.text(row).as_bytes().windows(2) {
            counts[[row, 4 * place(pair[0]) + place(pair[1])]] += 1.0;
        }
    }
    counts
}

/// Statistics within 1e-12 of scipy's, p-values within 1e-10 (scipy takes those from 1).
#[test]
fn weak_peaks_are_not_like_the_strong_ones_that_are_tested_on() {
    for factor in ["CTCFL", "GABPA"] {
        let (Some(train), Some(tested)) = (
            file(&format!("encode/{factor}_AC.seq.gz")),
            file(&format!("encode/{factor}_B.seq.gz")),
        ) else {
            return;
        };
        let (train, tested) = (
            sequence::open_peaks(train).unwrap(),
            sequence::open_peaks(tested).unwrap(),
        );
        let tested = pairs(&ranked(&tested, 1..1001, 1));
        for (name, ranks, step) in [("strong", 1..1001, 1), ("weak", 1001..100_000, 10)] {
            let source = pairs(&ranked(&train, ranks, step));
            let found = kolmogorov_smirnov(&source, &tested).unwrap();
            let golden = |what: &str| table(GOLDEN, &format!("{factor}.{name}.{what}"));
            let off = |found: Array1<f64>, golden: Array2<f64>| {
                (found - golden.row(0))
                    .iter()
                    .fold(0.0_f64, |most, off| most.max(off.abs()))
            };
            assert!(off(found.statistics(), golden("statistic")) < 1e-12);
            assert!(off(found.p_values(), golden("p")) < 1e-10);
            let (mmd, classifier) = (
                Mmd::new().level(0.01).run(&source, &tested).unwrap(),
                ClassifierTest::new()
                    .level(0.01)
                    .run(&source, &tested)
                    .unwrap(),
            );
            for shifted in [
                found.is_shifted(),
                mmd.is_shifted(),
                classifier.is_shifted(),
            ] {
                assert_eq!(
                    shifted,
                    name == "weak",
                    "{factor} {name}: {found}\n{mmd}\n{classifier}"
                );
            }
        }
    }
}

/// A published model sees the same by its outputs alone, and tells how many of other examples are peaks, within 0.05.
#[test]
fn a_published_model_tells_shifts_and_shares() {
    let (Some(model), Some(train), Some(tested)) = (
        file("deepbind/D00409.004.GABPA.txt"),
        file("encode/GABPA_AC.seq.gz"),
        file("encode/GABPA_B.seq.gz"),
    ) else {
        return;
    };
    let model = PublishedDeepBind::open(model).unwrap();
    let (train, tested) = (
        sequence::open_peaks(train).unwrap(),
        sequence::open_peaks(tested).unwrap(),
    );
    let peaks = ranked(&tested, 1..1001, 1);
    let (strong, weak) = (
        ranked(&train, 1..1001, 1),
        ranked(&train, 1001..100_000, 10),
    );
    assert!(
        !black_box_shift(&model, &strong, &peaks)
            .unwrap()
            .is_shifted()
    );
    assert!(black_box_shift(&model, &weak, &peaks).unwrap().is_shifted());

    let shuffled = sequence::dinucleotide_shuffle(&strong, Seed::new(1));
    let known = probabilities(&model, &strong.concat(&shuffled).unwrap()).unwrap();
    let labels = Array1::from_shape_fn(1000, |row| if row < 500 { 1.0_f32 } else { 0.0 });
    // The first 500 of the table are peaks: 100 of them beside 400 that were shuffled.
    let new = probabilities(&model, &tested.sequences()).unwrap();
    let new = new.slice(s![400..900, ..]).to_owned();
    assert_eq!(tested.bound().slice(s![400..900]).sum(), 100.0);
    for method in [PriorMethod::Em, PriorMethod::Bbse, PriorMethod::Rlls] {
        let found = PriorShift::new().method(method);
        let found = found.run((&known, &labels), &new).unwrap();
        assert!(
            (found.target()[1] - 0.2).abs() < 0.05,
            "{method:?}: {found}"
        );
    }
}
