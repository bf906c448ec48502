//! How well a network does on examples that it has not seen, fold by fold.

use super::arrays::Borrowed;
use super::folds::KFold;
use super::measures::names;
use super::session::Session;
use super::split::groups;
use super::{Fit, Labels, Source, Validated};
use crate::network::Network;
use crate::progress::Task;
use crate::{Input, Result};
use ndarray::{Array2, ArrayD, ArrayView1};

/// Trains a network once for each of five folds and tests it on the others, with the defaults of [`CrossValidation`].
///
/// # Errors
///
/// As [`CrossValidation::run`].
pub fn cross_validate(network: &Network, x: &dyn Input, labels: &dyn Labels) -> Result<Validated> {
    CrossValidation::new().run(network, x, labels)
}

/// Trains a network once for each fold and tests it on what the fold holds out, with options.
///
/// Early stopping uses a validation share of the examples that a fold learns from, never those it is tested on.
///
/// # Examples
///
/// ```
/// use genolens::ndarray::{Array1, Array2};
/// use genolens::{network::Architecture, training::{CrossValidation, Fit}};
/// # fn main() -> genolens::Result<()> {
/// let x = Array2::from_shape_fn((60, 2), |(i, j)| ((i * 7 + j * 3) % 10) as f32 / 10.0);
/// let labels: Array1<f32> = x.rows().into_iter().map(|row| if row[0] > row[1] { 1.0 } else { 0.0 }).collect();
/// let network = Architecture::features(2).dense(1).build()?;
/// let validation = CrossValidation::new().folds(3).fit(Fit::new().learning_rate(0.1));
/// let validated = validation.run(&network, &x, &labels)?;
/// assert_eq!(validated.metric("auroc")?.len(), 3);
/// println!("{validated}");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CrossValidation {
    folds: KFold,
    grouped: bool,
    fit: Fit,
}

impl CrossValidation {
    /// Takes the defaults: five folds with the same share of every class, and [`Fit::new`].
    pub fn new() -> Self {
        Self {
            folds: KFold::new(5),
            grouped: false,
            fit: Fit::new(),
        }
    }

    /// Sets the number of folds.
    pub fn folds(self, folds: usize) -> Self {
        self.split(KFold::new(folds))
    }

    /// Sets how folds are made.
    pub fn split(mut self, folds: KFold) -> Self {
        self.folds = folds;
        self
    }

    /// Keeps the groups of a source, such as chromosomes, together.
    pub fn grouped(mut self, grouped: bool) -> Self {
        self.grouped = grouped;
        self
    }

    /// Sets how a network is trained.
    pub fn fit(mut self, fit: Fit) -> Self {
        self.fit = fit;
        self
    }

    /// Trains from the weights that the network has, once for each fold.
    ///
    /// # Errors
    ///
    /// As [`Fit::run`], and when folds cannot be made; groups need [`run_from`](Self::run_from).
    pub fn run(&self, network: &Network, x: &dyn Input, labels: &dyn Labels) -> Result<Validated> {
        let (x, labels) = (x.array()?, labels.labels()?);
        let source = Borrowed::new(x.view(), labels.view())?;
        self.folds_of(network, &source, Some(&labels.view().into_owned()))
    }

    /// Trains on examples that are read when they are needed.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and when the source cannot be read.
    pub fn run_from(&self, network: &Network, source: &dyn Source) -> Result<Validated> {
        self.folds_of(network, source, None)
    }

    fn folds_of(
        &self,
        network: &Network,
        source: &dyn Source,
        labels: Option<&ArrayD<f32>>,
    ) -> Result<Validated> {
        self.fit.check()?;
        self.fit.check_alone("cross-validation")?;
        let folds = if self.grouped {
            self.folds.run_groups(&groups(source)?)?
        } else if let Some(labels) = labels {
            self.folds.run(labels)?
        } else {
            let all: Vec<usize> = (0..source.len()).collect();
            self.folds.run(&source.labels(&all)?)?
        };
        let mut task = Task::new("cross-validation", folds.len());
        let mut results = Vec::new();
        let mut scores = Array2::zeros((source.len(), 0));
        for (fold, split) in folds.splits().iter().enumerate() {
            let fit = self.fit.clone().rows(split.train());
            let session = Session::new(&fit, network, (source, labels.cloned()))?;
            let (trained, seen) = session.run_and_test(split.test())?;
            for (row, found) in seen.rows() {
                if scores.ncols() != found.len() {
                    scores = Array2::from_elem((source.len(), found.len()), f32::NAN);
                }
                let mut scores = scores.row_mut(split.test()[row]);
                scores.assign(&ArrayView1::from(found));
            }
            let measures = seen.measures();
            let loss = measures.loss;
            results.push((trained, measures));
            task.step(&format!("fold {}, loss {loss:.4}", fold + 1))?;
        }
        Ok(Validated::new(
            folds,
            (results, scores),
            names(self.fit.loss),
        ))
    }
}

impl Default for CrossValidation {
    fn default() -> Self {
        Self::new()
    }
}
