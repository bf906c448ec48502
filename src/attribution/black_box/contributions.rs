//! What features contribute to scores.

use crate::{Error, Result};
use ndarray::{Array1, Array2, Axis};
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// How much every feature contributes to the score of every example; cheap to clone.
///
/// Values have shape `(n, features)` and the unit of the score.
#[derive(Clone)]
pub struct Contributions {
    method: Arc<str>,
    target: usize,
    parts: Arc<Parts>,
}

/// Everything about all examples.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) names: Vec<String>,
    pub(super) values: Array2<f64>,
    pub(super) errors: Option<Array2<f64>>,
    pub(super) base: Array1<f64>,
    pub(super) outputs: Array1<f64>,
    /// Intercept and weighted R² of every surrogate.
    pub(super) fits: Option<Array2<f64>>,
    pub(super) evaluations: usize,
}

impl Contributions {
    pub(super) fn new(method: &str, target: usize, parts: Parts) -> Self {
        Self {
            method: method.into(),
            target,
            parts: Arc::new(parts),
        }
    }

    /// Returns the contributions, shape `(n, features)`.
    pub fn values(&self) -> &Array2<f64> {
        &self.parts.values
    }

    /// Returns the standard errors of the contributions, shape `(n, features)`, when they were drawn; NaN for a single draw.
    pub fn standard_errors(&self) -> Option<&Array2<f64>> {
        self.parts.errors.as_ref()
    }

    /// Returns the names of the features.
    pub fn names(&self) -> &[String] {
        &self.parts.names
    }

    /// Returns the score of every example, shape `(n)`.
    pub fn outputs(&self) -> &Array1<f64> {
        &self.parts.outputs
    }

    /// Returns the score of every example with all features absent, shape `(n)`.
    pub fn base(&self) -> &Array1<f64> {
        &self.parts.base
    }

    /// Returns what the contributions to every score fall short of it less the score without features, shape `(n)`.
    pub fn unexplained(&self) -> Array1<f64> {
        &self.parts.outputs - &self.parts.base - self.parts.values.sum_axis(Axis(1))
    }

    /// Returns the intercept of the surrogate of every example, shape `(n)`; nothing for a method without one.
    pub fn intercepts(&self) -> Option<Array1<f64>> {
        let fits = self.parts.fits.as_ref()?;
        Some(fits.column(0).to_owned())
    }

    /// Returns the share of the weighted variance of the scores that the surrogate of every example explains, shape `(n)`.
    ///
    /// Far below 1, the score is no sum over features near this example, and the contributions say little.
    pub fn fits(&self) -> Option<Array1<f64>> {
        let fits = self.parts.fits.as_ref()?;
        Some(fits.column(1).to_owned())
    }

    /// Returns how many scores were asked for in all.
    pub fn evaluations(&self) -> usize {
        self.parts.evaluations
    }

    /// Returns the name of the method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Returns which output is explained, counted from 0.
    pub fn target(&self) -> usize {
        self.target
    }

    /// Returns the number of examples.
    pub fn len(&self) -> usize {
        self.parts.outputs.len()
    }

    /// Tells whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns one example.
    ///
    /// # Errors
    ///
    /// Fails when there is no such example.
    pub fn get(&self, index: usize) -> Result<Self> {
        if index >= self.len() {
            let expected = format!("below {}, the number of examples", self.len());
            return Err(Error::value("index", expected, index));
        }
        let one = |of: &Array2<f64>| of.select(Axis(0), &[index]);
        let of = &self.parts;
        let parts = Parts {
            names: of.names.clone(),
            values: one(&of.values),
            errors: of.errors.as_ref().map(one),
            base: of.base.select(Axis(0), &[index]),
            outputs: of.outputs.select(Axis(0), &[index]),
            fits: of.fits.as_ref().map(one),
            evaluations: of.evaluations / self.len(),
        };
        Ok(Self {
            parts: Arc::new(parts),
            ..self.clone()
        })
    }

    /// Returns the contributions as a table with columns example, feature and contribution, and `standard_error` where it is known.
    ///
    /// # Errors
    ///
    /// [`Error::Table`] when polars cannot build it.
    pub fn table(&self) -> Result<DataFrame> {
        let (n, features) = self.parts.values.dim();
        let examples: Vec<u64> = (0..n as u64)
            .flat_map(|example| std::iter::repeat_n(example, features))
            .collect();
        let names: Vec<&str> = (0..n)
            .flat_map(|_| self.names().iter().map(String::as_str))
            .collect();
        let numbers = |of: &Array2<f64>| of.iter().copied().collect::<Vec<f64>>();
        let mut columns = vec![
            Column::new("example".into(), examples),
            Column::new("feature".into(), names),
            Column::new("contribution".into(), numbers(&self.parts.values)),
        ];
        if let Some(errors) = &self.parts.errors {
            columns.push(Column::new("standard_error".into(), numbers(errors)));
        }
        Ok(DataFrame::new(n * features, columns)?)
    }
}

impl fmt::Debug for Contributions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, features) = self.parts.values.dim();
        let method = self.method();
        write!(f, "Contributions({method}, n = {n}, features = {features})")
    }
}
