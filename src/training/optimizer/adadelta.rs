//! Steps that find their own length.

use super::tensor_step::TensorStep;
use super::update::{Step, each};
use candle_core::{Result, Tensor};

/// Adadelta: steps as long as the recent ones, for gradients of their recent size (Zeiler 2012, <https://arxiv.org/abs/1212.5701>).
///
/// Defaults as `torch.optim.Adadelta`: means keep 0.9 of themselves, epsilon 1e-6, no weight decay; learning rate 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adadelta {
    pub(super) rho: f64,
    pub(super) epsilon: f64,
    pub(super) weight_decay: f64,
}

impl Adadelta {
    /// Takes the defaults.
    pub fn new() -> Self {
        Self {
            rho: 0.9,
            epsilon: 1e-6,
            weight_decay: 0.0,
        }
    }

    /// Sets the share of themselves that the means keep at every step, 0 to below 1.
    pub fn rho(mut self, rho: f64) -> Self {
        self.rho = rho;
        self
    }

    /// Sets what is added to the mean squares.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// Sets the share of every weight that is added to its gradient.
    pub fn weight_decay(mut self, decay: f64) -> Self {
        self.weight_decay = decay;
        self
    }

    pub(super) fn update(self, step: &mut Step<'_>) {
        let (keep, new) = (self.rho as f32, (1.0 - self.rho) as f32);
        let epsilon = self.epsilon as f32;
        let (rate, pull) = (step.rate as f32, step.decay as f32);
        let [squares, steps] = &mut step.memory[..] else {
            return;
        };
        each(
            &mut step.weight[..],
            step.gradient,
            [squares, steps],
            move |w, g, [s, d]| {
                let g = g + pull * w;
                let s = keep * s + new * g * g;
                let by = (d + epsilon).sqrt() / (s + epsilon).sqrt() * g;
                (w - rate * by, [s, keep * d + new * by * by])
            },
        );
    }

    /// The same, for all numbers of a tensor at once.
    pub(super) fn move_tensor(self, step: &mut TensorStep<'_>) -> Result<Tensor> {
        let g = step.pulled(step.decay)?;
        let [squares, steps] = step.memory else {
            return step.unchanged();
        };
        *squares = (squares.affine(self.rho, 0.0)? + g.sqr()?.affine(1.0 - self.rho, 0.0)?)?;
        let root = |mean: &Tensor| mean.affine(1.0, self.epsilon)?.sqrt();
        let by = ((root(steps)? / root(squares)?)? * g)?;
        *steps = (steps.affine(self.rho, 0.0)? + by.sqr()?.affine(1.0 - self.rho, 0.0)?)?;
        step.weight - by.affine(step.rate, 0.0)?
    }
}

impl Default for Adadelta {
    fn default() -> Self {
        Self::new()
    }
}
