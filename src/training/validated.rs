//! How a network did on examples that it had not seen.

use super::Trained;
use super::folds::Folds;
use super::measures::Measures;
use crate::{Error, Result};
use ndarray::{Array1, Array2};
use std::fmt;
use std::sync::Arc;

/// How a network did in every fold; cheap to clone, shows itself as a table.
#[derive(Clone)]
pub struct Validated {
    data: Arc<Data>,
}

struct Data {
    folds: Folds,
    results: Vec<(Trained, Measures)>,
    scores: Array2<f32>,
    metrics: &'static [&'static str],
}

impl Validated {
    pub(crate) fn new(
        folds: Folds,
        (results, scores): (Vec<(Trained, Measures)>, Array2<f32>),
        metrics: &'static [&'static str],
    ) -> Self {
        Self {
            data: Arc::new(Data {
                folds,
                results,
                scores,
                metrics,
            }),
        }
    }

    /// Returns the folds.
    pub fn folds(&self) -> Folds {
        self.data.folds.clone()
    }

    /// Returns the raw score that each example got while it was held out, shape `(n, outputs)`.
    ///
    /// Of a fold with more than 16,777,216 numbers, scores or labels, only so many are remembered, of examples drawn at random; the
    /// others are NaN.
    pub fn scores(&self) -> &Array2<f32> {
        &self.data.scores
    }

    /// Returns the network of a fold, counted from 0.
    ///
    /// # Errors
    ///
    /// Fails when there is no such fold.
    pub fn get(&self, fold: usize) -> Result<Trained> {
        let found = self.data.results.get(fold);
        let found = found.map(|result| result.0.clone());
        let expected = format!("below {}", self.data.results.len());
        found.ok_or_else(|| Error::value("fold", expected, fold))
    }

    /// Returns the names of the metrics: `auroc` and so on.
    pub fn metrics(&self) -> Vec<String> {
        self.data.metrics.iter().map(ToString::to_string).collect()
    }

    /// Returns the loss of the held out examples in every fold.
    pub fn loss(&self) -> Array1<f64> {
        let losses = self.data.results.iter();
        losses.map(|(_, measures)| measures.loss).collect()
    }

    /// Returns a metric of the held out examples in every fold, the mean over tasks.
    ///
    /// # Errors
    ///
    /// Fails when the loss has no such metric.
    pub fn metric(&self, metric: &str) -> Result<Array1<f64>> {
        let mut known = self.data.metrics.iter();
        let Some(place) = known.position(|name| *name == metric) else {
            let expected = format!("one of {}", self.data.metrics.join(", "));
            return Err(Error::value("metric", expected, metric));
        };
        let results = self.data.results.iter();
        Ok(results.map(|(_, measures)| measures.mean(place)).collect())
    }
}

impl fmt::Debug for Validated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Validated({self})")
    }
}

impl fmt::Display for Validated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mean, spread) = mean_and_spread(&self.loss());
        write!(
            f,
            "{} folds, loss {mean:.4} ± {spread:.4}",
            self.data.results.len()
        )?;
        for metric in self.data.metrics {
            if let Ok(values) = self.metric(metric) {
                let (mean, spread) = mean_and_spread(&values);
                write!(f, ", {metric} {mean:.4} ± {spread:.4}")?;
            }
        }
        Ok(())
    }
}

/// Returns the mean of the numbers there are, and their standard deviation with one degree of freedom less.
pub(crate) fn mean_and_spread(values: &Array1<f64>) -> (f64, f64) {
    let known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    let count = known.len() as f64;
    let mean = known.iter().sum::<f64>() / count;
    let squares: f64 = known.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0).max(0.0)).sqrt())
}
