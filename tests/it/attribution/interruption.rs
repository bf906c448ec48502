//! Explaining can be stopped.

use crate::alone::{Stop, is_alone};
use genolens::attribution::{integrated_gradients, saliency, saturation_mutagenesis, smooth_grad};
use genolens::network::deepbind;
use genolens::progress;
use genolens::sequence::Sequences;

#[test]
fn mutagenesis_stops_when_asked() {
    if !is_alone("attribution::interruption::mutagenesis_stops_when_asked") {
        return;
    }
    let (model, x) = (deepbind(2), Sequences::dna(["ACGTTGCA"; 3]).unwrap());
    progress::watch(Stop {
        task: "saturation mutagenesis",
        after: 1,
    });
    let error = saturation_mutagenesis(&model, &x).unwrap_err();
    assert!(error.is_interrupted());
    // How far it was depends on the number of threads.
    let told = error.to_string();
    assert!(
        told.starts_with("interrupted: saturation mutagenesis stopped after "),
        "{told}"
    );
    // The wish is spent: the next task runs.
    assert_eq!(saliency(&model, &x).unwrap().len(), 3);
}

#[test]
fn ways_and_noise_stop_when_asked() {
    if !is_alone("attribution::interruption::ways_and_noise_stop_when_asked") {
        return;
    }
    let (model, x) = (deepbind(2), Sequences::dna(["ACGTTGCA"; 9]).unwrap());
    for task in ["integrated gradients", "SmoothGrad"] {
        progress::watch(Stop { task, after: 1 });
        let stopped = match task {
            "SmoothGrad" => smooth_grad(&model, &x),
            _ => integrated_gradients(&model, &x),
        };
        assert!(stopped.unwrap_err().is_interrupted(), "{task}");
    }
    assert_eq!(saliency(&model, &x).unwrap().len(), 9);
}
