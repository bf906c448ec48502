//! Gradients divided by their recent size.

use super::tensor_step::TensorStep;
use super::update::{Step, each};
use candle_core::{Result, Tensor};

/// `RMSprop`: gradients divided by the root of their running mean square (Tieleman and Hinton 2012, lecture 6.5 of a Coursera course).
///
/// Defaults as `torch.optim.RMSprop`: the mean keeps 0.99 of itself, epsilon 1e-8, no momentum, not centred, no weight decay; learning
/// rate 0.01. Basset was trained with 0.98 and learning rate 0.002.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsProp {
    pub(super) alpha: f64,
    pub(super) epsilon: f64,
    pub(super) momentum: f64,
    pub(super) centered: bool,
    pub(super) weight_decay: f64,
}

impl RmsProp {
    /// Takes the defaults.
    pub fn new() -> Self {
        Self {
            alpha: 0.99,
            epsilon: 1e-8,
            momentum: 0.0,
            centered: false,
            weight_decay: 0.0,
        }
    }

    /// Sets the share of itself that the mean square keeps at every step, 0 to below 1.
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// Sets what is added to the size of the gradient.
    pub fn epsilon(mut self, epsilon: f64) -> Self {
        self.epsilon = epsilon;
        self
    }

    /// Sets the share of itself that the velocity keeps at every step, 0 to below 1.
    pub fn momentum(mut self, momentum: f64) -> Self {
        self.momentum = momentum;
        self
    }

    /// Divides by the spread of the gradient around its mean in place of its size.
    pub fn centered(mut self, centered: bool) -> Self {
        self.centered = centered;
        self
    }

    /// Sets the share of every weight that is added to its gradient.
    pub fn weight_decay(mut self, decay: f64) -> Self {
        self.weight_decay = decay;
        self
    }

    pub(super) fn slots(self) -> usize {
        1 + usize::from(self.centered) + usize::from(self.momentum > 0.0)
    }

    pub(super) fn update(self, step: &mut Step<'_>) {
        let (keep, new) = (self.alpha as f32, (1.0 - self.alpha) as f32);
        let epsilon = self.epsilon as f32;
        let momentum = step.momentum.unwrap_or(self.momentum) as f32;
        let (rate, pull, centered) = (step.rate as f32, step.decay as f32, self.centered);
        let square = move |g: f32, s: f32| keep * s + new * g * g;
        let mean = move |g: f32, m: f32| m + (g - m) * new;
        let over = move |g: f32, s: f32, m: f32| g / ((s - m * m).sqrt() + epsilon);
        let (weight, gradient) = (&mut step.weight[..], step.gradient);
        match &mut step.memory[..] {
            [squares] => each(weight, gradient, [squares], move |w, g, [s]| {
                let g = g + pull * w;
                let s = square(g, s);
                (w - rate * over(g, s, 0.0), [s])
            }),
            [squares, other] if centered => {
                each(weight, gradient, [squares, other], move |w, g, [s, m]| {
                    let g = g + pull * w;
                    let (s, m) = (square(g, s), mean(g, m));
                    (w - rate * over(g, s, m), [s, m])
                });
            }
            [squares, velocity] => {
                each(
                    weight,
                    gradient,
                    [squares, velocity],
                    move |w, g, [s, v]| {
                        let g = g + pull * w;
                        let s = square(g, s);
                        let v = momentum * v + over(g, s, 0.0);
                        (w - rate * v, [s, v])
                    },
                );
            }
            [squares, means, velocity] => {
                let memory: [&mut [f32]; 3] = [squares, means, velocity];
                each(weight, gradient, memory, move |w, g, [s, m, v]| {
                    let g = g + pull * w;
                    let (s, m) = (square(g, s), mean(g, m));
                    let v = momentum * v + over(g, s, m);
                    (w - rate * v, [s, m, v])
                });
            }
            _ => {}
        }
    }

    /// The same, for all numbers of a tensor at once.
    pub(super) fn move_tensor(self, step: &mut TensorStep<'_>) -> Result<Tensor> {
        let (keep, new) = (self.alpha, 1.0 - self.alpha);
        let g = step.pulled(step.decay)?;
        let [squares, rest @ ..] = step.memory else {
            return step.unchanged();
        };
        *squares = (squares.affine(keep, 0.0)? + g.sqr()?.affine(new, 0.0)?)?;
        let (size, rest) = match rest {
            [mean, rest @ ..] if self.centered => {
                *mean = (&*mean + (&g - &*mean)?.affine(new, 0.0)?)?;
                ((&*squares - mean.sqr()?)?, rest)
            }
            rest => (squares.clone(), rest),
        };
        let mut by = (g / size.sqrt()?.affine(1.0, self.epsilon)?)?;
        if let [velocity, ..] = rest {
            let momentum = step.momentum.unwrap_or(self.momentum);
            *velocity = (velocity.affine(momentum, 0.0)? + by)?;
            by = velocity.clone();
        }
        step.weight - by.affine(step.rate, 0.0)?
    }
}

impl Default for RmsProp {
    fn default() -> Self {
        Self::new()
    }
}
