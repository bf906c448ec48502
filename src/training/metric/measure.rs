//! Metrics of many tasks at once.

use super::super::Labels;
use super::auprc::Interpolation;
use super::bootstrap::Bootstrap;
use super::delong::DeLong;
use super::interval::{Interval, check_level};
use super::measurement::{Measurement, Task as Row};
use super::metric::Metric;
use super::paired::Paired;
use super::prepared::Prepared;
use crate::progress::{self, Task};
use crate::{Error, Input, Result};
use ndarray::{ArrayView2, Ix2};
use rayon::prelude::*;
use std::sync::Arc;

/// Measures scores against labels 0 and 1, task by task, with the defaults of [`Measure`].
///
/// # Errors
///
/// As [`Measure::run`].
///
/// # Examples
///
/// ```
/// use genolens::{ndarray::array, training::{self, Metric}};
/// # fn main() -> genolens::Result<()> {
/// let nan = f32::NAN;
/// let scores = array![[0.1_f32, 3.0], [0.4, -1.0], [0.35, 2.0], [0.8, 0.0]];
/// // Nothing is known of the first example in the second task, which has no positive.
/// let labels = array![[0.0_f32, nan], [0.0, 0.0], [1.0, 0.0], [1.0, 0.0]];
/// let measurement = training::measure(&scores, &labels)?;
/// assert_eq!(measurement.get(0, Metric::Auroc)?.estimate(), 0.75);
/// assert_eq!(
///     measurement.get(1, Metric::Auroc).unwrap_err().to_string(),
///     "`task` is 1, expected one with AUROC: this one has zeros only"
/// );
/// println!("{measurement}");
/// # Ok(()) }
/// ```
pub fn measure(scores: &dyn Input, labels: &dyn Labels) -> Result<Measurement> {
    Measure::new().run(scores, labels)
}

/// Measures scores, task by task, with options.
///
/// Labels that are NaN are missing and left out, task by task. A task for which a metric is not defined, such as one with positives
/// only, is reported as such and has no number.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    metrics: Arc<[Metric]>,
    names: Arc<[String]>,
    level: f64,
    bootstrap: Option<Bootstrap>,
}

impl Measure {
    /// Takes the defaults: AUROC with its 95 % interval by [`DeLong`], and average precision without one.
    pub fn new() -> Self {
        Self {
            metrics: [Metric::Auroc, Metric::Auprc(Interpolation::Step)].into(),
            names: Arc::new([]),
            level: 0.95,
            bootstrap: None,
        }
    }

    /// Sets what is measured.
    pub fn metrics(mut self, metrics: &[Metric]) -> Self {
        self.metrics = metrics.into();
        self
    }

    /// Names the tasks; without names they are numbers from 0.
    pub fn names(mut self, names: &[impl AsRef<str>]) -> Self {
        self.names = names.iter().map(|name| name.as_ref().into()).collect();
        self
    }

    /// Sets the confidence of the intervals by [`DeLong`], above 0 to below 1.
    pub fn level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// Gives every metric of every task an interval by the bootstrap, at its own level.
    pub fn bootstrap(mut self, bootstrap: &Bootstrap) -> Self {
        self.bootstrap = Some(*bootstrap);
        self
    }

    /// Measures scores `(n, tasks)` against labels `(n, tasks)`; one task may have shape `(n)`.
    ///
    /// # Errors
    ///
    /// Fails when the shapes differ, a score that has a label is NaN, a label is not one that the metrics take, no task has a label
    /// at all, an option makes no sense, or the user interrupts.
    pub fn run(&self, scores: &dyn Input, labels: &dyn Labels) -> Result<Measurement> {
        check_level(self.level)?;
        self.bootstrap.iter().try_for_each(Bootstrap::check)?;
        if self.metrics.is_empty() {
            return Err(Error::value("metrics", "at least one", "none"));
        }
        for (at, metric) in self.metrics.iter().enumerate() {
            if self.metrics[..at].contains(metric) {
                let got = format!("{} twice", metric.name());
                return Err(Error::value("metrics", "each metric once", got));
            }
        }
        let (scores, labels) = (scores.array()?, labels.labels()?);
        let (found, given) = (scores.shape(), labels.shape());
        let flat = |shape: &[usize]| match shape {
            [n] => Some((*n, 1)),
            [n, tasks] => Some((*n, *tasks)),
            _ => None,
        };
        let wide = flat(given).filter(|wide| wide.0 > 0 && wide.1 > 0);
        let Some(wide) = wide else {
            let expected = "(n) or (n, tasks), both at least 1";
            return Err(Error::shape("labels", expected, given));
        };
        if flat(found) != Some(wide) {
            let expected = format!("({}, {}) as the labels", wide.0, wide.1);
            return Err(Error::shape("scores", expected, found));
        }
        let fail = |_| Error::shape("scores", "(n, tasks)", found);
        let scores = scores.to_shape(Ix2(wide.0, wide.1)).map_err(fail)?;
        let labels = labels.to_shape(Ix2(wide.0, wide.1)).map_err(fail)?;
        if !self.names.is_empty() && self.names.len() != wide.1 {
            let expected = format!("{}, one per task", wide.1);
            return Err(Error::value("names", expected, self.names.len()));
        }
        if labels.iter().all(|label| label.is_nan()) {
            let expected = "a number somewhere; NaN is a missing label";
            return Err(Error::value("labels", expected, "NaN everywhere"));
        }
        let one = |task: usize| self.task(task, (scores.view(), labels.view()));
        let rows: Result<Vec<Row>> = if self.bootstrap.is_some() {
            let mut bar = Task::new("measure", wide.1);
            let rows = (0..wide.1).map(|task| {
                let row = one(task)?;
                bar.step("")?;
                Ok(row)
            });
            rows.collect()
        } else {
            let watched = |task: usize| {
                progress::check("measure", task, wide.1)?;
                one(task)
            };
            (0..wide.1).into_par_iter().map(watched).collect()
        };
        Ok(Measurement::new(&self.metrics, rows?))
    }

    fn task(
        &self,
        task: usize,
        (scores, labels): (ArrayView2<'_, f32>, ArrayView2<'_, f32>),
    ) -> Result<Row> {
        let (scores, labels) = (scores.column(task), labels.column(task));
        let known = || (0..labels.len()).filter(|&row| !labels[row].is_nan());
        self.check((known(), task), |row| (scores[row], labels[row]))?;
        let paired = Paired {
            scores: known().map(|row| scores[row]).collect(),
            labels: known().map(|row| labels[row]).collect(),
        };
        let count = |class: f32| paired.labels.iter().filter(|&&l| l == class).count();
        let classes = Some((count(1.0), count(0.0)));
        let examples = paired.labels.len();
        let name = self.names.get(task).cloned();
        let values: Result<Vec<_>> = self
            .metrics
            .iter()
            .map(|&metric| match problem(metric, &paired) {
                Some(problem) => Ok(Err(problem)),
                None => Ok(Ok(self.interval(metric, &paired)?)),
            })
            .collect();
        Ok(Row {
            name: name.unwrap_or_else(|| task.to_string()),
            examples,
            classes: classes.filter(|classes| classes.0 + classes.1 == examples),
            values: values?,
        })
    }

    fn interval(&self, metric: Metric, paired: &Paired) -> Result<Interval> {
        let prepared = Prepared::new(metric, paired)?;
        if let Some(bootstrap) = &self.bootstrap {
            return bootstrap.prepared(&prepared, &paired.labels);
        }
        Ok(match prepared.delong() {
            Some(found) => DeLong::new().level(self.level).interval(found),
            None => Interval::point(prepared.value(None), self.level),
        })
    }

    /// Checks the scores and labels of a task, and says where one is wrong.
    fn check(
        &self,
        (rows, task): (impl Iterator<Item = usize>, usize),
        pair: impl Fn(usize) -> (f32, f32),
    ) -> Result<()> {
        let classes = self.metrics.iter().any(|metric| metric.takes_classes());
        let numbers = self.metrics.iter().any(|metric| !metric.takes_classes());
        let shares = self
            .metrics
            .iter()
            .any(|metric| metric.takes_probabilities());
        for row in rows {
            let (score, label) = pair(row);
            let at = |value: f32| format!("{value} in row {row} of task {task}");
            if classes && label != 0.0 && label != 1.0 {
                let expected = "0, 1 or NaN where missing; numbers have `Metric::Pearson` and `Metric::Spearman`";
                return Err(Error::value("labels", expected, at(label)));
            }
            if score.is_nan() || (numbers && score.is_infinite()) {
                let expected = "a finite number wherever there is a label";
                return Err(Error::value("scores", expected, at(score)));
            }
            if numbers && label.is_infinite() {
                let expected = "finite, or NaN where missing";
                return Err(Error::value("labels", expected, at(label)));
            }
            if shares && !(0.0..=1.0).contains(&score) {
                let expected = "probabilities 0 to 1, as `network::probabilities` gives them";
                return Err(Error::value("scores", expected, at(score)));
            }
        }
        Ok(())
    }
}

impl Default for Measure {
    fn default() -> Self {
        Self::new()
    }
}

/// Tells why a metric is not defined, where it is not.
fn problem(metric: Metric, paired: &Paired) -> Option<&'static str> {
    let alike = |values: &[f32]| values.iter().all(|value| *value == values[0]);
    match &paired.labels[..] {
        [] => Some("no label"),
        labels if metric.takes_probabilities() || !alike(labels) => {
            let flat = !metric.takes_classes() && alike(&paired.scores);
            flat.then_some("the same score everywhere")
        }
        [_] => Some("one label only"),
        [label, ..] if metric.takes_classes() && *label == 1.0 => Some("ones only"),
        _ if metric.takes_classes() => Some("zeros only"),
        _ => Some("the same label everywhere"),
    }
}
