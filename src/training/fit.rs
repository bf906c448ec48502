//! Training with good defaults, or with options.

use super::arrays::Borrowed;
use super::optimizer::Limits;
use super::session::Session;
use super::{Augment, Labels, Loss, Optimizer, Schedule, Source, Split, Trained};
use crate::network::Network;
use crate::random::Seed;
use crate::{Error, Input, Result};
use std::path::PathBuf;
use std::sync::Arc;

/// Trains a network on examples and their labels, 0 or 1, for one task or several, with the defaults of [`Fit`].
///
/// # Errors
///
/// As [`Fit::run`].
///
/// # Examples
///
/// ```
/// use genolens::ndarray::{Array1, Array2};
/// use genolens::{network::Architecture, training};
/// # fn main() -> genolens::Result<()> {
/// let x = Array2::from_shape_fn((50, 2), |(i, j)| ((i * 7 + j * 3) % 10) as f32 / 10.0);
/// let labels: Array1<f32> = x.rows().into_iter().map(|row| if row[0] > row[1] { 1.0 } else { 0.0 }).collect();
/// let trained = training::fit(&Architecture::features(2).dense(1).build()?, &x, &labels)?;
/// assert_eq!(trained.history().len(), 30);
/// # Ok(()) }
/// ```
pub fn fit(network: &Network, x: &dyn Input, labels: &dyn Labels) -> Result<Trained> {
    Fit::new().run(network, x, labels)
}

/// Trains a network, with options.
///
/// Defaults: 30 epochs in batches of 64, Adam with learning rate 0.003, binary cross-entropy, one tenth of every class held out for validation,
/// stop after 5 epochs without a better validation loss and keep the best weights. On the CPU the same seed gives
/// the same weights to the last bit, for any number of threads.
///
/// The learning rate is that for which a new network learns in few epochs: `deepbind(16)` on 2400 sequences of
/// [`simulate::motifs`](crate::simulate::motifs), after 20 epochs, has a test AUROC of 0.979, 0.977 and 0.970 for three seeds; with
/// 0.001 it has 0.755, 0.837 and 0.760 and is still learning.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    pub(super) epochs: usize,
    pub(super) batch: usize,
    pub(super) learning_rate: Option<f64>,
    pub(super) optimizer: Option<Optimizer>,
    pub(super) schedule: Schedule,
    pub(super) limits: Limits,
    pub(super) augment: Augment,
    pub(super) loss: Loss,
    pub(super) validation: f64,
    pub(super) patience: usize,
    pub(super) balance: bool,
    pub(super) class_weights: Arc<[f64]>,
    pub(super) rows: Option<Arc<[usize]>>,
    pub(super) split: Option<Split>,
    pub(super) checkpoint: Option<PathBuf>,
    pub(super) resume: Option<PathBuf>,
    pub(super) keep: bool,
    pub(super) seed: Seed,
}

impl Fit {
    /// Takes the defaults.
    pub fn new() -> Self {
        Self {
            epochs: 30,
            batch: 64,
            learning_rate: None,
            optimizer: None,
            schedule: Schedule::constant(),
            limits: Limits::default(),
            augment: Augment::new(),
            loss: Loss::BinaryCrossEntropy,
            validation: 0.1,
            patience: 5,
            balance: false,
            class_weights: Arc::new([]),
            rows: None,
            split: None,
            checkpoint: None,
            resume: None,
            keep: false,
            seed: Seed::default(),
        }
    }

    /// Sets how often every example is seen at most.
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    /// Sets the number of examples of a step.
    pub fn batch(mut self, batch: usize) -> Self {
        self.batch = batch;
        self
    }

    /// Sets the length of a step; without it 0.003, or the default of the optimiser that was chosen.
    pub fn learning_rate(mut self, rate: f64) -> Self {
        self.learning_rate = Some(rate);
        self
    }

    /// Sets how gradients change weights: [`Adam`](super::Adam), [`AdamW`](super::AdamW), [`Sgd`](super::Sgd),
    /// [`RmsProp`](super::RmsProp), [`Adadelta`](super::Adadelta), each with the options and defaults of `PyTorch`.
    pub fn optimizer(mut self, optimizer: impl Into<Optimizer>) -> Self {
        self.optimizer = Some(optimizer.into());
        self
    }

    /// Sets how the learning rate changes.
    pub fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }

    /// Sets the weight decay, in place of that of the optimiser, and in its way: added to the gradient, or beside it with `AdamW`.
    pub fn weight_decay(mut self, decay: f64) -> Self {
        self.limits.decay = Some(decay);
        self
    }

    /// Keeps weight decay away from biases and the scales of norms; `PyTorch` lets everything decay.
    pub fn spare_biases(mut self, spare: bool) -> Self {
        self.limits.spare = spare;
        self
    }

    /// Sets the largest norm of what enters one output of a layer, such as one filter; longer ones are shortened after every step.
    ///
    /// Basset was trained with 7.
    pub fn max_norm(mut self, norm: f64) -> Self {
        self.limits.cap = Some(norm);
        self
    }

    /// Sets the largest norm of all gradients together; a longer one is shortened, as `torch.nn.utils.clip_grad_norm_`.
    pub fn clip_norm(mut self, norm: f64) -> Self {
        self.limits.norm = Some(norm);
        self
    }

    /// Sets the largest slope; a steeper one is cut, as `torch.nn.utils.clip_grad_value_`.
    pub fn clip_value(mut self, value: f64) -> Self {
        self.limits.value = Some(value);
        self
    }

    /// Changes sequences while they are learned from.
    pub fn augment(mut self, augment: Augment) -> Self {
        self.augment = augment;
        self
    }

    /// Sets what training makes small.
    pub fn loss(mut self, loss: Loss) -> Self {
        self.loss = loss;
        self
    }

    /// Sets the share of examples that are held out, 0 to below 1; with 0 all epochs are run and the last weights kept.
    ///
    /// With one task of classes it is the same share of every class. With several tasks it is random, so that arrays and sources,
    /// whose labels would all have to be read first, teach the same; `split(&hold_out(&labels)?)` holds the same share of every
    /// task out.
    pub fn validation(mut self, share: f64) -> Self {
        self.validation = share;
        self
    }

    /// Sets after how many epochs without a better validation loss to stop.
    pub fn patience(mut self, epochs: usize) -> Self {
        self.patience = epochs;
        self
    }

    /// Gives all classes the same total weight, each task on its own.
    ///
    /// All labels count, also those that are not trained on and those of weight 0.
    pub fn balance(mut self, balance: bool) -> Self {
        self.balance = balance;
        self
    }

    /// Weighs classes: for binary cross-entropy the weights of 0 and of 1, once for all tasks or a pair for each; for cross-entropy
    /// one weight for each class. As `pos_weight` and `weight` of `PyTorch`.
    pub fn class_weights(mut self, weights: &[f64]) -> Self {
        self.class_weights = weights.into();
        self
    }

    /// Uses only these rows of the examples, for training and validation.
    pub fn rows(mut self, rows: &[usize]) -> Self {
        self.rows = Some(rows.into());
        self
    }

    /// Trains and validates on the rows of a split, such as one by chromosomes, in place of a random share.
    pub fn split(mut self, split: &Split) -> Self {
        self.split = Some(split.clone());
        self
    }

    /// Writes the whole state of the training to a file after every epoch.
    ///
    /// # Examples
    ///
    /// ```
    /// use genolens::ndarray::{Array1, Array2};
    /// use genolens::{network::Architecture, training::Fit};
    /// # fn main() -> genolens::Result<()> {
    /// let x = Array2::from_shape_fn((50, 2), |(i, j)| ((i * 7 + j * 3) % 10) as f32 / 10.0);
    /// let labels: Array1<f32> = x.rows().into_iter().map(|row| if row[0] > row[1] { 1.0 } else { 0.0 }).collect();
    /// let network = Architecture::features(2).dense(1).build()?;
    /// let path = std::env::temp_dir().join("genolens_doc_training.safetensors");
    /// let stopped = Fit::new().epochs(3).checkpoint(&path).run(&network, &x, &labels)?;
    /// let resumed = Fit::new().epochs(6).resume(&path).run(&network, &x, &labels)?;
    /// let whole = Fit::new().epochs(6).run(&network, &x, &labels)?;
    /// assert_eq!(resumed.history(), whole.history());
    /// # std::fs::remove_file(path).ok();
    /// # Ok(()) }
    /// ```
    pub fn checkpoint(mut self, path: impl Into<PathBuf>) -> Self {
        self.checkpoint = Some(path.into());
        self
    }

    /// Goes on from a file that [`checkpoint`](Self::checkpoint) wrote, to the same bytes as if the training had never stopped; the
    /// network gives its layers, the file its weights. [`epochs`](Self::epochs) counts those before, too.
    pub fn resume(mut self, path: impl Into<PathBuf>) -> Self {
        self.resume = Some(path.into());
        self
    }

    /// Returns what was learned when the user interrupts after the first epoch, in place of an error.
    pub fn keep_interrupted(mut self, keep: bool) -> Self {
        self.keep = keep;
        self
    }

    /// Sets the seed of the split, the batches and the dropout; the weights have their own.
    pub fn seed(mut self, seed: impl Into<Seed>) -> Self {
        self.seed = seed.into();
        self
    }

    /// Trains from the weights that the network has; `x` has shape `(n, ...)`, labels `(n)`, or `(n, tasks)` with one task for each
    /// output of the network, or what the [`Loss`] says.
    ///
    /// # Errors
    ///
    /// Fails when an option makes no sense, when examples and labels do not fit each other or the network, when the loss
    /// is no longer a number ([`Error::Diverged`]), or when the user interrupts.
    pub fn run(&self, network: &Network, x: &dyn Input, labels: &dyn Labels) -> Result<Trained> {
        self.check()?;
        let (x, labels) = (x.array()?, labels.labels()?);
        let source = Borrowed::new(x.view(), labels.view())?;
        let labels = labels.view().into_owned();
        Session::new(self, network, (&source, Some(labels)))?.run()
    }

    /// Trains on examples that are read when they are needed, such as a file larger than the memory, or on weighted ones.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), and when the source cannot be read.
    pub fn run_from(&self, network: &Network, source: &dyn Source) -> Result<Trained> {
        self.check()?;
        Session::new(self, network, (source, None))?.run()
    }

    /// Returns the optimiser that was chosen, or Adam.
    pub(super) fn optimizer_or_default(&self) -> Optimizer {
        self.optimizer.unwrap_or_default()
    }

    /// Returns the learning rate that was chosen, or a default.
    pub(super) fn rate(&self) -> f64 {
        let default = self.optimizer.map_or(3e-3, |chosen| chosen.default_rate());
        self.learning_rate.unwrap_or(default)
    }

    /// Checks that nothing is asked for that makes no sense for several trainings.
    pub(crate) fn check_alone(&self, what: &str) -> Result<()> {
        for (name, given) in [
            ("split", self.split.is_some()),
            ("rows", self.rows.is_some()),
            ("checkpoint", self.checkpoint.is_some()),
            ("resume", self.resume.is_some()),
        ] {
            if given {
                return Err(Error::value(name, format!("none for {what}"), "given"));
            }
        }
        Ok(())
    }

    pub(super) fn check(&self) -> Result<()> {
        for (name, value) in [
            ("epochs", self.epochs),
            ("batch", self.batch),
            ("patience", self.patience),
        ] {
            if value == 0 {
                return Err(Error::value(name, "at least 1", 0));
            }
        }
        let Limits {
            norm,
            value,
            cap,
            decay,
            ..
        } = self.limits;
        for (name, size) in [
            ("learning_rate", Some(self.rate())),
            ("clip_norm", norm),
            ("clip_value", value),
            ("max_norm", cap),
        ] {
            if let Some(size) = size
                && (!size.is_finite() || size <= 0.0)
            {
                return Err(Error::value(name, "above 0", size));
            }
        }
        if let Some(decay) = decay
            && (!decay.is_finite() || decay < 0.0)
        {
            return Err(Error::value("weight_decay", "at least 0", decay));
        }
        if !(0.0..1.0).contains(&self.validation) {
            return Err(Error::value("validation", "0 to below 1", self.validation));
        }
        if self.balance && !matches!(self.loss, Loss::BinaryCrossEntropy | Loss::CrossEntropy) {
            return Err(Error::value("balance", "false without classes", "true"));
        }
        self.loss.check_options()?;
        self.schedule.check()?;
        self.optimizer_or_default().check()
    }
}

impl Default for Fit {
    fn default() -> Self {
        Self::new()
    }
}
