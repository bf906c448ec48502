//! How training went.

use super::measures::{Measures, title};
use crate::{Error, Result};
use ndarray::{Array1, Array2};
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// How training went, epoch by epoch; cheap to clone.
///
/// Training numbers are taken while learning, with dropout, over the batches of an epoch; validation numbers after it. Metrics follow
/// the loss: AUROC and average precision for binary cross-entropy, accuracy and AUROC of each class against the others for
/// cross-entropy, Pearson correlation for numbers and counts. Of several tasks, [`train_metric`](Self::train_metric) and
/// [`validation_metric`](Self::validation_metric) give the mean, [`validation_tasks`](Self::validation_tasks) each. A number that does
/// not exist, such as a validation loss without validation examples or the AUROC of a task with one class, is NaN.
///
/// The loss counts every example. Metrics of an epoch with more than 16,777,216 numbers (2^24 scores or labels, whichever are more, all
/// tasks together) look at so many of them only, those of examples that are drawn at random, always with the same seed: the same
/// validation examples in every epoch, among them one of every class of every task that has one.
/// [`measure`](super::measure()) of predictions has no such limit.
#[derive(Clone, Default, PartialEq)]
pub struct History {
    epochs: Arc<Vec<Epoch>>,
    metrics: &'static [&'static str],
    best: usize,
    interrupted: bool,
    diverged: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Epoch {
    /// The learning rate at its begin.
    pub(crate) rate: f64,
    pub(crate) train: Measures,
    pub(crate) validation: Measures,
}

/// Reads one side of an epoch.
type Pick = fn(&Epoch) -> &Measures;

const SIDES: [(&str, Pick); 2] = [
    ("train", |epoch| &epoch.train),
    ("validation", |epoch| &epoch.validation),
];

impl History {
    pub(crate) fn new(
        (epochs, metrics): (Vec<Epoch>, &'static [&'static str]),
        best: usize,
        interrupted: bool,
    ) -> Self {
        Self {
            epochs: Arc::new(epochs),
            metrics,
            best,
            interrupted,
            diverged: None,
        }
    }

    pub(crate) fn diverged(self, detail: Option<String>) -> Self {
        Self {
            diverged: detail.map(Arc::from),
            ..self
        }
    }

    fn column(&self, pick: impl Fn(&Epoch) -> f64) -> Array1<f64> {
        self.epochs.iter().map(pick).collect()
    }

    fn place(&self, metric: &str) -> Result<usize> {
        let place = self.metrics.iter().position(|known| *known == metric);
        place.ok_or_else(|| {
            let expected = format!("one of {}", self.metrics.join(", "));
            Error::value("metric", expected, metric)
        })
    }

    /// The mean over tasks, NaN where the loss has no such metric.
    fn named(&self, metric: &str, pick: Pick) -> Array1<f64> {
        let place = self.place(metric).unwrap_or(usize::MAX);
        self.column(|epoch| pick(epoch).mean(place))
    }

    fn tasks(&self, metric: &str, pick: Pick) -> Result<Array2<f64>> {
        let place = self.place(metric)?;
        let of = |epoch| {
            let measures: &Measures = pick(epoch);
            measures.tasks.get(place).map_or(&[][..], |tasks| tasks)
        };
        let count = self.epochs.iter().map(|epoch| of(epoch).len()).max();
        let shape = (self.len(), count.unwrap_or_default());
        Ok(Array2::from_shape_fn(shape, |(epoch, task)| {
            let tasks = of(&self.epochs[epoch]);
            tasks.get(task).copied().unwrap_or(f64::NAN)
        }))
    }

    /// Returns the names of the metrics: `auroc` and so on.
    pub fn metrics(&self) -> Vec<String> {
        self.metrics.iter().map(ToString::to_string).collect()
    }

    /// Returns a metric of the training examples in every epoch, the mean over tasks.
    ///
    /// # Errors
    ///
    /// Fails when the loss has no such metric.
    pub fn train_metric(&self, metric: &str) -> Result<Array1<f64>> {
        let place = self.place(metric)?;
        Ok(self.column(|epoch| epoch.train.mean(place)))
    }

    /// Returns a metric of the validation examples in every epoch, the mean over tasks.
    ///
    /// # Errors
    ///
    /// Fails when the loss has no such metric.
    pub fn validation_metric(&self, metric: &str) -> Result<Array1<f64>> {
        let place = self.place(metric)?;
        Ok(self.column(|epoch| epoch.validation.mean(place)))
    }

    /// Returns a metric of the training examples for every task, shape `(epochs, tasks)`.
    ///
    /// # Errors
    ///
    /// Fails when the loss has no such metric.
    pub fn train_tasks(&self, metric: &str) -> Result<Array2<f64>> {
        self.tasks(metric, |epoch| &epoch.train)
    }

    /// Returns a metric of the validation examples for every task, shape `(epochs, tasks)`.
    ///
    /// # Errors
    ///
    /// Fails when the loss has no such metric.
    pub fn validation_tasks(&self, metric: &str) -> Result<Array2<f64>> {
        self.tasks(metric, |epoch| &epoch.validation)
    }

    /// Returns the number of epochs.
    pub fn len(&self) -> usize {
        self.epochs.len()
    }

    /// Tells whether no epoch was finished.
    pub fn is_empty(&self) -> bool {
        self.epochs.is_empty()
    }

    /// Returns the epoch whose weights were kept, counted from 1.
    pub fn best_epoch(&self) -> usize {
        self.best
    }

    /// Tells whether the user stopped the training.
    pub fn is_interrupted(&self) -> bool {
        self.interrupted
    }

    /// Tells at which step the loss was no longer a number, where that ended the training; the weights kept are older.
    pub fn divergence(&self) -> Option<String> {
        self.diverged.as_deref().map(str::to_owned)
    }

    /// Returns the epochs, counted from 1.
    pub fn epochs(&self) -> Array1<f64> {
        (1..=self.len()).map(|epoch| epoch as f64).collect()
    }

    /// Returns the learning rate at the begin of every epoch.
    pub fn learning_rate(&self) -> Array1<f64> {
        self.column(|epoch| epoch.rate)
    }

    /// Returns the training loss.
    pub fn train_loss(&self) -> Array1<f64> {
        self.column(|epoch| epoch.train.loss)
    }

    /// Returns the validation loss.
    pub fn validation_loss(&self) -> Array1<f64> {
        self.column(|epoch| epoch.validation.loss)
    }

    /// Returns the area under the receiver operating characteristic, training.
    pub fn train_auroc(&self) -> Array1<f64> {
        self.named("auroc", |epoch| &epoch.train)
    }

    /// Returns the area under the receiver operating characteristic, validation.
    pub fn validation_auroc(&self) -> Array1<f64> {
        self.named("auroc", |epoch| &epoch.validation)
    }

    /// Returns the average precision, training.
    pub fn train_auprc(&self) -> Array1<f64> {
        self.named("auprc", |epoch| &epoch.train)
    }

    /// Returns the average precision, validation.
    pub fn validation_auprc(&self) -> Array1<f64> {
        self.named("auprc", |epoch| &epoch.validation)
    }

    /// Returns all of it as a table with one row per epoch.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn to_frame(&self) -> Result<DataFrame> {
        let mut columns = vec![("epoch".to_owned(), self.epochs())];
        for (side, pick) in SIDES {
            columns.push((format!("{side}_loss"), self.column(|e| pick(e).loss)));
            for metric in self.metrics {
                columns.push((format!("{side}_{metric}"), self.named(metric, pick)));
            }
        }
        columns.push(("learning_rate".into(), self.learning_rate()));
        let columns = columns
            .into_iter()
            .map(|(name, values)| Column::new(name.into(), values.to_vec()))
            .collect();
        Ok(DataFrame::new(self.len(), columns)?)
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "History({} epochs, best {})", self.len(), self.best)
    }
}

impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(kept) = self
            .best
            .checked_sub(1)
            .and_then(|best| self.epochs.get(best))
        else {
            f.write_str("no epoch finished")?;
            return self
                .diverged
                .iter()
                .try_for_each(|detail| write!(f, ", diverged: {detail}"));
        };
        let (name, measures) = if kept.validation.loss.is_nan() {
            ("train", &kept.train)
        } else {
            ("validation", &kept.validation)
        };
        let (epochs, best, loss) = (self.len(), self.best, measures.loss);
        write!(
            f,
            "{epochs} epochs, kept epoch {best}: {name} loss {loss:.4}"
        )?;
        if let Some(metric) = self.metrics.first()
            && !measures.mean(0).is_nan()
        {
            let (title, mean) = (title(metric), measures.mean(0));
            write!(f, ", {name} {title} {mean:.4}")?;
        }
        if self.interrupted {
            f.write_str(", interrupted")?;
        }
        self.diverged
            .iter()
            .try_for_each(|detail| write!(f, ", diverged: {detail}"))
    }
}
