//! A linear function of which features are present.

use super::coalitions::Kept;
use crate::linear::Cholesky;
use crate::progress;
use crate::{Error, Result};
use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, Axis};

/// What keeps the coefficients of a surrogate small.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Surrogate {
    /// The sum of their squares times this number, beside the weighted sum of squared errors, as scikit-learn's `Ridge`.
    Ridge(f64),
    /// The sum of their sizes times this number, beside half the weighted mean of squared errors, as scikit-learn's `Lasso`.
    Lasso(f64),
}

impl Surrogate {
    /// Returns the number that penalties are multiplied by.
    pub(super) fn penalty(self) -> f64 {
        match self {
            Self::Ridge(penalty) | Self::Lasso(penalty) => penalty,
        }
    }
}

/// Weighted sums about coalitions and their scores, less their means.
pub(super) struct Sums {
    means: Array1<f64>,
    mean: f64,
    products: Array2<f64>,
    with_scores: Array1<f64>,
    total: f64,
}

/// A surrogate that was fitted.
pub(super) struct Fitted {
    pub(super) coefficients: Vec<f64>,
    pub(super) intercept: f64,
}

impl Sums {
    /// Adds up all coalitions, those that weigh nothing left out.
    pub(super) fn new(kept: &Kept, scores: &[f64], weights: &[f64]) -> Result<Self> {
        const ROWS: usize = 256;
        let features = kept.features();
        let rows: Vec<usize> = (0..weights.len())
            .filter(|&row| weights[row] > 0.0)
            .collect();
        let total: f64 = weights.iter().sum();
        let mean = rows
            .iter()
            .map(|&row| weights[row] * scores[row])
            .sum::<f64>()
            / total;
        let mut sums = Array1::<f64>::zeros(features);
        let mut products = Array2::<f64>::zeros((features, features));
        let mut with_scores = Array1::<f64>::zeros(features);
        for (step, some) in rows.chunks(ROWS).enumerate() {
            // Thousands of features take seconds.
            progress::check("surrogate", step, rows.len().div_ceil(ROWS))
                .inspect_err(|_| progress::clear_interrupt())?;
            let mut block = Array2::<f64>::zeros((some.len(), features));
            for (mut values, &row) in block.rows_mut().into_iter().zip(some) {
                let weight = weights[row];
                for (feature, value) in values.iter_mut().enumerate() {
                    if kept.has(row, feature) {
                        *value = weight.sqrt();
                        sums[feature] += weight;
                        with_scores[feature] += weight * (scores[row] - mean);
                    }
                }
            }
            general_mat_mul(1.0, &block.t(), &block, 1.0, &mut products);
        }
        let means = sums / total;
        let column = means.view().insert_axis(Axis(1));
        products.scaled_add(-total, &column.dot(&column.t()));
        // The scores have mean 0, so that nothing is to be taken off theirs.
        Ok(Self {
            means,
            mean,
            products,
            with_scores,
            total,
        })
    }

    /// Fits a surrogate of these features, others have coefficient 0; nothing if they cannot be told apart.
    pub(super) fn fit(&self, surrogate: Surrogate, features: &[usize]) -> Result<Option<Fitted>> {
        let products = self.products.select(Axis(0), features);
        let products = products.select(Axis(1), features);
        let with_scores = self.with_scores.select(Axis(0), features);
        let found = match surrogate {
            Surrogate::Ridge(penalty) => {
                let system = products + Array2::<f64>::eye(features.len()) * penalty;
                let Some(system) = Cholesky::new(system) else {
                    return Ok(None);
                };
                system.solve(&with_scores)
            }
            Surrogate::Lasso(penalty) => lasso(&products, &with_scores, penalty * self.total)?,
        };
        let mut coefficients = vec![0.0; self.means.len()];
        for (&feature, &value) in features.iter().zip(&found) {
            coefficients[feature] = value;
        }
        let shift: f64 = coefficients
            .iter()
            .zip(&self.means)
            .map(|(c, m)| c * m)
            .sum();
        Ok(Some(Fitted {
            coefficients,
            intercept: self.mean - shift,
        }))
    }

    /// Returns by how much these features, without any penalty, bring down the sum of squares; nothing if they cannot be told apart.
    pub(super) fn explained(&self, features: &[usize]) -> Option<f64> {
        let products = self.products.select(Axis(0), features);
        let products = products.select(Axis(1), features);
        let with_scores = self.with_scores.select(Axis(0), features);
        let found = Cholesky::new(products)?.solve(&with_scores);
        Some(found.dot(&with_scores))
    }

    /// Returns the weighted share of the variance of the scores that a surrogate explains.
    pub(super) fn share(
        &self,
        fitted: &Fitted,
        kept: &Kept,
        (scores, weights): (&[f64], &[f64]),
    ) -> f64 {
        let (mut errors, mut all) = (0.0, 0.0);
        for (row, (score, weight)) in scores.iter().zip(weights).enumerate() {
            if *weight > 0.0 {
                let present = fitted.coefficients.iter().enumerate();
                let present = present.filter(|(feature, _)| kept.has(row, *feature));
                let found: f64 = present.map(|(_, c)| c).sum::<f64>() + fitted.intercept;
                errors += weight * (score - found).powi(2);
                all += weight * (score - self.mean).powi(2);
            }
        }
        // As scikit-learn: scores that do not vary are explained, or not.
        match (all > 0.0, errors > 0.0) {
            (true, _) => 1.0 - errors / all,
            (false, false) => 1.0,
            (false, true) => 0.0,
        }
    }
}

/// Minimises half the squared errors plus the penalty times the sizes, one coefficient after the other.
fn lasso(products: &Array2<f64>, with_scores: &Array1<f64>, penalty: f64) -> Result<Array1<f64>> {
    const TURNS: usize = 100_000;
    let mut found = Array1::<f64>::zeros(with_scores.len());
    // What the scores have left in common with each feature.
    let mut left = with_scores.clone();
    let scale = with_scores.iter().fold(0.0_f64, |a, b| a.max(b.abs()));
    for turn in 0..TURNS {
        progress::check("lasso", turn, TURNS).inspect_err(|_| progress::clear_interrupt())?;
        let mut furthest = 0.0_f64;
        for feature in 0..found.len() {
            let size = products[[feature, feature]];
            if size <= 0.0 {
                continue;
            }
            let alone = left[feature] + size * found[feature];
            let next = alone.signum() * (alone.abs() - penalty).max(0.0) / size;
            let step = next - found[feature];
            if step != 0.0 {
                left.scaled_add(-step, &products.row(feature));
                found[feature] = next;
                furthest = furthest.max(step.abs() * size);
            }
        }
        if furthest <= 1e-11 * scale {
            return Ok(found);
        }
    }
    Err(Error::Diverged {
        what: "lasso".into(),
        detail: format!("coefficients still changed after {TURNS} turns"),
    })
}
