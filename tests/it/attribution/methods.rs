//! The methods against their definitions, and on real peaks.

use crate::data;
use crate::device::{on_every_device, placed};
use genolens::attribution::{
    Attribution, Effect, GradientXInput, Saliency, SaturationMutagenesis, expected_gradients,
    gradient_x_input, integrated_gradients, saliency, saturation_mutagenesis,
};
use genolens::ndarray::{Array3, Axis};
use genolens::network::{Activation, Architecture, Network, PublishedDeepBind, deepbind, predict};
use genolens::sequence::{self, Sequences};

/// A smooth network with two outputs.
pub(super) fn smooth() -> Network {
    let network = Architecture::sequences(4)
        .convolution(5, 4)
        .activation(Activation::Tanh)
        .global_average_pool()
        .dense(6)
        .activation(Activation::Softplus)
        .dense(2)
        .seed(11)
        .build()
        .unwrap();
    placed(&network)
}

pub(super) fn some() -> Sequences {
    Sequences::dna(["ACGTTGCATC", "GGGNATTACA", "TTTTTCCCCC"]).unwrap()
}

fn gradients_are_slopes() {
    let (model, x) = (smooth(), some());
    let code = x.one_hot().unwrap();
    let slopes = Saliency::new()
        .target(1)
        .absolute(false)
        .batch(2)
        .run(&model, &x)
        .unwrap();
    let step = 1e-2;
    for (place, slope) in slopes.scores().indexed_iter() {
        let moved = |by: f32| {
            let mut x = code.values().clone();
            x[place] += by;
            predict(&model, &x).unwrap()[[place.0, 1]]
        };
        let expected = (moved(step) - moved(-step)) / (2.0 * step);
        assert!(
            (slope - expected).abs() < 2e-4,
            "{place:?}: {slope} {expected}"
        );
    }
    let absolute = Saliency::new().target(1).run(&model, &code).unwrap();
    assert_eq!(absolute.scores(), &slopes.scores().mapv(f32::abs));
    let product = GradientXInput::new().target(1).run(&model, &x).unwrap();
    assert_eq!(product.scores(), &(slopes.scores() * code.values()));
    let corrected = GradientXInput::new()
        .target(1)
        .mean_corrected(true)
        .run(&model, &x)
        .unwrap();
    let mean = slopes
        .scores()
        .mean_axis(Axis(1))
        .unwrap()
        .insert_axis(Axis(1));
    let expected = (slopes.scores() - &mean) * code.values();
    assert!(
        (corrected.scores() - &expected)
            .iter()
            .all(|d| d.abs() < 1e-6)
    );
}

fn mutagenesis_is_what_replaced_texts_score() {
    let (model, x) = (smooth(), some());
    let before = predict(&model, &x).unwrap();
    let mut differences = Array3::<f32>::zeros((3, 4, 10));
    for ((i, letter, position), difference) in differences.indexed_iter_mut() {
        let mut text = x.text(i).as_bytes().to_vec();
        text[position] = b"ACGT"[letter];
        let after = predict(&model, &Sequences::dna([text]).unwrap()).unwrap();
        *difference = after[[0, 1]] - before[[i, 1]];
    }
    let run = |effect| {
        let options = SaturationMutagenesis::new()
            .target(1)
            .effect(effect)
            .batch(7);
        options.run(&model, &x).unwrap().scores().clone()
    };
    let near = |a: &Array3<f32>, b: &Array3<f32>| (a - b).iter().all(|d| d.abs() < 1e-6);
    assert!(near(&run(Effect::Difference), &differences));
    let mean = differences.mean_axis(Axis(1)).unwrap().insert_axis(Axis(1));
    let hypothetical = &differences - &mean;
    assert!(near(&run(Effect::Hypothetical), &hypothetical));
    let code = x.one_hot().unwrap();
    let projected = hypothetical
        * code
            .values()
            .mapv(|share| if share == 1.0 { 1.0 } else { 0.0 });
    assert!(near(&run(Effect::Projected), &projected));
}

#[test]
fn real_peaks_are_explained_by_their_motif() {
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
    for explained in [
        saturation_mutagenesis(&model, &peak).unwrap(),
        gradient_x_input(&model, &peak).unwrap(),
        integrated_gradients(&model, &peak).unwrap(),
        expected_gradients(&model, &peak).unwrap(),
    ] {
        let observed = explained.observed().unwrap();
        let loudest = (0..text.len())
            .max_by(|&a, &b| observed[[0, a]].total_cmp(&observed[[0, b]]))
            .unwrap();
        let around = &text[loudest.saturating_sub(8)..(loudest + 9).min(text.len())];
        // The core of every ETS factor, on either strand.
        assert!(
            around.contains("GGAA") || around.contains("TTCC"),
            "{explained:?}: {around}"
        );
    }
}

#[test]
fn an_attribution_can_be_cut_and_names_what_is_wrong() {
    let x = some();
    let scores = saliency(&deepbind(3), &x).unwrap();
    assert_eq!(
        format!("{scores:?}"),
        "Attribution(saliency, n = 3, letters = 4, length = 10)"
    );
    let last = scores.get(2).unwrap();
    assert_eq!(last.sequences().text(0), "TTTTTCCCCC");
    assert_eq!(
        last.scores().index_axis(Axis(0), 0),
        scores.scores().index_axis(Axis(0), 2)
    );
    insta::assert_snapshot!(scores.get(3).unwrap_err(), @"`indices` is 3, expected below 3, the number of sequences");
    insta::assert_snapshot!(Attribution::new(x.clone(), Array3::zeros((3, 4, 9))).unwrap_err(), @"`scores` has shape (3, 4, 9), expected (3, 4, 10), that of the sequences");
    insta::assert_snapshot!(Saliency::new().target(1).run(&deepbind(3), &x).unwrap_err(), @"`target` is 1, expected below 1, the number of outputs");
    insta::assert_snapshot!(SaturationMutagenesis::new().target(2).run(&smooth(), &x).unwrap_err(), @"`target` is 2, expected below 2, the number of outputs");
    let long = Architecture::sequences(4)
        .length(12)
        .flatten()
        .dense(1)
        .build()
        .unwrap();
    insta::assert_snapshot!(saturation_mutagenesis(&long, &x).unwrap_err(), @"`x` has shape (3, 4, 10), expected (n, 4, 12)");
}

on_every_device!(
    gradients_are_slopes,
    mutagenesis_is_what_replaced_texts_score,
);
