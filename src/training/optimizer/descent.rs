//! An optimiser with what it remembers of every weight.

use super::Optimizer;
use super::tensor_step::{self, TensorStep};
use super::update::{Gradient, Step};
use crate::Result;
use crate::network::{change, is_ours, with_numbers};
use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};
use rayon::prelude::*;

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
    memory: Memory,
}

/// What an optimiser remembers of a weight, where the weight is: so many times as many numbers.
enum Memory {
    Host(Vec<Vec<f32>>),
    Device(Vec<Tensor>),
}

impl Memory {
    fn blank(weight: &Var, slots: usize) -> Result<Self> {
        if is_ours(weight.device()) {
            return Ok(Self::Host(vec![vec![0.0; weight.elem_count()]; slots]));
        }
        let slots = (0..slots).map(|_| Ok(weight.as_detached_tensor().zeros_like()?));
        Ok(Self::Device(slots.collect::<Result<_>>()?))
    }
}

impl Descent {
    pub(crate) fn new(optimizer: Optimizer, limits: Limits, weights: &[Var]) -> Result<Self> {
        let weights = weights.iter().map(|weight| {
            Ok(Remembered {
                weight: weight.clone(),
                memory: Memory::blank(weight, optimizer.slots())?,
            })
        });
        Ok(Self {
            optimizer,
            limits,
            steps: 0,
            weights: weights.collect::<Result<_>>()?,
        })
    }

    /// Copies what is remembered of every weight.
    pub(crate) fn memories(&self) -> Result<Vec<Vec<Vec<f32>>>> {
        let copies = self.weights.iter().map(|known| match &known.memory {
            Memory::Host(slots) => Ok(slots.clone()),
            Memory::Device(slots) => {
                let slots = slots.iter().map(|slot| Ok(slot.flatten_all()?.to_vec1()?));
                slots.collect()
            }
        });
        copies.collect()
    }

    /// Takes up what another run remembered; the lengths must be those of the weights.
    pub(crate) fn set_memories(&mut self, memories: Vec<Vec<Vec<f32>>>) -> Result<()> {
        for (known, memory) in self.weights.iter_mut().zip(memories) {
            let weight = &known.weight;
            known.memory = match known.memory {
                Memory::Host(_) => Memory::Host(memory),
                Memory::Device(_) => {
                    let slots = memory.into_iter().map(|values| {
                        Ok(Tensor::from_vec(values, weight.shape(), weight.device())?)
                    });
                    Memory::Device(slots.collect::<Result<_>>()?)
                }
            };
        }
        Ok(())
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
            .map(|known| {
                let Some(gradient) = gradients.get(&known.weight) else {
                    return Ok(None);
                };
                Ok(Some(gradient.detach().contiguous()?))
            })
            .collect::<Result<Vec<_>>>()?;
        let scale = match self.limits.norm {
            Some(most) => (most / (norm(&slopes)? + 1e-6)).min(1.0),
            None => 1.0,
        };
        let limits = self.limits;
        let all = limits.decay.unwrap_or(self.optimizer.weight_decay());
        for (known, slopes) in self.weights.iter_mut().zip(&slopes) {
            let rank = known.weight.rank();
            let decay = if limits.spare && rank < 2 { 0.0 } else { all };
            let cap = limits.cap.filter(|_| rank > 1);
            let Some(slopes) = slopes else {
                continue;
            };
            match &mut known.memory {
                Memory::Host(memory) => with_numbers(slopes, |slopes| {
                    let rows = known.weight.dims().first().map_or(1, |&rows| rows.max(1));
                    change(known.weight.as_tensor(), |weight| {
                        self.optimizer.update(&mut Step {
                            number: self.steps,
                            rate,
                            decay,
                            momentum,
                            weight,
                            gradient: Gradient {
                                values: slopes,
                                scale: scale as f32,
                                most: limits.value.map_or(f32::INFINITY, |most| most as f32),
                            },
                            memory,
                        });
                        if let Some(cap) = cap {
                            let width = (weight.len() / rows).max(1);
                            weight
                                .par_chunks_mut(width)
                                .for_each(|row| shorten(row, cap));
                        }
                    })
                })?,
                Memory::Device(memory) => {
                    let mut new = self.optimizer.move_tensor(&mut TensorStep {
                        number: self.steps,
                        rate,
                        decay,
                        momentum,
                        weight: &known.weight.as_detached_tensor(),
                        gradient: &tensor_step::clip(slopes, scale, limits.value)?,
                        memory,
                    })?;
                    if let Some(cap) = cap {
                        new = tensor_step::shorten(&new, cap)?;
                    }
                    known.weight.set(&new)?;
                }
            }
        }
        Ok(())
    }
}

/// Returns the norm of all gradients together.
fn norm(slopes: &[Option<Tensor>]) -> Result<f64> {
    let mut tensors = Vec::new();
    let mut sum = 0.0;
    for slopes in slopes.iter().flatten() {
        if is_ours(slopes.device()) {
            sum += with_numbers(slopes, |slopes| Ok(squares(slopes)))?;
        } else {
            tensors.push(slopes);
        }
    }
    Ok((sum + tensor_step::squares(tensors.into_iter())?).sqrt())
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
