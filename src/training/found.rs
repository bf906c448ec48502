//! What a search has found.

use super::Trained;
use super::ranges::Trial;
use ndarray::{Array1, Array2};
use std::fmt;
use std::sync::Arc;

/// What a search has tried and found; cheap to clone, shows itself as a table.
#[derive(Clone)]
pub struct Found {
    data: Arc<Data>,
}

struct Data {
    tried: Vec<(Trial, f64)>,
    best: usize,
    finals: Array1<f64>,
    trained: Trained,
    metric: &'static str,
}

impl Found {
    pub(crate) fn new(
        (tried, best): (Vec<(Trial, f64)>, usize),
        (trained, finals): (Trained, Array1<f64>),
        metric: &'static str,
    ) -> Self {
        Self {
            data: Arc::new(Data {
                tried,
                best,
                finals,
                trained,
                metric,
            }),
        }
    }

    /// Returns the best of the last trainings.
    pub fn network(&self) -> &Trained {
        &self.data.trained
    }

    /// Returns the best options.
    pub fn best(&self) -> Trial {
        self.data.tried[self.data.best].0.clone()
    }

    /// Returns the names of the options.
    pub fn names(&self) -> Vec<String> {
        self.best().names()
    }

    /// Returns the options of all trials, shape `(trials, options)`, in the order of [`names`](Self::names).
    pub fn trials(&self) -> Array2<f64> {
        let names = self.names();
        let shape = (self.data.tried.len(), names.len());
        Array2::from_shape_fn(shape, |(trial, option)| {
            let trial = &self.data.tried[trial].0;
            trial.get(&names[option]).unwrap_or(f64::NAN)
        })
    }

    /// Returns what trials are compared by: `auroc` for labels 0 and 1.
    pub fn metric(&self) -> &str {
        self.data.metric
    }

    /// Returns how good every trial was; NaN where it diverged.
    pub fn values(&self) -> Array1<f64> {
        self.data.tried.iter().map(|(_, value)| *value).collect()
    }

    /// Returns how good every training with the best options was.
    pub fn finals(&self) -> &Array1<f64> {
        &self.data.finals
    }
}

impl fmt::Debug for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Found({self})")
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Data {
            tried,
            best,
            metric,
            ..
        } = &*self.data;
        let (trial, value) = &tried[*best];
        write!(
            f,
            "best of {} trials: {trial}; {metric} {value:.4}",
            tried.len()
        )
    }
}
