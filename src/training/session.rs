//! One run of the fit loop.

use super::checkpoint::{Checkpoint, Options};
use super::classes::Classes;
use super::fit::Fit;
use super::history::Epoch;
use super::learner::{Learner, examples, misread};
use super::measures::{Measures, Seen, names, title};
use super::rows::{batches, split};
use super::schedule::Pace;
use super::{History, Source, Split, Trained};
use crate::network::{Model, Network};
use crate::progress::{self, Task};
use crate::{Error, Result};
use candle_core::Tensor;
use ndarray::ArrayD;

/// Steps after which weights that gave a loss are noted, for the case that later ones give none.
const NOTE: usize = 100;

pub(crate) struct Session<'a> {
    fit: &'a Fit,
    source: &'a dyn Source,
    learner: Learner<'a>,
    rows: Split,
    pace: Pace,
    epochs: Vec<Epoch>,
    /// The best epoch, its validation loss and its weights.
    best: (usize, f64, Vec<Tensor>),
    /// Weights of which the loss is known, and the steps that had been taken.
    good: (usize, Vec<Tensor>),
    options: Options,
}

impl<'a> Session<'a> {
    /// `labels` are those of all rows, where they are in memory.
    pub(crate) fn new(
        fit: &'a Fit,
        network: &Network,
        (source, labels): (&'a dyn Source, Option<ArrayD<f32>>),
    ) -> Result<Self> {
        if source.is_empty() {
            let expected = "a source with at least 1 example";
            return Err(Error::value("source", expected, "one without"));
        }
        let all: Vec<usize> = (0..source.len()).collect();
        let probe = source.read(&all[..1])?;
        let whole = |shape: &[usize]| [&[all.len()], &shape[1..]].concat();
        let (x, shape) = (whole(probe.x().shape()), whole(probe.labels().shape()));
        let width = probe.width();
        fit.augment.check(&x, (shape.len(), fit.loss))?;
        let out = network.forward(&examples(probe, network)?.0);
        let out = out.map_err(|error| match error {
            Error::Shape {
                argument, expected, ..
            } if argument == "x" => Error::shape("x", expected, &x),
            other => other,
        });
        let outputs = out?.elem_count();
        fit.loss.check_shape(outputs, &shape)?;
        let mut classes = Classes::given(fit, (outputs, width))?;
        let labels = match labels {
            None if width == 1 || fit.balance => Some(source.labels(&all)?),
            known => known,
        };
        if let Some(labels) = &labels
            && (labels.shape()[0] != all.len() || labels.len() != all.len() * width)
        {
            return Err(misread(all.len(), width, labels.shape()));
        }
        let labels: Option<Vec<f32>> = labels.map(|labels| labels.iter().copied().collect());
        if let Some(labels) = &labels {
            // A label that is missing, which only a source can say, is none that could be wrong.
            let present = |&label: &f32| if label.is_nan() { 0.0 } else { label };
            let given: Vec<f32> = labels.iter().map(present).collect();
            fit.loss.check(&given, outputs, width)?;
            fit.loss.check_classes(labels, width)?;
            if fit.balance {
                classes = Classes::balanced(fit.loss, labels, (outputs, width));
            }
        }
        let rows = if let Some(given) = &fit.split {
            given.clone()
        } else {
            let rows = fit.rows.as_deref().unwrap_or(&all);
            if rows.is_empty() {
                return Err(Error::value("rows", "at least 1", "none"));
            }
            Split::halves((rows.to_vec(), Vec::new())).check(("rows", all.len()))?;
            let single = labels.as_deref().filter(|_| width == 1);
            Split::halves(split((rows, single), fit.validation, (fit.seed, fit.loss)))
        };
        rows.check(("split", all.len()))?;
        if rows.train().is_empty() {
            let expected = "a share that leaves examples to train on";
            return Err(Error::value("validation", expected, fit.validation));
        }
        let turns = batches(rows.train(), fit.batch).len();
        let pace = Pace::new(fit.schedule, fit.rate(), (fit.epochs, turns));
        let options = Options::new(fit, network, (&rows, all.len()));
        Ok(Self {
            fit,
            source,
            learner: Learner::new(fit, (network, source), (classes, (outputs, width)))?,
            rows,
            pace,
            epochs: Vec::new(),
            best: (0, f64::INFINITY, Vec::new()),
            good: (0, Vec::new()),
            options,
        })
    }

    /// The epoch that must be better than all before it.
    fn patient_until(&self) -> usize {
        self.best.0.saturating_add(self.fit.patience)
    }

    pub(crate) fn run(mut self) -> Result<Trained> {
        if let Some(path) = &self.fit.resume {
            let found = Checkpoint::read(path)?;
            found.check(path, &self.options)?;
            found.restore(path, &mut self.learner, &mut self.pace)?;
            self.best = found.best(path, self.learner.network())?;
            self.epochs = found.epochs(path)?;
        }
        let turns = batches(self.rows.train(), self.fit.batch).len();
        // Looking at the validation examples is a step too.
        let turns = turns + usize::from(self.validates());
        let left = self.fit.epochs.saturating_sub(self.epochs.len());
        let mut task = Task::new("fit", left.saturating_mul(turns)).in_units("epoch", turns);
        let (mut interrupted, mut diverged) = (false, None);
        let first = self.epochs.len() + 1;
        for number in first..=self.fit.epochs {
            // A training that was resumed may already have lost its patience.
            if self.validates() && number > self.patient_until() {
                break;
            }
            match self.measured(number, &mut task) {
                Err(error) if error.is_interrupted() && self.fit.keep && number > 1 => {
                    progress::clear_interrupt();
                    interrupted = true;
                    break;
                }
                Err(Error::Diverged { detail, what }) if self.good.0 > 0 => {
                    task.finish(&format!("{what} diverged: {detail}"));
                    diverged = Some(detail);
                    break;
                }
                other => other?,
            }
            if let Some(path) = &self.fit.checkpoint {
                Checkpoint::of(&self.learner, &self.pace, (&self.epochs, &self.best))?
                    .write(path, &self.options)?;
            }
            if !self.validates() {
                continue;
            }
            if number >= self.patient_until() && number < self.fit.epochs {
                let best = self.best.0;
                task.finish(&format!("stopped after epoch {number}, kept epoch {best}"));
                break;
            }
            let loss = self.epochs.last().map_or(f64::NAN, |e| e.validation.loss);
            match task.step(&self.says(number, ("validation loss", loss))) {
                Err(error) if error.is_interrupted() && self.fit.keep => {
                    interrupted = true;
                    break;
                }
                other => other?,
            }
        }
        // Weights after which the loss was no number are not the best, even where nothing else tells.
        if self.best.2.is_empty() || (diverged.is_some() && !self.validates()) {
            self.best.0 = self.epochs.len();
            self.best.2 = if diverged.is_some() {
                self.good.1
            } else {
                self.learner.copies()?
            };
        }
        let metrics = names(self.fit.loss);
        let history = History::new((self.epochs, metrics), self.best.0, interrupted);
        let network = self.learner.network().with_tensors(self.best.2);
        Ok(Trained::new(network, history.diverged(diverged)))
    }

    fn validates(&self) -> bool {
        !self.rows.test().is_empty()
    }

    /// Learns for one epoch, looks at the validation examples and notes both.
    fn measured(&mut self, number: usize, task: &mut Task) -> Result<()> {
        let rate = self.pace.rate(self.learner.steps);
        let train = self.epoch(number, task)?;
        let validation = self.learner.look(self.rows.test(), task)?;
        if !self.validates() && !self.learner.is_finite()? {
            let what = format!("the weights are no longer numbers after epoch {number}");
            return Err(self.divergence(&what));
        }
        if self.validates() && !validation.loss.is_finite() {
            let loss = validation.loss;
            return Err(self.divergence(&format!("validation loss is {loss} after epoch {number}")));
        }
        task.record("loss", "validation", validation.loss);
        if self.validates()
            && let Some(metric) = names(self.fit.loss).first()
        {
            let title = title(metric);
            task.record(title, "training", train.mean(0));
            task.record(title, "validation", validation.mean(0));
        }
        // Without validation examples the last epoch is the best.
        if !self.validates() || validation.loss < self.best.1 {
            let loss = if self.validates() {
                validation.loss
            } else {
                f64::INFINITY
            };
            self.best = (number, loss, self.learner.copies()?);
        }
        self.pace.note(if self.validates() {
            validation.loss
        } else {
            train.loss
        });
        self.epochs.push(Epoch {
            rate,
            train,
            validation,
        });
        Ok(())
    }

    fn divergence(&self, what: &str) -> Error {
        let (step, rate) = (self.learner.steps, self.fit.rate());
        Error::Diverged {
            what: "training".into(),
            detail: format!("{what}, step {step}, learning rate {rate:?}"),
        }
    }

    fn epoch(&mut self, number: usize, task: &mut Task) -> Result<Measures> {
        let seed = self.fit.seed.named("batches").indexed(number);
        let rows = self.source.order(self.rows.train(), seed);
        if rows.len() != self.rows.train().len() {
            let expected = format!("{} rows, as were given", self.rows.train().len());
            return Err(Error::value("order", expected, rows.len()));
        }
        let mut seen = Seen::for_metrics(rows.len(), self.fit.loss, self.learner.widths);
        let turns = batches(&rows, self.fit.batch).len();
        for (turn, some) in batches(&rows, self.fit.batch).into_iter().enumerate() {
            let step = self.learner.steps;
            let noted = if turn == 0 || step.is_multiple_of(NOTE) {
                Some((step, self.learner.copies()?))
            } else {
                None
            };
            let all = self.fit.epochs.saturating_mul(turns);
            self.learner.share = (step + 1) as f64 / all as f64;
            let (rate, momentum) = (self.pace.rate(step), self.pace.momentum(step));
            let loss = self.learner.learn(some, (rate, momentum), &mut seen)?;
            if !loss.is_finite() {
                return Err(self.divergence(&format!("loss is {loss} in epoch {number}")));
            }
            if let Some(noted) = noted {
                self.good = noted;
            }
            task.record("loss", "training", loss);
            if !self.fit.schedule.is_constant() {
                task.record("learning rate", "", rate);
            }
            task.step(&self.says(number, ("loss", seen.loss())))?;
        }
        Ok(seen.measures())
    }

    fn says(&self, epoch: usize, (name, loss): (&str, f64)) -> String {
        format!("epoch {epoch} of {}, {name} {loss:.4}", self.fit.epochs)
    }

    /// Trains, and scores other rows with the weights that were kept.
    pub(crate) fn run_and_test(self, rows: &[usize]) -> Result<(Trained, Seen)> {
        let (fit, source) = (self.fit, self.source);
        let (widths, classes) = (self.learner.widths, self.learner.classes().clone());
        let trained = self.run()?;
        let task = Task::new("test", 1);
        let learner = Learner::new(fit, (trained.network(), source), (classes, widths))?;
        let seen = learner.see(&learner.weights, rows, &task)?;
        Ok((trained, seen))
    }
}
