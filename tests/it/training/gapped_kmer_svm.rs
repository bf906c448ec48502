//! Support vector machines against the conditions of their optimum and against scikit-learn.

use crate::alone::{Stop, is_alone};
use crate::data;
use crate::golden::{rows, table};
use genolens::Input;
use genolens::attribution::{saliency, saturation_mutagenesis};
use genolens::ndarray::{Array1, Array3, Axis, arr2, concatenate};
use genolens::network::predict;
use genolens::progress;
use genolens::random::Seed;
use genolens::sequence::{Sequences, dinucleotide_shuffle, open_peaks};
use genolens::simulate;
use genolens::training::{FitSvm, GappedKmerSvm, GappedKmers, KmerFilter, auroc, gapped_kmer_svm};

const GOLDEN: &str = include_str!("../../golden/training/svm.tsv");

fn planted(n: usize) -> (Sequences, Array1<f32>) {
    let found = simulate::motifs(n, Seed::new(11)).unwrap();
    (found.sequences(), found.labels().clone())
}

fn short() -> GappedKmers {
    GappedKmers::new().length(8).informative(5)
}

#[test]
fn machines_are_those_of_scikit_learn() {
    for case in ["small", "default", "unequal"] {
        let golden = |name: &str| table(GOLDEN, &format!("{case}.{name}"));
        let x = Sequences::dna(rows(GOLDEN, &format!("{case}.sequences")).remove(0)).unwrap();
        let labels = golden("labels").row(0).mapv(|label| label as f32);
        let options = golden("options").row(0).to_owned();
        let kernel = GappedKmers::new()
            .length(options[0] as usize)
            .informative(options[1] as usize);
        let fit = FitSvm::new().kernel(&kernel).tolerance(1e-9);
        let fit = fit.cost(options[2]).positive_cost(options[3]);
        let svm = fit.run(&x, &labels).unwrap();
        assert!(svm.is_converged() && svm.violation() <= 1e-9, "{svm}");
        let off = (svm.numbers() - &golden("numbers").row(0)).mapv(f64::abs);
        assert!(off.iter().all(|off| *off < 1e-6), "{case}: {off}");
        // Where no example is free, every bias between two scores is as good.
        if case != "default" {
            let bias = golden("bias")[[0, 0]];
            assert!((svm.bias() - bias).abs() < 1e-6, "{case}: {svm:?} {bias}");
            let scores = predict(&svm, &x).unwrap().remove_axis(Axis(1));
            let off = scores.mapv(f64::from) - golden("scores").row(0);
            assert!(off.iter().all(|off| off.abs() < 1e-5), "{case}: {off}");
        }
    }
}

/// The matrix is summed over pairs of words, training sums over all words at once.
#[test]
fn training_ends_at_the_optimum() {
    let (x, labels) = planted(80);
    for (kernel, cost, positive) in [
        (short(), 1.0, 1.0),
        (short(), 0.05, 1.0),
        (short(), 50.0, 0.2),
        (short().half_life(10.0).both_strands(false), 1.0, 3.0),
        (short().filter(KmerFilter::Truncated), 1.0, 1.0),
        (GappedKmers::new().length(5).informative(3), 2.0, 1.0),
    ] {
        let fit = FitSvm::new().kernel(&kernel).cost(cost);
        let svm = fit.positive_cost(positive).tolerance(1e-7);
        let svm = svm.run(&x, &labels).unwrap();
        assert!(svm.is_converged(), "{svm}");
        let alike = kernel.matrix(&x, &x).unwrap();
        let numbers = svm.numbers();
        let plain = alike.dot(numbers);
        assert!(numbers.sum().abs() < 1e-9 * cost);
        let (mut loss, mut sum, mut most) = (0.0, 0.0, 0.0_f64);
        for (i, &number) in numbers.iter().enumerate() {
            let sign = if labels[i] == 1.0 { 1.0 } else { -1.0 };
            let cap = if labels[i] == 1.0 {
                cost * positive
            } else {
                cost
            };
            let size = sign * number;
            assert!((0.0..=cap).contains(&size));
            let margin = sign * (plain[i] + svm.bias());
            // At 0 the margin is at least 1, at the cap at most, in between exactly.
            let wrong = if size == 0.0 {
                1.0 - margin
            } else if size == cap {
                margin - 1.0
            } else {
                (margin - 1.0).abs()
            };
            most = most.max(wrong);
            loss += cap * (1.0 - margin).max(0.0);
            sum += size;
        }
        assert!(most < 1e-6, "{most} {svm}");
        let square = 0.5 * numbers.dot(&plain);
        assert!((svm.objective() - square - loss).abs() < 1e-9 * svm.objective());
        let gap = loss + 2.0 * square - sum;
        assert!((svm.duality_gap() - gap).abs() < 1e-9 * svm.objective());
        assert!(gap < 1e-6 * svm.objective(), "{gap}");
        assert_eq!(
            svm.support().len(),
            numbers.iter().filter(|n| **n != 0.0).count()
        );
    }
}

#[test]
fn scores_are_sums_over_examples_and_over_words() {
    let (x, labels) = planted(60);
    for kernel in [
        short(),
        short().half_life(15.0),
        short().both_strands(false),
    ] {
        let svm = FitSvm::new().kernel(&kernel).run(&x, &labels).unwrap();
        let other = planted(90).0.select(&(60..90).collect::<Vec<_>>()).unwrap();
        let scores = predict(&svm, &other).unwrap();
        let sums = kernel.matrix(&other, &x).unwrap().dot(svm.numbers()) + svm.bias();
        let words = svm.contributions(&other).unwrap().sum_axis(Axis(1));
        for i in 0..30 {
            let score = f64::from(scores[[i, 0]]);
            assert!((score - sums[i]).abs() < 1e-5, "{score} {}", sums[i]);
            let sum = f64::from(words[i]) + svm.bias();
            assert!((score - sum).abs() < 1e-5, "{score} {sum}");
        }
        // Words are sequences of one word.
        let (high, found) = svm.highest_words(5);
        let again = predict(&svm, &high).unwrap();
        let all = svm.word_scores();
        assert_eq!(all.len(), 65_536);
        assert_eq!(found[0], all.iter().fold(f32::MIN, |a, &b| a.max(b)));
        let (_, low) = svm.lowest_words(1);
        assert_eq!(low[0], all.iter().fold(f32::MAX, |a, &b| a.min(b)));
        if kernel == short() {
            for i in 0..5 {
                let score = f64::from(found[i]) + svm.bias();
                assert!((score - f64::from(again[[i, 0]])).abs() < 1e-5);
            }
        }
    }
}

#[test]
fn a_position_that_is_not_one_letter_takes_part_in_nothing() {
    let (x, labels) = planted(40);
    let svm = FitSvm::new().kernel(&short()).run(&x, &labels).unwrap();
    let mut one: Array3<f32> = x
        .array()
        .unwrap()
        .into_owned()
        .into_dimensionality()
        .unwrap();
    one.slice_axis_inplace(Axis(0), (0..1).into());
    let length = one.dim().2;
    let mut outside = one.clone();
    outside.slice_axis_inplace(Axis(2), (0..length / 2).into());
    // A soft position, two letters and none cut a sequence in the same way as its end.
    for column in [
        [0.25; 4],
        [1.0, 1.0, 0.0, 0.0],
        [0.0; 4],
        [0.999, 0.0, 0.0, 0.0],
    ] {
        let mut rest = Array3::zeros((1, 4, length - length / 2));
        for mut position in rest.axis_iter_mut(Axis(2)) {
            position.assign(&arr2(&[column]));
        }
        let cut = concatenate(Axis(2), &[outside.view(), rest.view()]).unwrap();
        assert_eq!(
            predict(&svm, &cut).unwrap(),
            predict(&svm, &outside).unwrap()
        );
    }
    let blank = Array3::<f32>::zeros((1, 4, 30));
    assert_eq!(predict(&svm, &blank).unwrap()[[0, 0]], svm.bias() as f32);
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let (x, labels) = planted(100);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().unwrap();
        let kernel = short().half_life(30.0);
        pool.install(|| FitSvm::new().kernel(&kernel).run(&x, &labels).unwrap())
    };
    let (one, three) = (run(1), run(3));
    assert_eq!(one.numbers(), three.numbers());
    assert_eq!(one.bias().to_bits(), three.bias().to_bits());
    assert_eq!(one.word_scores(), three.word_scores());
    assert_eq!(one.turns(), three.turns());
}

#[test]
fn a_file_keeps_the_scores() {
    let (x, labels) = planted(40);
    let path = std::env::temp_dir().join("genolens_svm_test.safetensors");
    for kernel in [
        short().half_life(12.5).mismatches(3),
        short().filter(KmerFilter::Estimated).both_strands(false),
    ] {
        let svm = FitSvm::new().kernel(&kernel).run(&x, &labels).unwrap();
        svm.save(&path).unwrap();
        let copy = GappedKmerSvm::open(&path).unwrap();
        assert_eq!(copy.to_string(), svm.to_string());
        assert_eq!(copy.kernel(), svm.kernel());
        assert_eq!(copy.numbers(), svm.numbers());
        assert_eq!(predict(&copy, &x).unwrap(), predict(&svm, &x).unwrap());
    }
    let bytes = std::fs::read(&path).unwrap();
    for end in [0, 7, 100, bytes.len() - 1] {
        std::fs::write(&path, &bytes[..end]).unwrap();
        let error = GappedKmerSvm::open(&path).unwrap_err().to_string();
        let expected = "expected a complete gapped k-mer support vector machine";
        assert!(
            error.contains(expected) && error.contains("genolens_svm_test"),
            "{error}"
        );
    }
    let text = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let found = bytes
            .windows(from.len())
            .position(|part| part == from.as_bytes());
        let mut changed = bytes.clone();
        changed[found.unwrap()..][..to.len()].copy_from_slice(to.as_bytes());
        std::fs::write(&path, changed).unwrap();
        let error = GappedKmerSvm::open(&path).unwrap_err().to_string();
        error.split_once(" is ").unwrap().1.to_owned()
    };
    insta::assert_snapshot!(text(r#""length":"8""#, r#""length":"9""#), @"`words` of type F32 and shape [65536], expected a complete gapped k-mer support vector machine");
    insta::assert_snapshot!(text("estimated", "estimates"), @"`filter` that is `estimates`, expected a complete gapped k-mer support vector machine");
    insta::assert_snapshot!(text("svm 1", "svm 2"), @"a file of tensors without its mark, expected a complete gapped k-mer support vector machine");
    std::fs::remove_file(&path).ok();
}

#[test]
fn methods_that_ask_for_scores_explain_a_machine() {
    let (x, labels) = planted(40);
    let svm = FitSvm::new().kernel(&short()).run(&x, &labels).unwrap();
    let some = x.select(&[0, 1]).unwrap();
    let scores = saturation_mutagenesis(&svm, &some).unwrap();
    assert!(scores.scores().iter().any(|score| *score != 0.0));
    insta::assert_snapshot!(saliency(&svm, &some).unwrap_err(), @"`model` is one whose output does not depend on `x` in a way that candle can differentiate, expected differentiable");
    let shown = svm.table(3);
    assert!(shown.text().contains("support vectors") && shown.html().contains("<span"));
}

#[test]
fn what_makes_no_sense_is_explained() {
    let (x, labels) = planted(20);
    let fail = |fit: FitSvm| fit.run(&x, &labels).unwrap_err();
    insta::assert_snapshot!(fail(FitSvm::new().cost(0.0)), @"`cost` is 0, expected above 0");
    insta::assert_snapshot!(fail(FitSvm::new().tolerance(f64::NAN)), @"`tolerance` is NaN, expected above 0");
    insta::assert_snapshot!(fail(FitSvm::new().turns(0)), @"`turns` is 0, expected at least 1");
    let fit = FitSvm::new().kernel(&short());
    let wrong = |labels: Array1<f32>| fit.run(&x, &labels).unwrap_err();
    insta::assert_snapshot!(wrong(Array1::ones(20)), @"`labels` is 20 ones, 0 zeros, expected both 0 and 1");
    insta::assert_snapshot!(wrong(Array1::from_elem(20, 0.5)), @"`labels` is 0.5, expected only 0 and 1");
    insta::assert_snapshot!(wrong(Array1::ones(19)), @"`labels` has shape (19), expected (20), one label per example of `x`");
    let blank = Array3::<f32>::zeros((20, 4, 30));
    insta::assert_snapshot!(fit.run(&blank, &labels).unwrap_err(), @"`x` is none, expected a stretch of 8 letters somewhere");
    let unended = fit.tolerance(1e-9).turns(2).run(&x, &labels).unwrap();
    assert!(!unended.is_converged() && unended.to_string().ends_with("(not converged)"));
    let narrow = Array3::<f32>::zeros((1, 4, 7));
    insta::assert_snapshot!(predict(&unended, &narrow).unwrap_err(), @"`x` has shape (1, 4, 7), expected (n, 4, length) with n at least 1 and length at least 8");
}

#[test]
fn training_stops_when_asked() {
    if !is_alone("training::gapped_kmer_svm::training_stops_when_asked") {
        return;
    }
    let (x, labels) = planted(60);
    progress::watch(Stop {
        task: "gapped k-mer SVM",
        after: 0,
    });
    let fit = FitSvm::new().kernel(&short()).tolerance(1e-15);
    let error = fit.run(&x, &labels).unwrap_err();
    assert!(error.is_interrupted(), "{error}");
}

#[test]
fn the_site_of_gabpa_is_learned_from_peaks() {
    let Some(train) = data::file("encode/GABPA_AC.seq.gz") else {
        return;
    };
    let Some(test) = data::file("encode/GABPA_B.seq.gz") else {
        return;
    };
    let bound = open_peaks(train).unwrap().sequences();
    let bound = bound.select(&(0..1000).collect::<Vec<_>>()).unwrap();
    let unbound = dinucleotide_shuffle(&bound, Seed::new(1));
    let x = bound.concat(&unbound).unwrap();
    let labels = Array1::from_shape_fn(2000, |i| if i < 1000 { 1.0 } else { 0.0 });
    let svm = gapped_kmer_svm(&x, &labels).unwrap();
    assert!(svm.is_converged(), "{svm}");
    let test = open_peaks(test).unwrap();
    let area = auroc(&predict(&svm, &test.sequences()).unwrap(), test.bound()).unwrap();
    assert!(area > 0.96, "{area}");
    // The best word holds CGGAAG, the core of the site, on either strand.
    let (high, _) = svm.highest_words(1);
    let word: String = (0..11)
        .map(|at| (0..4).find(|&row| high[[0, row, at]] == 1.0).unwrap())
        .map(|row| ['A', 'C', 'G', 'T'][row])
        .collect();
    assert!(word.contains("CGGAAG") || word.contains("CTTCCG"), "{word}");
}
