//! Gradient descent with momentum.

use super::tensor_step::TensorStep;
use super::update::{Step, each};
use candle_core::{Result, Tensor};

/// Gradient descent, with momentum where it is asked for (Sutskever et al. 2013, <https://proceedings.mlr.press/v28/sutskever13.html>).
///
/// Defaults as `torch.optim.SGD`: no momentum, no dampening, no weight decay, no look ahead; learning rate 0.001.
///
/// # Examples
///
/// ```
/// use genolens::training::{Fit, Sgd};
/// let fitting = Fit::new().optimizer(Sgd::new().momentum(0.9).nesterov(true)).learning_rate(0.01);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sgd {
    pub(super) momentum: f64,
    pub(super) dampening: f64,
    pub(super) nesterov: bool,
    pub(super) weight_decay: f64,
}

impl Sgd {
    /// Takes the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the share of itself that the velocity keeps at every step, 0 to below 1.
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// Sets the share of the gradient that does not enter the velocity, 0 to 1.
    pub fn dampening(mut self, dampening: f64) -> Self {
        self.dampening = dampening;
        self
    }

    /// Looks ahead along the velocity; needs momentum and no dampening.
    pub fn nesterov(mut self, nesterov: bool) -> Self {
        self.nesterov = nesterov;
        self
    }

    /// Sets the share of every weight that is added to its gradient.
    pub fn weight_decay(mut self, decay: f64) -> Self {
        self.weight_decay = decay;
        self
    }

    pub(super) fn slots(self) -> usize {
        usize::from(self.momentum > 0.0)
    }

    pub(super) fn update(self, step: &mut Step<'_>) {
        let momentum = step.momentum.unwrap_or(self.momentum) as f32;
        let (rate, pull) = (step.rate as f32, step.decay as f32);
        // The first velocity is the gradient, whatever the dampening.
        let enters = if step.number == 1 {
            1.0
        } else {
            (1.0 - self.dampening) as f32
        };
        let (weight, gradient, nesterov) = (&mut step.weight[..], step.gradient, self.nesterov);
        match &mut step.memory[..] {
            [] => each(weight, gradient, [], move |w, g, []| {
                (w - rate * (g + pull * w), [])
            }),
            [velocity, ..] => each(weight, gradient, [velocity], move |w, g, [v]| {
                let g = g + pull * w;
                let v = momentum * v + enters * g;
                let by = if nesterov { g + momentum * v } else { v };
                (w - rate * by, [v])
            }),
        }
    }

    /// The same, for all numbers of a tensor at once.
    pub(super) fn move_tensor(self, step: &mut TensorStep<'_>) -> Result<Tensor> {
        let momentum = step.momentum.unwrap_or(self.momentum);
        let enters = if step.number == 1 {
            1.0
        } else {
            1.0 - self.dampening
        };
        let g = step.pulled(step.decay)?;
        let by = match step.memory {
            [] => g,
            [velocity, ..] => {
                *velocity = (velocity.affine(momentum, 0.0)? + g.affine(enters, 0.0)?)?;
                if self.nesterov {
                    (g + velocity.affine(momentum, 0.0)?)?
                } else {
                    velocity.clone()
                }
            }
        };
        step.weight - by.affine(step.rate, 0.0)?
    }
}
