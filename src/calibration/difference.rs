//! How far scores are from those of a reference, and how sure that is.

use ndarray::{Array2, Array3, Axis};
use std::fmt;
use std::sync::Arc;

/// Differences of scores from those of a reference, with their errors over members, each of shape `(n, outputs)`; cheap to clone.
///
/// Errors are standard deviations over members, with their number less one.
#[derive(Clone, PartialEq)]
pub struct Difference {
    effect: Arc<Array2<f64>>,
    error: Arc<Array2<f64>>,
    unpaired: Arc<Array2<f64>>,
    covariance: Arc<Array2<f64>>,
}

impl Difference {
    /// Takes scores and those of a reference, which has as many examples, or one.
    pub(super) fn new(scores: &Array3<f32>, reference: &Array3<f32>) -> Self {
        let (members, n, outputs) = scores.dim();
        let one = reference.len_of(Axis(1)) == 1;
        let mut tables = [const { Vec::new() }; 4];
        for row in 0..n {
            for output in 0..outputs {
                let at = if one { 0 } else { row };
                let pair = |member: usize| {
                    let reference = reference[[member, at, output]];
                    (
                        f64::from(scores[[member, row, output]]),
                        f64::from(reference),
                    )
                };
                let found = moments(&(0..members).map(pair), members as f64);
                tables
                    .iter_mut()
                    .zip(found)
                    .for_each(|(table, value)| table.push(value));
            }
        }
        let [effect, error, unpaired, covariance] = tables.map(|table| {
            let filled = Array2::from_shape_vec((n, outputs), table);
            // There is one value for each place.
            Arc::new(filled.unwrap_or_default())
        });
        Self {
            effect,
            error,
            unpaired,
            covariance,
        }
    }

    /// Returns the means of the differences.
    pub fn effect(&self) -> &Array2<f64> {
        &self.effect
    }

    /// Returns the error of the differences, taken member by member.
    pub fn error(&self) -> &Array2<f64> {
        &self.error
    }

    /// Returns the error that would follow from the two spreads alone: larger, where members who score one higher score the other higher.
    pub fn unpaired_error(&self) -> &Array2<f64> {
        &self.unpaired
    }

    /// Returns the covariance over members of scores and reference scores.
    pub fn covariance(&self) -> &Array2<f64> {
        &self.covariance
    }
}

/// Returns mean and spread of differences, the root of the sum of variances, and the covariance.
fn moments(pairs: &(impl Iterator<Item = (f64, f64)> + Clone), count: f64) -> [f64; 4] {
    let mean = |of: fn((f64, f64)) -> f64| pairs.clone().map(of).sum::<f64>() / count;
    let (first, second) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let effect = mean(|pair| pair.0 - pair.1);
    let sum = |of: &dyn Fn(f64, f64) -> f64| {
        pairs.clone().map(|(a, b)| of(a, b)).sum::<f64>() / (count - 1.0)
    };
    let own = sum(&|a, _| (a - first).powi(2));
    let other = sum(&|_, b| (b - second).powi(2));
    let paired = sum(&|a, b| (a - b - effect).powi(2));
    [
        effect,
        paired.sqrt(),
        (own + other).sqrt(),
        sum(&|a, b| (a - first) * (b - second)),
    ]
}

impl fmt::Debug for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, outputs) = self.effect.dim();
        write!(f, "Difference({n} examples, {outputs} outputs)")
    }
}
