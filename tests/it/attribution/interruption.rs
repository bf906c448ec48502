//! Explaining can be stopped.

use crate::alone::{Stop, is_alone};
use genolens::attribution::{saliency, saturation_mutagenesis};
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
    insta::assert_snapshot!(error, @"interrupted: saturation mutagenesis stopped after 1 of 3");
    // The wish is spent: the next task runs.
    assert_eq!(saliency(&model, &x).unwrap().len(), 3);
}
