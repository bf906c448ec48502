//! One run of the fit loop.

use super::curve::Ranked;
use super::dataset::{Dataset, batches};
use super::fit::Fit;
use super::history::{Epoch, Measures};
use super::optimizer::Descent;
use super::{History, Loss, Trained};
use crate::network::{Model, Network, Pass};
use crate::progress::{self, Task};
use crate::random::Seed;
use crate::{Error, Result};
use candle_core::{Tensor, Var};
use ndarray::Array1;
use rand::seq::SliceRandom;

/// Examples that are only looked at at once.
const LOOK: usize = 256;

pub(crate) struct Session<'a> {
    fit: &'a Fit,
    data: &'a Dataset<'a>,
    train: Vec<usize>,
    validation: Vec<usize>,
    network: Network,
    weights: Vec<Tensor>,
    descent: Descent,
    steps: usize,
}

impl<'a> Session<'a> {
    pub(crate) fn new(fit: &'a Fit, network: &Network, data: &'a Dataset<'a>) -> Result<Self> {
        let (train, validation) = data.split(fit.validation, (fit.seed, fit.loss));
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
            data,
            train,
            validation,
            network: network.with_tensors(weights.clone()),
            weights,
            descent: Descent::new(fit.optimizer, rates, &variables)?,
            steps: 0,
        })
    }

    pub(crate) fn run(mut self) -> Result<Trained> {
        let turns = batches(&self.train, self.fit.batch).len();
        // Looking at the validation examples is a step too.
        let turns = turns + usize::from(!self.validation.is_empty());
        let mut task = Task::new("fit", self.fit.epochs * turns).in_units("epoch", turns);
        let mut epochs = Vec::new();
        let mut best: (usize, f64, Vec<Tensor>) = (0, f64::INFINITY, Vec::new());
        let mut interrupted = false;
        for number in 1..=self.fit.epochs {
            let measured = self.epoch(number, &mut task).and_then(|train| {
                let validation = self.look(&self.validation, &task)?;
                Ok(Epoch { train, validation })
            });
            let epoch = match measured {
                Err(error) if error.is_interrupted() && self.fit.keep && number > 1 => {
                    progress::clear_interrupt();
                    interrupted = true;
                    break;
                }
                other => other?,
            };
            let Epoch { train, validation } = epoch;
            epochs.push(epoch);
            task.record("loss", "validation", validation.loss);
            if !self.validation.is_empty() {
                task.record("AUROC", "training", train.auroc);
                task.record("AUROC", "validation", validation.auroc);
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
        if best.2.is_empty() {
            best.2 = self.copies()?;
        }
        let history = History::new(epochs, best.0, interrupted);
        Ok(Trained::new(self.network.with_tensors(best.2), history))
    }

    fn epoch(&mut self, number: usize, task: &mut Task) -> Result<Measures> {
        let mut rows = self.train.clone();
        let seed = self.fit.seed.named("batches").indexed(number);
        rows.shuffle(&mut seed.generator());
        let (mut scores, mut sum) = (Vec::new(), 0.0);
        for some in batches(&rows, self.fit.batch) {
            let loss = self.learn(some, &mut scores)?;
            if !loss.is_finite() {
                let rate = self.fit.learning_rate;
                return Err(Error::Diverged {
                    what: "training".into(),
                    detail: format!("loss is {loss} in epoch {number}, learning rate {rate}"),
                });
            }
            sum += loss * some.len() as f64;
            task.record("loss", "training", loss);
            task.step(&self.says(number, ("loss", sum / scores.len() as f64)))?;
        }
        Ok(Measures {
            loss: sum / rows.len() as f64,
            ..measures(&scores, &self.data.labels(&rows))
        })
    }

    fn says(&self, epoch: usize, (name, loss): (&str, f64)) -> String {
        format!("epoch {epoch} of {}, {name} {loss:.4}", self.fit.epochs)
    }

    /// Takes one step and notes the scores before it.
    fn learn(&mut self, rows: &[usize], scores: &mut Vec<f32>) -> Result<f64> {
        let seed: Seed = self.fit.seed.named("step").indexed(self.steps);
        self.steps += 1;
        let batch = self.data.batch(rows, self.network.device())?;
        let mut pass = Pass::training(seed);
        let out = self.network.run(&batch.x, self.network.len(), &mut pass)?;
        let out = single(&out)?;
        let loss = self.fit.loss.compute(&out, &batch.labels, &batch.weights)?;
        let gradients = loss.backward()?;
        self.descent.step(&gradients)?;
        for (layer, name, value) in pass.into_updates() {
            if let Some(place) = self.network.place(layer, name) {
                self.weights[place] = value;
            }
        }
        self.network = self.network.with_tensors(self.weights.clone());
        scores.extend(out.to_vec1::<f32>()?);
        Ok(f64::from(loss.to_scalar::<f32>()?))
    }

    /// Measures without learning.
    fn look(&self, rows: &[usize], task: &Task) -> Result<Measures> {
        if rows.is_empty() {
            return Ok(Measures::NONE);
        }
        let still = self.weights.iter().map(Tensor::detach).collect();
        let still = self.network.with_tensors(still);
        let mut scores = Vec::new();
        for some in rows.chunks(LOOK) {
            if progress::is_interrupted() {
                return Err(task.stopped());
            }
            let batch = self.data.batch(some, still.device())?;
            scores.extend(single(&still.forward(&batch.x)?)?.to_vec1::<f32>()?);
        }
        let labels = self.data.labels(rows);
        let loss: Loss = self.fit.loss;
        Ok(Measures {
            loss: loss.value(&scores, &labels, &self.data.weights(rows)),
            ..measures(&scores, &labels)
        })
    }

    /// Copies the present weights, which the next step changes in place.
    fn copies(&self) -> Result<Vec<Tensor>> {
        self.weights
            .iter()
            .map(|weight| Ok(weight.detach().copy()?))
            .collect()
    }
}

/// Takes the one output of every example.
fn single(out: &Tensor) -> Result<Tensor> {
    match *out.dims() {
        [_, 1] => Ok(out.squeeze(1)?),
        _ => Err(Error::shape("output of the network", "(n, 1)", out.dims())),
    }
}

/// Computes both areas, NaN where labels do not allow them.
fn measures(scores: &[f32], labels: &[f32]) -> Measures {
    let scores = Array1::from(scores.to_vec());
    match Ranked::new(&scores, &Array1::from(labels.to_vec())) {
        Ok(ranked) => Measures {
            loss: f64::NAN,
            auroc: ranked.auroc(),
            auprc: ranked.auprc(),
        },
        Err(_) => Measures::NONE,
    }
}
