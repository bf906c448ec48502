//! Explanations of models of sequences that do not look inside: golden numbers of captum, groups of positions, real peaks.

use super::golden::{network, sequences};
use super::methods::{smooth, some};
use crate::alone::{Stop, is_alone};
use crate::data;
use crate::device::on_every_device;
use crate::golden::{assert_near, table};
use genolens::attribution::{
    Attribution, ExactShapley, KernelShap, Lime, Masking, Method, References, ShapleySampling,
    exact_shapley, kernel_shap, lime, shapley_sampling,
};
use genolens::ndarray::{Array2, Axis};
use genolens::network::{ModelOutputs, Network, PublishedDeepBind, deepbind, predict};
use genolens::progress;
use genolens::sequence::{self, Sequences};

const CAPTUM: &str = include_str!("../../golden/attribution/black_box_captum.tsv");

fn stretches_are_those_of_captum() {
    let (model, x) = (network(), sequences());
    for (references, name) in [
        (References::zeros(), "zeros"),
        (References::uniform(), "uniform"),
    ] {
        let masking = Masking::new().stretches(4).references(references);
        let exact = ExactShapley::new().target(1).masking(masking.clone());
        let found = exact.contributions(&model, &x).unwrap();
        // The network computes in single precision.
        assert_near(found.values(), &table(CAPTUM, name), 1e-5);
        let kernel = KernelShap::new().target(1).masking(masking.clone());
        let kernel = kernel.contributions(&model, &x).unwrap();
        assert_near(kernel.values(), found.values(), 1e-6);
        let outputs = predict(&model, &x).unwrap().column(1).mapv(f64::from);
        assert!((found.outputs() - &outputs).iter().all(|d| d.abs() < 1e-5));
        assert_eq!(found.target(), 1);
        // Four positions share what a stretch contributes.
        let scores = exact.run(&model, &x).unwrap();
        let observed = scores.observed().unwrap().mapv(f64::from);
        for ((i, position), score) in observed.indexed_iter() {
            let expected = found.values()[[i, position / 4]] / 4.0;
            assert!((score - expected).abs() < 1e-6);
        }
        let nowhere = scores.scores() * &x.one_hot().unwrap().values().mapv(|code| 1.0 - code);
        assert_eq!(nowhere.iter().filter(|score| **score != 0.0).count(), 0);
    }
}

fn a_deepbind_network_is_shared_out_exactly() {
    let model = crate::device::placed(&deepbind(6));
    let x = Sequences::dna(["ACGTTGCATCGGNATTACAGGCATTT", "TTTTTCCCCCAAAAAGGGGGACACAC"]).unwrap();
    let shuffles = References::dinucleotide_shuffles(3);
    let masking = Masking::new().stretches(4).references(shuffles);
    let exact = ExactShapley::new().masking(masking.clone()).batch(10);
    let exact = exact.contributions(&model, &x).unwrap();
    let kernel = KernelShap::new().masking(masking.clone());
    let found = kernel.contributions(&model, &x).unwrap();
    assert_near(found.values(), exact.values(), 1e-9);
    let drawn = ShapleySampling::new().masking(masking).samples(300);
    let drawn = drawn.contributions(&model, &x).unwrap();
    let apart = (drawn.values() - exact.values()).mapv(f64::abs);
    let errors = drawn.standard_errors().unwrap();
    assert!(
        apart
            .iter()
            .zip(errors)
            .all(|(apart, error)| *apart <= 5.0 * error)
    );
    // What the scores of letters add up to is what the contributions do.
    let scores = kernel.run(&model, &x).unwrap();
    assert_eq!(scores.method(), "kernel SHAP");
    for i in 0..2 {
        let sum = f64::from(scores.scores().index_axis(Axis(0), i).sum());
        let rest = scores.unexplained().unwrap()[i];
        assert!(rest.abs() < 1e-9);
        assert!((sum - (exact.outputs()[i] - exact.base()[i])).abs() < 1e-5);
    }
    // The unknown letter is given out in equal shares.
    let unknown: Vec<f32> = (0..4)
        .map(|letter| scores.scores()[[0, letter, 12]])
        .collect();
    assert!(unknown[0] != 0.0 && unknown.iter().all(|&score| score == unknown[0]));
}

fn every_method_is_one() {
    let (model, x) = (smooth(), some());
    let methods: [Box<dyn Method>; 4] = [
        Box::new(ExactShapley::new().target(1)),
        Box::new(KernelShap::new().target(1)),
        Box::new(ShapleySampling::new().target(1).samples(40)),
        Box::new(Lime::new().target(1)),
    ];
    let found: Vec<Attribution> = (methods.iter())
        .map(|method| method.explain(&model, &x).unwrap())
        .collect();
    let exact = found[0].observed().unwrap();
    for found in &found {
        assert_eq!(found.target(), 1);
        // All of them see the same here, where positions hardly work together.
        let other = found.observed().unwrap();
        for i in 0..x.len() {
            let (a, b) = (exact.row(i), other.row(i));
            let cosine = a.dot(&b) / (a.dot(&a) * b.dot(&b)).sqrt();
            assert!(cosine > 0.99, "{found:?}: {cosine}");
        }
    }
    assert!(found[3].unexplained().is_none());
    assert!(
        found[2]
            .unexplained()
            .unwrap()
            .iter()
            .all(|rest| rest.abs() < 1e-9)
    );
}

#[test]
fn doors_with_and_without_options_lead_to_the_same() {
    let (model, x) = (smooth(), some());
    let same = |a: Attribution, b: Attribution| assert_eq!(a.scores(), b.scores());
    same(
        exact_shapley(&model, &x).unwrap(),
        ExactShapley::new().run(&model, &x).unwrap(),
    );
    same(
        kernel_shap(&model, &x).unwrap(),
        KernelShap::new().run(&model, &x).unwrap(),
    );
    same(
        shapley_sampling(&model, &x).unwrap(),
        ShapleySampling::new().run(&model, &x).unwrap(),
    );
    same(
        lime(&model, &x).unwrap(),
        Lime::new().run(&model, &x).unwrap(),
    );
    // A model is a function of rows, too, and its places are those of letters.
    let rows = ExactShapley::new().rows(&ModelOutputs(&model), &x).unwrap();
    let sequences = ExactShapley::new().contributions(&model, &x).unwrap();
    assert_eq!(rows.values(), sequences.values());
    // As is its code, with letters or without.
    let code = x.one_hot().unwrap();
    same(
        exact_shapley(&model, &code).unwrap(),
        exact_shapley(&model, &x).unwrap(),
    );
}

#[test]
fn what_is_drawn_for_a_sequence_follows_from_its_letters() {
    let (model, x) = (smooth(), some());
    let masking = Masking::new().references(References::dinucleotide_shuffles(2));
    let turned = x.select(&[2, 0, 1]).unwrap();
    let methods: [Box<dyn Method>; 3] = [
        Box::new(KernelShap::new().samples(100).masking(masking.clone())),
        Box::new(ShapleySampling::new().masking(masking.clone())),
        Box::new(Lime::new().samples(100).masking(masking)),
    ];
    for method in methods {
        let found = method.explain(&model, &x).unwrap();
        let found = found.select(&[2, 0, 1]).unwrap();
        let turned = method.explain(&model, &turned).unwrap();
        assert_eq!(found.scores(), turned.scores(), "{found:?}");
    }
}

#[test]
fn the_motif_of_a_real_peak_is_found_from_outside() {
    let Some(path) = data::file("deepbind/D00409.004.GABPA.txt") else {
        return;
    };
    let Some(peaks) = data::file("encode/GABPA_B.seq.gz") else {
        return;
    };
    let model = PublishedDeepBind::open(path).unwrap();
    let peaks = sequence::open_peaks(peaks).unwrap().sequences();
    let scores = predict(&model, &peaks).unwrap();
    let best = (0..peaks.len())
        .max_by(|&a, &b| scores[[a, 0]].total_cmp(&scores[[b, 0]]))
        .unwrap();
    let peak = peaks.select(&[best]).unwrap();
    let text = peak.text(0).to_owned();
    let uniform = Masking::new().references(References::uniform());
    let found = [
        KernelShap::new()
            .masking(uniform.clone())
            .run(&model, &peak),
        ShapleySampling::new()
            .masking(uniform.clone())
            .run(&model, &peak),
        Lime::new()
            .samples(2_000)
            .masking(uniform)
            .run(&model, &peak),
    ];
    for found in found {
        let found = found.unwrap();
        let observed: Array2<f32> = found.observed().unwrap();
        let loudest = (0..text.len())
            .max_by(|&a, &b| observed[[0, a]].total_cmp(&observed[[0, b]]))
            .unwrap();
        let around = &text[loudest.saturating_sub(8)..(loudest + 9).min(text.len())];
        assert!(
            around.contains("GGAA") || around.contains("TTCC"),
            "{found:?}: {around}"
        );
    }
}

#[test]
fn asking_stops_when_asked() {
    if !is_alone("attribution::black_box_sequences::asking_stops_when_asked") {
        return;
    }
    let (model, x): (Network, _) = (deepbind(2), Sequences::dna(["ACGTTGCATC"; 3]).unwrap());
    let methods: [(&'static str, Box<dyn Method>); 4] = [
        (
            "exact Shapley values",
            Box::new(ExactShapley::new().batch(4)),
        ),
        ("kernel SHAP", Box::new(KernelShap::new().batch(4))),
        (
            "Shapley sampling",
            Box::new(ShapleySampling::new().batch(4)),
        ),
        ("LIME", Box::new(Lime::new().batch(4))),
    ];
    for (task, method) in methods {
        progress::watch(Stop { task, after: 1 });
        let error = method.explain(&model, &x).unwrap_err();
        assert!(error.is_interrupted(), "{error}");
    }
    // The wish is spent.
    progress::watch(Stop {
        task: "nothing",
        after: 1,
    });
    assert_eq!(exact_shapley(&model, &x).unwrap().len(), 3);
}

on_every_device!(
    stretches_are_those_of_captum,
    a_deepbind_network_is_shared_out_exactly,
    every_method_is_one,
);
