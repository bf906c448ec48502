//! An optimiser with what it remembers of every weight.

use super::Optimizer;
use super::update::{Gradient, Step};
use crate::{Error, Result};
use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, InplaceOp1, Layout, Storage, Tensor, Var};
use rayon::prelude::*;
use std::cell::RefCell;

/// What keeps gradients and weights from growing, and which weights decay.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Limits {
    /// Largest norm of all gradients together.
    pub(crate) norm: Option<f64>,
    /// Largest slope.
    pub(crate) value: Option<f64>,
    /// Largest norm of what enters one output of a layer.
    pub(crate) cap: Option<f64>,
    /// Weight decay in place of that of the optimiser.
    pub(crate) decay: Option<f64>,
    /// Whether biases and the scales of norms do not decay.
    pub(crate) spare: bool,
}

/// An optimiser at work.
pub(crate) struct Descent {
    optimizer: Optimizer,
    limits: Limits,
    pub(crate) steps: u64,
    weights: Vec<Remembered>,
}

struct Remembered {
    weight: Var,
    memory: Vec<Vec<f32>>,
}

impl Descent {
    pub(crate) fn new(optimizer: Optimizer, limits: Limits, weights: &[Var]) -> Self {
        let weights = weights.iter().map(|weight| Remembered {
            weight: weight.clone(),
            memory: vec![vec![0.0; weight.elem_count()]; optimizer.slots()],
        });
        Self {
            optimizer,
            limits,
            steps: 0,
            weights: weights.collect(),
        }
    }

    /// Returns what is remembered of every weight.
    pub(crate) fn memories(&self) -> impl Iterator<Item = &[Vec<f32>]> {
        self.weights.iter().map(|known| &known.memory[..])
    }

    /// Takes up what another run remembered; the lengths must be those of the weights.
    pub(crate) fn set_memories(&mut self, memories: Vec<Vec<Vec<f32>>>) {
        for (known, memory) in self.weights.iter_mut().zip(memories) {
            known.memory = memory;
        }
    }

    pub(crate) fn step(
        &mut self,
        gradients: &GradStore,
        (rate, momentum): (f64, Option<f64>),
    ) -> Result<()> {
        self.steps += 1;
        let slopes = self
            .weights
            .iter()
            .map(|known| gradients.get(&known.weight).map(numbers).transpose())
            .collect::<Result<Vec<_>>>()?;
        let scale = self.limits.norm.map_or(1.0, |most| {
            let all: f64 = slopes.iter().flatten().map(|slopes| squares(slopes)).sum();
            (most / (all.sqrt() + 1e-6)).min(1.0)
        });
        let limits = self.limits;
        let decay = limits.decay.unwrap_or(self.optimizer.weight_decay());
        for (known, slopes) in self.weights.iter_mut().zip(&slopes) {
            let Some(slopes) = slopes else { continue };
            let rank = known.weight.rank();
            let change = Change(RefCell::new(Some(|weight: &mut [f32]| {
                self.optimizer.update(&mut Step {
                    number: self.steps,
                    rate,
                    decay: if limits.spare && rank < 2 { 0.0 } else { decay },
                    momentum,
                    weight,
                    gradient: Gradient {
                        values: slopes,
                        scale: scale as f32,
                        most: limits.value.map_or(f32::INFINITY, |most| most as f32),
                    },
                    memory: &mut known.memory,
                });
                if let Some(cap) = limits.cap
                    && rank > 1
                {
                    let rows = known.weight.dims()[0].max(1);
                    let width = (weight.len() / rows).max(1);
                    weight
                        .par_chunks_mut(width)
                        .for_each(|row| shorten(row, cap));
                }
            })));
            change.apply(&known.weight)?;
        }
        Ok(())
    }
}

/// Shortens a row that is longer than allowed, as `torch.renorm`.
fn shorten(row: &mut [f32], most: f64) {
    let norm = squares(row).sqrt();
    if norm > most {
        let factor = (most / (norm + 1e-7)) as f32;
        for weight in row {
            *weight *= factor;
        }
    }
}

fn squares(values: &[f32]) -> f64 {
    values.iter().map(|&value| f64::from(value).powi(2)).sum()
}

/// Copies the numbers of a gradient.
fn numbers(gradient: &Tensor) -> Result<Vec<f32>> {
    let gradient = gradient.contiguous()?;
    let (storage, layout) = gradient.storage_and_layout();
    if let Storage::Cpu(storage) = &*storage {
        let start = layout.start_offset();
        let all = storage.as_slice::<f32>()?;
        return Ok(all[start..start + gradient.elem_count()].to_vec());
    }
    drop(storage);
    Ok(gradient.flatten_all()?.to_vec1()?)
}

/// A change of all numbers of a tensor, in place.
struct Change<F>(RefCell<Option<F>>);

impl<F: FnOnce(&mut [f32])> Change<F> {
    fn apply(self, weight: &Var) -> Result<()> {
        if weight.device().is_cpu() {
            return Ok(weight.as_tensor().inplace_op1(&self)?);
        }
        let mut values = weight.flatten_all()?.to_vec1::<f32>()?;
        if let Some(change) = self.0.take() {
            change(&mut values);
        }
        let new = Tensor::from_vec(values, weight.shape(), weight.device())?;
        Ok(weight.set(&new)?)
    }
}

impl<F: FnOnce(&mut [f32])> InplaceOp1 for Change<F> {
    fn name(&self) -> &'static str {
        "descent"
    }

    fn cpu_fwd(&self, storage: &mut CpuStorage, layout: &Layout) -> candle_core::Result<()> {
        let CpuStorage::F32(values) = storage else {
            return Err(candle_core::Error::wrap(Error::value(
                "weight",
                "32-bit floats",
                "other numbers",
            )));
        };
        let (start, count) = (layout.start_offset(), layout.shape().elem_count());
        if let Some(change) = self.0.take() {
            change(&mut values[start..start + count]);
        }
        Ok(())
    }
}
