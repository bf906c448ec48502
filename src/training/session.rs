//! One run of the fit loop.

use super::classes::Classes;
use super::fit::Fit;
use super::history::Epoch;
use super::measures::{Measures, Seen, names, title};
use super::optimizer::Descent;
use super::rows::{batches, split};
use super::scored::Scored;
use super::{Batch, History, Source, Trained};
use crate::network::{Model, Network, Pass};
use crate::progress::{self, Task};
use crate::random::Seed;
use crate::{Error, Result};
use candle_core::{Tensor, Var};
use ndarray::ArrayD;

/// Examples that are only looked at at once.
const LOOK: usize = 256;

/// Steps after which weights that gave a loss are noted, for the case that later ones give none.
const NOTE: usize = 100;

pub(crate) struct Session<'a> {
    fit: &'a Fit,
    source: &'a dyn Source,
    train: Vec<usize>,
    validation: Vec<usize>,
    classes: Classes,
    network: Network,
    weights: Vec<Tensor>,
    descent: Descent,
    steps: usize,
    /// Outputs of the network and labels of an example.
    widths: (usize, usize),
    /// Weights of which the loss is known, and the steps that had been taken.
    good: (usize, Vec<Tensor>),
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
        let rows: Vec<usize> = (0..source.len()).collect();
        let probe = source.read(&rows[..1])?;
        let whole = |shape: &[usize]| [&[rows.len()], &shape[1..]].concat();
        let (x, shape) = (whole(probe.x().shape()), whole(probe.labels().shape()));
        let width = probe.width();
        let out = network.forward(&examples(probe, network)?.0);
        let out = out.map_err(|error| match error {
            Error::Shape {
                argument, expected, ..
            } if argument == "x" => Error::shape("x", expected, &x),
            other => other,
        });
        let outputs = out?.elem_count();
        fit.loss.check_shape(outputs, &shape)?;
        let labels = match labels {
            None if width == 1 || fit.balance => Some(source.labels(&rows)?),
            known => known,
        };
        if let Some(labels) = &labels
            && (labels.shape()[0] != rows.len() || labels.len() != rows.len() * width)
        {
            return Err(misread(rows.len(), width, labels.shape()));
        }
        let labels: Option<Vec<f32>> = labels.map(|labels| labels.iter().copied().collect());
        let mut classes = Classes::default();
        if let Some(labels) = &labels {
            fit.loss.check(labels, outputs, width)?;
            fit.loss.check_classes(labels, width)?;
            if fit.balance {
                classes = Classes::balanced(fit.loss, labels, (outputs, width));
            }
        }
        let single = labels.as_deref().filter(|_| width == 1);
        let (train, validation) = split((&rows, single), fit.validation, (fit.seed, fit.loss));
        if train.is_empty() {
            let expected = "a share that leaves examples to train on";
            return Err(Error::value("validation", expected, fit.validation));
        }
        let mut variables = Vec::new();
        let mut weights = Vec::new();
        for (weight, trained) in network.tensors().iter().zip(network.trained()) {
            let copy = weight.detach().copy()?;
            if trained {
                let variable = Var::from_tensor(&copy)?;
                weights.push(variable.as_tensor().clone());
                variables.push(variable);
            } else {
                weights.push(copy);
            }
        }
        let rates = (fit.learning_rate, fit.weight_decay);
        Ok(Self {
            fit,
            source,
            train,
            validation,
            classes,
            network: network.with_tensors(weights.clone()),
            weights,
            descent: Descent::new(fit.optimizer, rates, &variables)?,
            steps: 0,
            widths: (outputs, width),
            good: (0, Vec::new()),
        })
    }

    pub(crate) fn run(mut self) -> Result<Trained> {
        let turns = batches(&self.train, self.fit.batch).len();
        // Looking at the validation examples is a step too.
        let turns = turns + usize::from(!self.validation.is_empty());
        let mut task = Task::new("fit", self.fit.epochs * turns).in_units("epoch", turns);
        let metrics = names(self.fit.loss);
        let mut epochs = Vec::new();
        let mut best: (usize, f64, Vec<Tensor>) = (0, f64::INFINITY, Vec::new());
        let (mut interrupted, mut diverged) = (false, None);
        for number in 1..=self.fit.epochs {
            let epoch = match self.measured(number, &mut task) {
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
            };
            let Epoch { train, validation } = epoch.clone();
            epochs.push(epoch);
            task.record("loss", "validation", validation.loss);
            if !self.validation.is_empty() {
                let title = title(metrics[0]);
                task.record(title, "training", train.mean(0));
                task.record(title, "validation", validation.mean(0));
            }
            // Without validation examples the last epoch is the best.
            if self.validation.is_empty() || validation.loss < best.1 {
                best = (number, validation.loss, self.copies()?);
            } else if number - best.0 >= self.fit.patience {
                task.finish(&format!(
                    "stopped after epoch {number}, kept epoch {}",
                    best.0
                ));
                break;
            }
            if self.validation.is_empty() {
                continue;
            }
            let loss = validation.loss;
            match task.step(&self.says(number, ("validation loss", loss))) {
                Err(error) if error.is_interrupted() && self.fit.keep => {
                    interrupted = true;
                    break;
                }
                other => other?,
            }
        }
        // Weights after which the loss was no number are not the best, even where nothing else tells.
        if best.2.is_empty() || (diverged.is_some() && self.validation.is_empty()) {
            best.0 = epochs.len();
            best.2 = if diverged.is_some() {
                self.good.1.clone()
            } else {
                self.copies()?
            };
        }
        let history = History::new((epochs, metrics), best.0, interrupted);
        let history = history.diverged(diverged);
        Ok(Trained::new(self.network.with_tensors(best.2), history))
    }

    /// Learns for one epoch and looks at the validation examples.
    fn measured(&mut self, number: usize, task: &mut Task) -> Result<Epoch> {
        let train = self.epoch(number, task)?;
        let validation = self.look(&self.validation, task)?;
        let wrong = if self.validation.is_empty() {
            !are_finite(&self.weights)?
        } else {
            !validation.loss.is_finite()
        };
        if wrong {
            let loss = if self.validation.is_empty() {
                "the weights are no longer numbers".to_owned()
            } else {
                format!("validation loss is {}", validation.loss)
            };
            return Err(self.divergence(&format!("{loss} after epoch {number}")));
        }
        Ok(Epoch { train, validation })
    }

    fn divergence(&self, what: &str) -> Error {
        let (step, rate) = (self.steps, self.fit.learning_rate);
        Error::Diverged {
            what: "training".into(),
            detail: format!("{what}, step {step}, learning rate {rate:?}"),
        }
    }

    fn epoch(&mut self, number: usize, task: &mut Task) -> Result<Measures> {
        let seed = self.fit.seed.named("batches").indexed(number);
        let rows = self.source.order(&self.train, seed);
        if rows.len() != self.train.len() {
            let expected = format!("{} rows, as were given", self.train.len());
            return Err(Error::value("order", expected, rows.len()));
        }
        let mut seen = Seen::default();
        for (turn, some) in batches(&rows, self.fit.batch).into_iter().enumerate() {
            let noted = if turn == 0 || self.steps.is_multiple_of(NOTE) {
                Some((self.steps, self.copies()?))
            } else {
                None
            };
            let loss = self.learn(some, &mut seen)?;
            if !loss.is_finite() {
                return Err(self.divergence(&format!("loss is {loss} in epoch {number}")));
            }
            if let Some(noted) = noted {
                self.good = noted;
            }
            task.record("loss", "training", loss);
            task.step(&self.says(number, ("loss", seen.loss())))?;
        }
        Ok(seen.measures(self.fit.loss, self.widths))
    }

    fn says(&self, epoch: usize, (name, loss): (&str, f64)) -> String {
        format!("epoch {epoch} of {}, {name} {loss:.4}", self.fit.epochs)
    }

    /// Reads some examples and checks what a source of the user may have got wrong.
    fn read(&self, rows: &[usize]) -> Result<Batch> {
        let batch = self.source.read(rows)?;
        let (outputs, width) = self.widths;
        if batch.len() != rows.len() || batch.width() != width {
            return Err(misread(rows.len(), width, batch.labels().shape()));
        }
        let labels = batch.labels().as_standard_layout();
        if let Some(labels) = labels.as_slice() {
            self.fit.loss.check(labels, outputs, width)?;
        }
        Ok(batch)
    }

    /// Takes one step, unless the loss is no number, and notes the scores before it.
    fn learn(&mut self, rows: &[usize], seen: &mut Seen) -> Result<f64> {
        let seed: Seed = self.fit.seed.named("step").indexed(self.steps);
        self.steps += 1;
        let (x, labels, weights) = examples(self.read(rows)?, &self.network)?;
        let mut pass = Pass::training(seed);
        let out = self.network.run(&x, self.network.len(), &mut pass)?;
        let scores = out.flatten_all()?.to_vec1::<f32>()?;
        let scored = Scored::new(&scores, &labels, rows.len()).weighted(weights.as_deref());
        let measured = scored.measure(self.fit.loss, self.classes.weights());
        let loss = measured.sum / measured.size;
        if !loss.is_finite() {
            return Ok(loss);
        }
        seen.add((&scores, &labels), (measured.sum, measured.size));
        // Of this the slopes are the derivative, whatever the device.
        let slopes = Tensor::from_vec(measured.slopes, out.shape(), out.device())?;
        let gradients = (out * slopes)?.sum_all()?.backward()?;
        self.descent.step(&gradients)?;
        for (place, value) in pass.into_updates() {
            self.weights[place] = value;
        }
        self.network = self.network.with_tensors(self.weights.clone());
        Ok(loss)
    }

    /// Measures without learning.
    fn look(&self, rows: &[usize], task: &Task) -> Result<Measures> {
        if rows.is_empty() {
            return Ok(Measures::none());
        }
        let still = self.weights.iter().map(Tensor::detach).collect();
        let still = self.network.with_tensors(still);
        let mut seen = Seen::default();
        for some in rows.chunks(LOOK) {
            if progress::is_interrupted() {
                return Err(task.stopped());
            }
            let (x, labels, weights) = examples(self.read(some)?, &still)?;
            let scores = still.forward(&x)?.flatten_all()?.to_vec1::<f32>()?;
            let scored = Scored::new(&scores, &labels, some.len()).weighted(weights.as_deref());
            let measured = scored.measure(self.fit.loss, self.classes.weights());
            seen.add((&scores, &labels), (measured.sum, measured.size));
        }
        Ok(seen.measures(self.fit.loss, self.widths))
    }

    /// Copies the present weights, which the next step changes in place.
    fn copies(&self) -> Result<Vec<Tensor>> {
        self.weights
            .iter()
            .map(|weight| Ok(weight.detach().copy()?))
            .collect()
    }
}

type Parts = (Tensor, Vec<f32>, Option<Vec<f32>>);

/// Takes a batch apart: examples on the device, labels and weights in a row.
fn examples(batch: Batch, network: &Network) -> Result<Parts> {
    let (x, labels, weights) = batch.into_parts();
    let shape = x.shape().to_vec();
    let x = Tensor::from_vec(in_a_row(x), shape, network.device())?;
    Ok((x, in_a_row(labels), weights.map(in_a_row)))
}

fn in_a_row(array: ArrayD<f32>) -> Vec<f32> {
    if array.is_standard_layout() {
        let (values, offset) = array.into_raw_vec_and_offset();
        match offset {
            None | Some(0) => return values,
            Some(offset) => return values[offset..].to_vec(),
        }
    }
    array.iter().copied().collect()
}

/// Says that a source gave other labels than it was asked for.
fn misread(rows: usize, width: usize, got: &[usize]) -> Error {
    let expected = format!("({rows}, ...) with {width} in a row");
    Error::shape("labels of the source", expected, got)
}

fn are_finite(weights: &[Tensor]) -> Result<bool> {
    for weight in weights {
        let values = weight.flatten_all()?.to_vec1::<f32>()?;
        if !values.iter().all(|value| value.is_finite()) {
            return Ok(false);
        }
    }
    Ok(true)
}
