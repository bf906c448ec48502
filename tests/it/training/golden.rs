//! The curves and areas of scikit-learn 1.9.1, made by `tests/golden/training/make.py`.

use crate::golden::{assert_near, table};
use genolens::ndarray::{Array2, Axis, s};
use genolens::training::{auprc, auroc, precision_recall, roc};

const GOLDEN: &str = include_str!("../../golden/training/curves.tsv");

/// Both sides count in double precision.
const TOLERANCE: f64 = 1e-13;

#[test]
fn curves_and_areas_are_those_of_scikit_learn() {
    for case in [
        "tied", "rare", "distinct", "zeros", "constant", "perfect", "reversed",
    ] {
        let golden = |quantity: &str| table(GOLDEN, &format!("{case}.{quantity}"));
        let row = |quantity: &str| golden(quantity).row(0).mapv(|value| value as f32);
        let (scores, labels) = (row("scores"), row("labels"));
        let near = |found: Array2<f64>, quantity: &str| {
            assert_near(&found, &golden(quantity), TOLERANCE);
        };
        let one = |value: f64| Array2::from_elem((1, 1), value);
        near(one(auroc(&scores, &labels).unwrap()), "auroc");
        near(one(auprc(&scores, &labels).unwrap()), "auprc");
        let line = |values: &genolens::ndarray::Array1<f64>| values.clone().insert_axis(Axis(0));
        let curve = roc(&scores, &labels).unwrap();
        near(line(curve.x()), "false_positive_rate");
        near(line(curve.y()), "true_positive_rate");
        assert_eq!(line(curve.thresholds()), golden("thresholds"));
        near(one(curve.area()), "auroc");
        // Theirs goes from the lowest threshold to the highest.
        let curve = precision_recall(&scores, &labels).unwrap();
        let backwards = |values| line(values).slice(s![.., ..;-1]).to_owned();
        near(backwards(curve.x()), "recall");
        near(backwards(curve.y()), "precision");
        near(one(curve.area()), "auprc");
    }
}
