//! How the duel went.

use crate::Result;
use ndarray::Array1;
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// How the training of a GAN went, step by step of the generator; cheap to clone.
#[derive(Clone, PartialEq)]
pub struct GanHistory {
    distance: Arc<str>,
    steps: Arc<Vec<Step>>,
    interrupted: bool,
    diverged: Option<Arc<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    pub(super) distance: f64,
    pub(super) penalty: f64,
    pub(super) generator: f64,
}

impl Step {
    pub(super) fn is_finite(&self) -> bool {
        (self.distance + self.penalty + self.generator).is_finite()
    }
}

impl GanHistory {
    pub(super) fn new(distance: String, steps: Vec<Step>, interrupted: bool) -> Self {
        Self {
            distance: distance.into(),
            steps: Arc::new(steps),
            interrupted,
            diverged: None,
        }
    }

    pub(super) fn diverged(self, detail: String) -> Self {
        Self {
            diverged: Some(detail.into()),
            ..self
        }
    }

    fn column(&self, pick: impl Fn(&Step) -> f64) -> Array1<f64> {
        self.steps.iter().map(pick).collect()
    }

    /// Returns how many steps there were.
    pub fn len(&self) -> usize {
        self.steps.len()
    }

    /// Tells whether there was no step.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Returns the name of the distance: `Wasserstein distance` or `Jensen-Shannon divergence`.
    pub fn distance_name(&self) -> &str {
        &self.distance
    }

    /// Returns how far generated cells were from real ones in every step, as the critic saw it on its last batch: an estimate of the
    /// Wasserstein distance, or a lower bound of the Jensen-Shannon divergence in nats, at most 0.69.
    pub fn distance(&self) -> Array1<f64> {
        self.column(|step| step.distance)
    }

    /// Returns the mean of `(length of the critic's slopes - 1)^2`, before its weight; 0 for a classic GAN.
    pub fn penalty(&self) -> Array1<f64> {
        self.column(|step| step.penalty)
    }

    /// Returns what the generator made small.
    pub fn generator_loss(&self) -> Array1<f64> {
        self.column(|step| step.generator)
    }

    /// Tells whether the user stopped the training.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    /// Tells where a loss was no number, if one was; earlier networks were kept.
    pub fn divergence(&self) -> Option<&str> {
        self.diverged.as_deref()
    }

    /// Returns all of it as a table with one row per step of the generator.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn to_frame(&self) -> Result<DataFrame> {
        let steps: Vec<u32> = (1..=self.len() as u32).collect();
        let column = |name: &str, values: Array1<f64>| Column::new(name.into(), values.to_vec());
        let columns = vec![
            Column::new("step".into(), steps),
            column("distance", self.distance()),
            column("penalty", self.penalty()),
            column("generator_loss", self.generator_loss()),
        ];
        Ok(DataFrame::new(self.len(), columns)?)
    }
}

impl fmt::Debug for GanHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GanHistory({} steps)", self.len())
    }
}

impl fmt::Display for GanHistory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} steps", self.len())?;
        if let Some(last) = self.steps.last() {
            write!(f, ", {} {:.4}", self.distance, last.distance)?;
        }
        if self.interrupted {
            f.write_str(", interrupted")?;
        }
        self.diverged
            .iter()
            .try_for_each(|detail| write!(f, ", diverged: {detail}"))
    }
}
