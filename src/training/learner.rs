//! A network while it learns: one step at a time.

use super::classes::Classes;
use super::fit::Fit;
use super::measures::{Measures, Seen};
use super::optimizer::Descent;
use super::scored::{Measured, Scored};
use super::{Batch, Loss, Source};
use crate::network::{Model, Network, Pass, Returned, is_ours, pull, with_numbers};
use crate::progress::{self, Task};
use crate::random::Seed;
use crate::{Error, Result};
use candle_core::{Tensor, Var};
use ndarray::ArrayD;

/// Examples that are only looked at at once.
const LOOK: usize = 256;

pub(crate) struct Learner<'a> {
    fit: &'a Fit,
    source: &'a dyn Source,
    classes: Classes,
    network: Network,
    pub(crate) weights: Vec<Tensor>,
    pub(crate) descent: Descent,
    returned: Returned,
    pub(crate) steps: usize,
    /// How much of the training is over, 0 to 1.
    pub(crate) share: f64,
    /// Outputs of the network and labels of an example.
    pub(crate) widths: (usize, usize),
}

impl<'a> Learner<'a> {
    pub(crate) fn new(
        fit: &'a Fit,
        (network, source): (&Network, &'a dyn Source),
        (classes, widths): (Classes, (usize, usize)),
    ) -> Result<Self> {
        let mut learner = Self {
            fit,
            source,
            classes,
            network: network.clone(),
            weights: Vec::new(),
            descent: Descent::new(fit.optimizer_or_default(), fit.limits, &[])?,
            returned: Returned::default(),
            steps: 0,
            share: 0.0,
            widths,
        };
        learner.set_weights(network.tensors())?;
        Ok(learner)
    }

    /// Takes copies of these weights and forgets what the optimiser remembered.
    pub(crate) fn set_weights(&mut self, weights: &[Tensor]) -> Result<()> {
        let mut variables = Vec::new();
        self.weights.clear();
        for (weight, trained) in weights.iter().zip(self.network.trained()) {
            let copy = weight.detach().copy()?;
            if trained {
                let variable = Var::from_tensor(&copy)?;
                self.weights.push(variable.as_tensor().clone());
                variables.push(variable);
            } else {
                self.weights.push(copy);
            }
        }
        self.descent = Descent::new(self.fit.optimizer_or_default(), self.fit.limits, &variables)?;
        self.returned = Returned::default();
        self.network = self.network.with_tensors(self.weights.clone());
        Ok(())
    }

    pub(crate) fn classes(&self) -> &Classes {
        &self.classes
    }

    pub(crate) fn network(&self) -> &Network {
        &self.network
    }

    /// Copies the present weights, which the next step changes in place.
    pub(crate) fn copies(&self) -> Result<Vec<Tensor>> {
        self.weights
            .iter()
            .map(|weight| Ok(weight.detach().copy()?))
            .collect()
    }

    pub(crate) fn is_finite(&self) -> Result<bool> {
        for weight in &self.weights {
            let values = weight.flatten_all()?.to_vec1::<f32>()?;
            if !values.iter().all(|value| value.is_finite()) {
                return Ok(false);
            }
        }
        Ok(true)
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

    fn measure(
        &self,
        loss: Loss,
        (scores, labels): (&[f32], &[f32]),
        weights: Option<&[f32]>,
    ) -> Measured {
        let n = labels.len() / self.widths.1.max(1);
        let scored = Scored::new(scores, labels, n).weighted(weights);
        scored.measure(loss, self.classes.weights())
    }

    /// Takes one step, unless the loss is no number, and notes the scores before it.
    pub(crate) fn learn(
        &mut self,
        rows: &[usize],
        (rate, momentum): (f64, Option<f64>),
        seen: &mut Seen,
    ) -> Result<f64> {
        let seed: Seed = self.fit.seed.named("step").indexed(self.steps);
        self.steps += 1;
        let mut batch = self.read(rows)?;
        self.fit.augment.apply(&mut batch, self.fit.loss, seed)?;
        let (x, labels, weights) = examples(batch, &self.network)?;
        let mut pass = Pass::training(seed).returning(&self.returned);
        let out = self.network.run(&x, self.network.len(), &mut pass)?;
        let present = self.fit.loss.after(self.share);
        let measured = with_scores(&out, |scores| {
            let measured = self.measure(present, (scores, &labels), weights.as_deref());
            if (measured.sum / measured.size).is_finite() {
                let known = known(labels, weights);
                seen.add((scores, &known), (measured.sum, measured.size));
            }
            measured
        })?;
        let loss = measured.sum / measured.size;
        if !loss.is_finite() {
            return Ok(loss);
        }
        // The loss is that of the CPU on every device, in double precision.
        let mut gradients = pull(&out, measured.slopes)?.backward()?;
        self.returned.hand_over(&mut gradients)?;
        self.descent.step(&gradients, (rate, momentum))?;
        for (place, value) in pass.into_updates() {
            self.weights[place] = value;
        }
        self.network = self.network.with_tensors(self.weights.clone());
        Ok(loss)
    }

    /// Measures without learning.
    pub(crate) fn look(&self, rows: &[usize], task: &Task) -> Result<Measures> {
        if rows.is_empty() {
            return Ok(Measures::none());
        }
        let seen = Seen::for_metrics(rows.len(), self.fit.loss, self.widths);
        Ok(self.look_at(&self.weights, (rows, seen), task)?.measures())
    }

    /// Scores examples with these weights.
    pub(crate) fn see(&self, weights: &[Tensor], rows: &[usize], task: &Task) -> Result<Seen> {
        let seen = Seen::new(rows.len(), self.fit.loss, self.widths);
        self.look_at(weights, (rows, seen), task)
    }

    fn look_at(
        &self,
        weights: &[Tensor],
        (rows, mut seen): (&[usize], Seen),
        task: &Task,
    ) -> Result<Seen> {
        let still = weights.iter().map(Tensor::detach).collect();
        let still = self.network.with_tensors(still);
        for (at, some) in rows.chunks(LOOK).enumerate() {
            if progress::is_interrupted() {
                return Err(task.stopped());
            }
            let (x, labels, weights) = examples(self.read(some)?, &still)?;
            // Latent positions are drawn, or an evidence lower bound would be none; the same in every epoch.
            let mut pass = Pass::drawing(self.fit.seed.named("look"), at * LOOK);
            let scores = still.score(&x, &mut pass)?;
            with_scores(&scores, |scores| {
                let measured = self.measure(self.fit.loss, (scores, &labels), weights.as_deref());
                let labels = known(labels, weights);
                seen.add((scores, &labels), (measured.sum, measured.size));
            })?;
        }
        Ok(seen)
    }
}

type Parts = (Tensor, Vec<f32>, Option<Vec<f32>>);

/// Takes a batch apart: examples on the device, labels and weights in a row.
pub(crate) fn examples(batch: Batch, network: &Network) -> Result<Parts> {
    let (x, labels, weights) = batch.into_parts();
    let shape = x.shape().to_vec();
    let x = Tensor::from_vec(in_a_row(x), shape, network.device())?;
    Ok((x, in_a_row(labels), weights.map(in_a_row)))
}

/// Looks at scores where they are, or at a copy of those of another device.
fn with_scores<R>(scores: &Tensor, look: impl FnOnce(&[f32]) -> R) -> Result<R> {
    if !is_ours(scores.device()) {
        return Ok(look(&scores.flatten_all()?.to_vec1::<f32>()?));
    }
    Ok(with_numbers(&scores.contiguous()?, |scores| {
        Ok(look(scores))
    })?)
}

/// Returns labels with NaN in place of those that are left out.
fn known(mut labels: Vec<f32>, weights: Option<Vec<f32>>) -> Vec<f32> {
    if let Some(weights) = weights.filter(|weights| weights.len() == labels.len()) {
        for (label, weight) in labels.iter_mut().zip(weights) {
            if weight == 0.0 {
                *label = f32::NAN;
            }
        }
    }
    labels
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
pub(crate) fn misread(rows: usize, width: usize, got: &[usize]) -> Error {
    let expected = format!("({rows}, ...) with {width} in a row");
    Error::shape("labels of the source", expected, got)
}
