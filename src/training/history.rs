//! How training went.

use crate::Result;
use ndarray::Array1;
use polars::prelude::{Column, DataFrame};
use std::fmt;
use std::sync::Arc;

/// How training went, epoch by epoch; cheap to clone.
///
/// Training numbers are taken while learning, with dropout, over the batches of an epoch; validation numbers after it. A number that
/// does not exist, such as a validation loss without validation examples, is NaN.
#[derive(Clone, Default, PartialEq)]
pub struct History {
    epochs: Arc<Vec<Epoch>>,
    best: usize,
    interrupted: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Epoch {
    pub(crate) train: Measures,
    pub(crate) validation: Measures,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Measures {
    pub(crate) loss: f64,
    pub(crate) auroc: f64,
    pub(crate) auprc: f64,
}

impl Measures {
    pub(crate) const NONE: Self = Self {
        loss: f64::NAN,
        auroc: f64::NAN,
        auprc: f64::NAN,
    };
}

impl History {
    pub(crate) fn new(epochs: Vec<Epoch>, best: usize, interrupted: bool) -> Self {
        Self {
            epochs: Arc::new(epochs),
            best,
            interrupted,
        }
    }

    fn column(&self, pick: impl Fn(&Epoch) -> f64) -> Array1<f64> {
        self.epochs.iter().map(pick).collect()
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

    /// Returns the epochs, counted from 1.
    pub fn epochs(&self) -> Array1<f64> {
        (1..=self.len()).map(|epoch| epoch as f64).collect()
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
        self.column(|epoch| epoch.train.auroc)
    }

    /// Returns the area under the receiver operating characteristic, validation.
    pub fn validation_auroc(&self) -> Array1<f64> {
        self.column(|epoch| epoch.validation.auroc)
    }

    /// Returns the average precision, training.
    pub fn train_auprc(&self) -> Array1<f64> {
        self.column(|epoch| epoch.train.auprc)
    }

    /// Returns the average precision, validation.
    pub fn validation_auprc(&self) -> Array1<f64> {
        self.column(|epoch| epoch.validation.auprc)
    }

    /// Returns all of it as a table with one row per epoch.
    ///
    /// # Errors
    ///
    /// Fails when polars cannot build the table.
    pub fn to_frame(&self) -> Result<DataFrame> {
        let columns = [
            ("epoch", self.epochs()),
            ("train_loss", self.train_loss()),
            ("train_auroc", self.train_auroc()),
            ("train_auprc", self.train_auprc()),
            ("validation_loss", self.validation_loss()),
            ("validation_auroc", self.validation_auroc()),
            ("validation_auprc", self.validation_auprc()),
        ];
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
            return f.write_str("no epoch finished");
        };
        let measures = if kept.validation.loss.is_nan() {
            ("train", kept.train)
        } else {
            ("validation", kept.validation)
        };
        let (name, Measures { loss, auroc, .. }) = measures;
        let (epochs, best) = (self.len(), self.best);
        write!(
            f,
            "{epochs} epochs, kept epoch {best}: {name} loss {loss:.4}"
        )?;
        if !auroc.is_nan() {
            write!(f, ", {name} AUROC {auroc:.4}")?;
        }
        if self.interrupted {
            f.write_str(", interrupted")?;
        }
        Ok(())
    }
}
