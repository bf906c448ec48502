//! The reliability of all tasks or classes of a model.

use super::diagram::Diagram;
use crate::{Error, Result};
use polars::prelude::{DataFrame, df};
use std::fmt;
use std::sync::Arc;

/// How far the probabilities of a model are what happens, for every task or class; cheap to clone, shows itself as a picture.
#[derive(Clone, PartialEq)]
pub struct Reliability {
    diagrams: Arc<[Diagram]>,
    /// The most probable class, and the mean surprise of the true one, where classes exclude each other.
    top: Option<(Diagram, f64)>,
}

impl Reliability {
    pub(super) fn tasks(diagrams: Vec<Diagram>) -> Self {
        Self {
            diagrams: diagrams.into(),
            top: None,
        }
    }

    pub(super) fn classes(diagrams: Vec<Diagram>, top: (Diagram, f64)) -> Self {
        Self {
            diagrams: diagrams.into(),
            top: Some(top),
        }
    }

    /// Returns the number of tasks or classes.
    pub fn len(&self) -> usize {
        self.diagrams.len()
    }

    /// Tells whether there is no task; there always is one.
    pub fn is_empty(&self) -> bool {
        self.diagrams.is_empty()
    }

    /// Returns the diagram of a task, or of a class against all others, counted from 0.
    ///
    /// # Errors
    ///
    /// Fails when there is no such task.
    pub fn get(&self, task: usize) -> Result<Diagram> {
        let found = self.diagrams.get(task).cloned();
        found.ok_or_else(|| Error::value("task", format!("below {}", self.len()), task))
    }

    /// Returns the diagram of the most probable class against whether it is the right one; `None` for tasks.
    pub fn top(&self) -> Option<Diagram> {
        self.top.as_ref().map(|top| top.0.clone())
    }

    /// Returns the expected calibration error, 0 to 1: of the most probable class, or the mean over tasks.
    pub fn ece(&self) -> f64 {
        self.overall(Diagram::ece)
    }

    /// Returns the maximum calibration error: of the most probable class, or the mean over tasks.
    pub fn mce(&self) -> f64 {
        self.overall(Diagram::mce)
    }

    /// Returns the average calibration error: of the most probable class, or the mean over tasks.
    pub fn ace(&self) -> f64 {
        self.overall(Diagram::ace)
    }

    /// Returns the mean over tasks or classes of the expected calibration error, each class against all others (Kull et al. 2019,
    /// <https://doi.org/10.48550/arXiv.1910.12656>).
    pub fn classwise_ece(&self) -> f64 {
        self.mean(Diagram::ece)
    }

    /// Returns the Brier score: the sum over classes, or the mean over tasks.
    pub fn brier(&self) -> f64 {
        let mean = self.mean(|diagram| diagram.brier().score());
        if self.top.is_some() {
            return mean * self.len() as f64;
        }
        mean
    }

    /// Returns the negative log-likelihood, in nats: of the true class, or the mean over tasks; infinite where a certainty was wrong.
    pub fn log_loss(&self) -> f64 {
        match &self.top {
            Some((_, surprise)) => *surprise,
            None => self.mean(Diagram::log_loss),
        }
    }

    /// Returns one row per task or class.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn to_frame(&self) -> Result<DataFrame> {
        let of = |read: &dyn Fn(&Diagram) -> f64| -> Vec<f64> {
            self.diagrams.iter().map(read).collect()
        };
        Ok(df!(
            "task" => (0..self.len() as i64).collect::<Vec<_>>(),
            "examples" => self.diagrams.iter().map(|diagram| diagram.examples() as i64).collect::<Vec<_>>(),
            "ece" => of(&Diagram::ece),
            "mce" => of(&Diagram::mce),
            "ace" => of(&Diagram::ace),
            "brier" => of(&|diagram| diagram.brier().score()),
            "reliability" => of(&|diagram| diagram.brier().reliability()),
            "resolution" => of(&|diagram| diagram.brier().resolution()),
            "uncertainty" => of(&|diagram| diagram.brier().uncertainty()),
            "log_loss" => of(&Diagram::log_loss),
        )?)
    }

    fn mean(&self, of: impl Fn(&Diagram) -> f64) -> f64 {
        self.diagrams.iter().map(of).sum::<f64>() / self.len() as f64
    }

    fn overall(&self, of: impl Fn(&Diagram) -> f64) -> f64 {
        match &self.top {
            Some((top, _)) => of(top),
            None => self.mean(of),
        }
    }
}

impl fmt::Debug for Reliability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.top.is_some() {
            "classes"
        } else {
            "tasks"
        };
        write!(
            f,
            "Reliability({} {what}, ECE {:.4})",
            self.len(),
            self.ece()
        )
    }
}

impl fmt::Display for Reliability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [diagram] = &*self.diagrams {
            return diagram.fmt(f);
        }
        let (ece, brier, surprise) = (self.ece(), self.brier(), self.log_loss());
        if self.top.is_some() {
            let classwise = self.classwise_ece();
            write!(
                f,
                "{} classes: ECE {ece:.4} of the most probable class, {classwise:.4} class by class",
                self.len()
            )?;
        } else {
            write!(f, "{} tasks: ECE {ece:.4}", self.len())?;
        }
        write!(f, ", Brier {brier:.4}, log loss {surprise:.4}")
    }
}
