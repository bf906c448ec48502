//! Published models on real peaks: their scores are no probabilities, and become some.

use crate::data::file;
use genolens::calibration::{Conformal, Method, Recalibrate};
use genolens::ndarray::{Array1, Array2, Axis};
use genolens::network::{PublishedDeepBind, predict};
use genolens::sequence::open_peaks;
use genolens::training::auroc;

const MODELS: [(&str, &str); 4] = [
    ("D00409.004.GABPA", "GABPA"),
    ("D00753.001.CTCFL", "CTCFL"),
    ("D00736.002.ARID3A", "ARID3A"),
    ("D00714.004.ZBTB7A", "ZBTB7A"),
];

/// Scores of 500 peaks and 500 shuffled ones.
fn scored((model, factor): (&str, &str)) -> Option<(Array1<f32>, Array1<f32>)> {
    let model = PublishedDeepBind::open(file(&format!("deepbind/{model}.txt"))?).unwrap();
    let peaks = open_peaks(file(&format!("encode/{factor}_B.seq.gz"))?).unwrap();
    let scores = predict(&model, &peaks.sequences()).unwrap();
    Some((scores.column(0).to_owned(), peaks.bound().clone()))
}

/// On the half that taught nothing: the error of calibration falls to at most 0.08, where 15 bins of 33 examples make about 0.05 by chance,
/// and the log loss falls; a rising line changes no order.
#[test]
fn scores_of_published_models_become_probabilities() {
    for model in MODELS {
        let Some((scores, labels)) = scored(model) else {
            return;
        };
        for method in [Method::Platt, Method::Beta] {
            let found = Recalibrate::new()
                .method(method)
                .run(&scores, &labels)
                .unwrap();
            let (before, after) = (found.assessment().before(), found.assessment().after());
            assert!(after.ece() < 0.08, "{model:?} {method}: {after}");
            assert!(
                after.log_loss() < before.log_loss(),
                "{model:?} {method}: {before}"
            );
            let chances = found.calibrator().apply(&scores).unwrap();
            let areas = [auroc(&scores, &labels), auroc(&chances, &labels)].map(Result::unwrap);
            assert!((areas[0] - areas[1]).abs() < 1e-4, "{areas:?}");
        }
    }
}

/// The coverage on one half after learning from the other is 0.9 within three standard errors of both, 0.019.
#[test]
fn sets_hold_the_truth_about_real_peaks() {
    for model in MODELS {
        let Some((scores, labels)) = scored(model) else {
            return;
        };
        let found = Recalibrate::new().method(Method::Platt);
        let chances = found
            .run(&scores, &labels)
            .unwrap()
            .calibrator()
            .apply(&scores)
            .unwrap();
        let both = Array2::from_shape_fn((scores.len(), 2), |(row, class)| {
            if class == 1 {
                chances[[row, 0]]
            } else {
                1.0 - chances[[row, 0]]
            }
        });
        let half = |first: usize| -> (Array2<f32>, Array1<f32>) {
            let rows: Vec<usize> = (first..scores.len()).step_by(2).collect();
            (both.select(Axis(0), &rows), labels.select(Axis(0), &rows))
        };
        let ((held, held_labels), (test, test_labels)) = (half(0), half(1));
        let sets = Conformal::new()
            .run(&held, &held_labels)
            .unwrap()
            .sets(&test)
            .unwrap();
        let coverage = sets.coverage(&test_labels).unwrap();
        assert!((coverage - 0.9).abs() < 0.057, "{model:?}: {coverage}");
    }
}
