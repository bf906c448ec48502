//! What was measured of many tasks.

use super::interval::Interval;
use super::metric::Metric;
use crate::{Error, Result};
use ndarray::Array1;
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// Metrics of many tasks, one row per task; cheap to clone, shows itself as a table.
#[derive(Clone, PartialEq)]
pub struct Measurement {
    metrics: Arc<[Metric]>,
    tasks: Arc<[Task]>,
}

/// One row.
#[derive(PartialEq)]
pub(crate) struct Task {
    pub(crate) name: String,
    pub(crate) examples: usize,
    /// Ones and zeros, where labels are nothing else.
    pub(crate) classes: Option<(usize, usize)>,
    /// A number for every metric, or why there is none.
    pub(crate) values: Vec<Result<Interval, &'static str>>,
}

/// Reads one number of an interval.
type Read = fn(&Interval) -> f64;

/// What the names of columns end in.
const SIDES: [(&str, Read); 3] = [
    ("", Interval::estimate),
    ("_low", Interval::low),
    ("_high", Interval::high),
];

impl Measurement {
    pub(crate) fn new(metrics: &Arc<[Metric]>, tasks: Vec<Task>) -> Self {
        Self {
            metrics: metrics.clone(),
            tasks: tasks.into(),
        }
    }

    /// Returns the number of tasks.
    pub fn len(&self) -> usize {
        self.tasks.len()
    }

    /// Tells whether there is no task; there always is one.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Returns the names of the tasks.
    pub fn names(&self) -> Vec<String> {
        self.tasks.iter().map(|task| task.name.clone()).collect()
    }

    /// Returns what was measured.
    pub fn metrics(&self) -> &[Metric] {
        &self.metrics
    }

    /// Returns how many labels every task has, those that are missing left out.
    pub fn examples(&self) -> Array1<f64> {
        self.tasks.iter().map(|task| task.examples as f64).collect()
    }

    /// Returns how many labels of every task are 1; NaN for tasks whose labels are not classes.
    pub fn positives(&self) -> Array1<f64> {
        let ones = |task: &Task| task.classes.map_or(f64::NAN, |classes| classes.0 as f64);
        self.tasks.iter().map(ones).collect()
    }

    /// Returns a metric of a task, counted from 0, with its interval.
    ///
    /// # Errors
    ///
    /// Fails when there is no such task or the metric was not measured, and says why where the metric is not defined for the task.
    pub fn get(&self, task: usize, metric: Metric) -> Result<Interval> {
        let place = self.place(metric)?;
        let Some(row) = self.tasks.get(task) else {
            let expected = format!("below {}", self.len());
            return Err(Error::value("task", expected, task));
        };
        row.values[place].map_err(|problem| {
            let expected = format!("one with {metric}: this one has {problem}");
            Error::value("task", expected, &row.name)
        })
    }

    /// Returns a metric of every task; NaN where it is not defined, for which [`problems`](Self::problems) gives the reason.
    ///
    /// # Errors
    ///
    /// Fails when the metric was not measured.
    pub fn values(&self, metric: Metric) -> Result<Array1<f64>> {
        self.column(metric, Interval::estimate)
    }

    /// Returns the lower ends of the intervals; NaN where none is known.
    ///
    /// # Errors
    ///
    /// Fails when the metric was not measured.
    pub fn low(&self, metric: Metric) -> Result<Array1<f64>> {
        self.column(metric, Interval::low)
    }

    /// Returns the upper ends of the intervals; NaN where none is known.
    ///
    /// # Errors
    ///
    /// Fails when the metric was not measured.
    pub fn high(&self, metric: Metric) -> Result<Array1<f64>> {
        self.column(metric, Interval::high)
    }

    /// Returns the mean of a metric over the tasks that have it; NaN where none has.
    ///
    /// # Errors
    ///
    /// Fails when the metric was not measured.
    pub fn mean(&self, metric: Metric) -> Result<f64> {
        let values = self.values(metric)?;
        let known: Vec<f64> = values.into_iter().filter(|value| !value.is_nan()).collect();
        // Nothing divided by nothing is NaN.
        Ok(known.iter().sum::<f64>() / known.len() as f64)
    }

    /// Returns why a metric is not defined for a task, for every task; empty where all are.
    pub fn problems(&self) -> Vec<String> {
        let first = |task: &Task| {
            task.values
                .iter()
                .find_map(|value| value.as_ref().err().copied())
        };
        let problems = self.tasks.iter().map(first);
        problems
            .map(|problem| problem.unwrap_or_default().into())
            .collect()
    }

    /// Returns one row per task: its name, its labels, every metric with its interval, and why one is missing.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn to_frame(&self) -> Result<DataFrame> {
        let counts = |of: &dyn Fn(&Task) -> Option<usize>| -> Vec<Option<i64>> {
            let found = self.tasks.iter().map(of);
            found.map(|count| count.map(|count| count as i64)).collect()
        };
        let mut columns = vec![
            Column::new("task".into(), self.names()),
            Column::new("examples".into(), counts(&|task| Some(task.examples))),
            Column::new(
                "positives".into(),
                counts(&|task| task.classes.map(|c| c.0)),
            ),
            Column::new(
                "negatives".into(),
                counts(&|task| task.classes.map(|c| c.1)),
            ),
        ];
        for metric in self.metrics.iter() {
            for (side, of) in SIDES {
                let values = self.column(*metric, of)?;
                let known = values
                    .iter()
                    .map(|value| (!value.is_nan()).then_some(*value));
                let name = format!("{}{side}", metric.name());
                columns.push(Column::new(name.into(), known.collect::<Vec<_>>()));
            }
        }
        let problems: Vec<Option<String>> = self
            .problems()
            .into_iter()
            .map(|problem| (!problem.is_empty()).then_some(problem))
            .collect();
        columns.push(Column::new("problem".into(), problems));
        Ok(DataFrame::new(self.len(), columns)?)
    }

    pub(crate) fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    fn place(&self, metric: Metric) -> Result<usize> {
        let place = self.metrics.iter().position(|known| *known == metric);
        place.ok_or_else(|| {
            let known: Vec<String> = self.metrics.iter().map(ToString::to_string).collect();
            Error::value("metric", format!("one of {}", known.join(", ")), metric)
        })
    }

    fn column(&self, metric: Metric, of: Read) -> Result<Array1<f64>> {
        let place = self.place(metric)?;
        let values = self.tasks.iter().map(|task| task.values[place].as_ref());
        Ok(values.map(|value| value.map_or(f64::NAN, of)).collect())
    }
}

impl fmt::Debug for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Measurement({self})")
    }
}

impl fmt::Display for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [task] = self.tasks() {
            for (at, (metric, value)) in self.metrics.iter().zip(&task.values).enumerate() {
                f.write_str(if at == 0 { "" } else { ", " })?;
                match value {
                    Ok(value) if value.is_known() => write!(f, "{metric} {value}")?,
                    Ok(value) => write!(f, "{metric} {:.4}", value.estimate())?,
                    Err(problem) => write!(f, "no {metric}: {problem}")?,
                }
            }
            return Ok(());
        }
        for (at, &metric) in self.metrics.iter().enumerate() {
            let values = self.tasks.iter().map(|task| &task.values[at]);
            let known = values.filter(|value| value.is_ok()).count();
            let mean = self.mean(metric).unwrap_or(f64::NAN);
            f.write_str(if at == 0 { "" } else { ", " })?;
            match known {
                0 => write!(f, "no task with {metric}")?,
                _ if known == self.len() => write!(f, "mean {metric} {mean:.4} of {known} tasks")?,
                _ => write!(
                    f,
                    "mean {metric} {mean:.4} of {known} of {} tasks",
                    self.len()
                )?,
            }
        }
        Ok(())
    }
}
