//! Scores of features, checked and ordered.

use crate::sufficient::Subsets;
use crate::{Error, Input, Result};
use ndarray::{Array2, ArrayView1};

/// Reads the importance of every feature of every example of some subsets, shape `(examples, features)`.
pub(super) fn importances(subsets: &Subsets, scores: &dyn Input) -> Result<Array2<f64>> {
    let scores = scores.array()?;
    let (n, features) = (subsets.examples(), subsets.features().len());
    let numbers: Vec<f64> = scores.iter().map(|&score| f64::from(score)).collect();
    if scores.shape().first() != Some(&n) || numbers.len() != n * features {
        let expected = format!("({n}, {features}), one score for each feature of each example");
        return Err(Error::shape("scores", expected, scores.shape()));
    }
    if let Some(at) = numbers.iter().position(|number| !number.is_finite()) {
        let (example, feature) = (at / features, at % features);
        let got = format!("{} for feature {feature} of example {example}", numbers[at]);
        return Err(Error::value("scores", "finite numbers", got));
    }
    let numbers = Array2::from_shape_vec((n, features), numbers);
    numbers.map_err(|_| Error::shape("scores", "(examples, features)", scores.shape()))
}

/// Returns the features in ascending order of importance; equally important ones in order.
pub(super) fn ascending(importances: &ArrayView1<'_, f64>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..importances.len()).collect();
    order.sort_by(|&a, &b| importances[a].total_cmp(&importances[b]));
    order
}
