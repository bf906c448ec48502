//! What can be measured of scores and labels.

use super::super::Labels;
use super::auprc::Interpolation;
use super::paired::Paired;
use super::prepared::Prepared;
use crate::{Input, Result};
use std::fmt;

/// A number that tells how good scores are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Metric {
    /// The area under the receiver operating characteristic, [`auroc`](super::auroc()).
    Auroc,
    /// The area under the precision-recall curve, [`auprc`](super::auprc()).
    Auprc(Interpolation),
    /// The area under the precision-recall-gain curve, [`auprg`](super::auprg()).
    Auprg,
    /// Pearson's correlation, [`pearson`](super::pearson()).
    Pearson,
    /// Spearman's correlation, [`spearman`](super::spearman()).
    Spearman,
    /// The share of examples whose more probable class is theirs, [`accuracy`](super::accuracy()).
    Accuracy,
    /// The Brier score, [`brier`](super::brier()).
    Brier,
    /// The logarithmic loss, [`log_loss`](super::log_loss()).
    LogLoss,
}

impl Metric {
    /// Computes the metric of one task: scores and labels of shape `(n)` or `(n, 1)`.
    ///
    /// # Errors
    ///
    /// Fails when scores and labels do not fit each other or the metric, and when it is not defined for them, as with one class only.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::{ndarray::array, training::Metric};
    /// # fn main() -> genolens::Result<()> {
    /// let (scores, labels) = (array![0.1_f32, 0.4, 0.35, 0.8], array![0.0_f32, 0.0, 1.0, 1.0]);
    /// assert_eq!(Metric::Auroc.value(&scores, &labels)?, 0.75);
    /// # Ok(()) }
    /// ```
    pub fn value(self, scores: &dyn Input, labels: &dyn Labels) -> Result<f64> {
        let paired = Paired::new(scores, labels)?;
        Ok(Prepared::new(self, &paired)?.value(None))
    }

    /// Returns the name in tables: `auroc` and so on.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auroc => "auroc",
            Self::Auprc(Interpolation::Step) => "auprc",
            Self::Auprc(Interpolation::DavisGoadrich) => "auprc_davis_goadrich",
            Self::Auprg => "auprg",
            Self::Pearson => "pearson",
            Self::Spearman => "spearman",
            Self::Accuracy => "accuracy",
            Self::Brier => "brier",
            Self::LogLoss => "log_loss",
        }
    }

    /// Tells whether scores are probabilities.
    pub(crate) fn takes_probabilities(self) -> bool {
        matches!(self, Self::Accuracy | Self::Brier | Self::LogLoss)
    }

    /// Tells whether labels are classes, 0 or 1.
    pub(crate) fn takes_classes(self) -> bool {
        !matches!(self, Self::Pearson | Self::Spearman)
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auroc => "AUROC",
            Self::Auprc(Interpolation::Step) => "AUPRC",
            Self::Auprc(Interpolation::DavisGoadrich) => "AUPRC (Davis-Goadrich)",
            Self::Auprg => "AUPRG",
            Self::Pearson => "Pearson",
            Self::Spearman => "Spearman",
            Self::Accuracy => "accuracy",
            Self::Brier => "Brier",
            Self::LogLoss => "log loss",
        })
    }
}
