//! Dreams and designs can be stopped.

use super::formula::looks_for;
use crate::alone::{Stop, is_alone};
use genolens::progress;
use genolens::sequence::Sequences;
use genolens::synthesis::{self, Goal};

#[test]
fn all_stop_when_asked() {
    if !is_alone("synthesis::interruption::all_stop_when_asked") {
        return;
    }
    let model = looks_for("GATTACA");
    let x = Sequences::dna(["ACGTACGTACGTACGT"; 40]).unwrap();
    progress::watch(Stop {
        task: "activation maximisation",
        after: 1,
    });
    let error = synthesis::dream(&model, &x, 0).unwrap_err();
    assert!(error.is_interrupted(), "{error}");
    progress::watch(Stop {
        task: "design",
        after: 1,
    });
    let error = synthesis::greedy_design(&model, &x, Goal::highest(0)).unwrap_err();
    assert!(error.is_interrupted(), "{error}");
    progress::watch(Stop {
        task: "gradient design",
        after: 1,
    });
    let error = synthesis::gradient_design(&model, &x, Goal::value(0, 1.0)).unwrap_err();
    assert!(error.is_interrupted(), "{error}");
    // The wish is spent.
    assert_eq!(synthesis::dream(&model, &x, 0).unwrap().len(), 40);
}
