//! Subsets by gradients, several features at once.

use crate::attribution::drawn::Draw;
use genolens::ndarray::{Array2, array};
use genolens::network::{self, Architecture, ModelOutputs, Network};
use genolens::sequence::Sequences;
use genolens::sufficient::{Score, SufficientSubsets, Threshold};

fn lowest(model: &Network, x: &Sequences) -> f64 {
    let scores = network::predict(model, x).unwrap();
    f64::from(
        scores
            .column(0)
            .iter()
            .copied()
            .fold(f32::INFINITY, f32::min),
    )
}

/// Where a score is a sum over positions, its gradient tells exactly what masking does.
#[test]
fn gradients_of_sums_take_the_same_steps() {
    let model = network::logistic_regression(30).unwrap();
    let mut draw = Draw::new(4);
    let x = Sequences::dna([draw.text(30), draw.text(30)]).unwrap();
    let options = SufficientSubsets::new(lowest(&model, &x));
    let exact = options.run(&model, &x).unwrap();
    let found = options.clone().gradient(1).run(&model, &x).unwrap();
    assert_eq!((exact.step(), found.step()), (None, Some(1)));
    assert_eq!(found.len(), exact.len());
    for index in 0..found.len() {
        let (a, b) = (found.get(index).unwrap(), exact.get(index).unwrap());
        assert_eq!(a.selection().order(), b.selection().order());
        for (a, b) in a.selection().values().iter().zip(b.selection().values()) {
            assert!((a - b).abs() < 1e-5, "{a}, expected {b}");
        }
    }
    // Sigmoid does not change the order, only the scale.
    let sigmoid = SufficientSubsets::new(Threshold::quantile(0.0))
        .score(Score::Sigmoid)
        .gradient(1)
        .run(&model, &x)
        .unwrap();
    for example in 0..2 {
        let first = |of: &genolens::sufficient::Subsets| {
            of.of(example)
                .unwrap()
                .get(0)
                .unwrap()
                .selection()
                .order()
                .to_vec()
        };
        assert_eq!(first(&sigmoid), first(&exact));
    }
}

#[test]
fn steps_are_masked_and_scored_together() {
    let model = network::deepbind(12);
    let mut draw = Draw::new(8);
    let x = Sequences::dna([draw.text(50)]).unwrap();
    let options = SufficientSubsets::new(lowest(&model, &x)).gradient(7);
    let found = options.run(&model, &x).unwrap();
    assert_eq!(
        format!("{:?}", options.run(&model, &x).unwrap().table()),
        format!("{:?}", found.table())
    );
    let subset = found.get(0).unwrap();
    let selection = subset.selection();
    assert_eq!(selection.len(), 50);
    assert_eq!((50 - subset.len()) % 7, 0);
    for values in selection.values().chunks(7) {
        assert!(values.iter().all(|&value| value == values[0]));
    }
    let alone = network::predict(&model, &found.alone()).unwrap();
    for (score, index) in alone.iter().zip(0..) {
        assert!(f64::from(*score) >= found.threshold() - 1e-6);
        assert!((f64::from(*score) - found.get(index).unwrap().score()).abs() < 1e-6);
    }
}

/// The softmax of several outputs, and columns of a table.
#[test]
fn classes_of_rows_are_explained() {
    let model = Architecture::features(6)
        .dense(8)
        .relu()
        .dense(3)
        .seed(2)
        .build()
        .unwrap();
    let x: Array2<f32> = array![[1.0, -2.0, 0.5, 3.0, -1.0, 2.0]];
    let outputs = network::predict(&model, &x).unwrap();
    let sum: f64 = outputs.iter().map(|&one| f64::from(one).exp()).sum();
    for target in 0..3 {
        let options = SufficientSubsets::new(Threshold::quantile(0.0))
            .score(Score::Softmax)
            .target(target);
        let found = options.rows(&ModelOutputs(&model), &x).unwrap();
        let expected = f64::from(outputs[[0, target]]).exp() / sum;
        assert!((found.scores()[0] - expected).abs() < 1e-6);
        let steps = options.gradient(2).rows(&ModelOutputs(&model), &x).unwrap();
        assert_eq!(steps.get(0).unwrap().selection().len(), 6);
        assert!(steps.get(0).unwrap().score() >= steps.threshold());
    }
}
