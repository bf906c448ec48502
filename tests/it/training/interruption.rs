//! Training can be stopped, with or without losing what was learned.

use crate::alone::{Stop, is_alone};
use genolens::ndarray::{Array1, Array2};
use genolens::network::{Architecture, Network, predict};
use genolens::progress;
use genolens::training::Fit;

/// One epoch is five steps, and one for the look at the validation examples.
fn task() -> (Network, Array2<f32>, Array1<f32>) {
    let x = Array2::from_shape_fn((50, 2), |(i, j)| ((i * 7 + j * 3) % 10) as f32 / 10.0);
    let rows = x.rows().into_iter();
    let labels = rows.map(|row| if row[0] > row[1] { 1.0 } else { 0.0 });
    let labels = labels.collect();
    let network = Architecture::features(2).dense(4).relu().dense(1);
    (network.build().unwrap(), x, labels)
}

fn long() -> Fit {
    Fit::new().epochs(1_000_000).batch(9).patience(1_000_000)
}

fn stop_after(steps: usize) {
    progress::watch(Stop {
        task: "fit",
        after: steps,
    });
}

#[test]
fn training_stops_when_asked() {
    if !is_alone("training::interruption::training_stops_when_asked") {
        return;
    }
    let (network, x, labels) = task();
    stop_after(1);
    let error = long().run(&network, &x, &labels).unwrap_err();
    assert!(error.is_interrupted());
    insta::assert_snapshot!(error, @"interrupted: fit stopped after 2 of 6000000");
    // Before the first epoch is over there is nothing to keep.
    let keeping = long().keep_interrupted(true);
    let error = keeping.run(&network, &x, &labels).unwrap_err();
    assert!(error.is_interrupted());
    assert!(predict(&network, &x).is_ok());
}

#[test]
fn interrupted_training_keeps_the_best_epoch() {
    if !is_alone("training::interruption::interrupted_training_keeps_the_best_epoch") {
        return;
    }
    let (network, x, labels) = task();
    stop_after(11);
    let kept = long().keep_interrupted(true);
    let kept = kept.run(&network, &x, &labels).unwrap();
    let history = kept.history();
    assert!(history.is_interrupted());
    assert!(history.len() >= 2, "{history}");
    let text = history.to_string();
    assert!(text.ends_with(", interrupted"), "{text}");
    // Exactly what a training that was meant to end here gives.
    stop_after(usize::MAX);
    let meant = long().epochs(history.len());
    let meant = meant.run(&network, &x, &labels).unwrap();
    assert!(!meant.history().is_interrupted());
    assert_eq!(
        history.to_frame().unwrap(),
        meant.history().to_frame().unwrap()
    );
    assert_eq!(history.best_epoch(), meant.history().best_epoch());
    for name in network.weight_names() {
        let (a, b) = (kept.network().weight(&name), meant.network().weight(&name));
        assert_eq!(a.unwrap(), b.unwrap());
    }
}
